from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator


def sms(number: str, *more: str) -> list[str]:
    return ["send", "--to", number, "--from", "70707", "--text", "Hi", *more]


def test_an_accepted_message_prints_its_id_and_nothing_else_on_stdout(
    shell: Any, account: Simulator
) -> None:
    result = shell.run(*sms("+1 (202) 555-0143"))
    assert result.exit_code == 0
    (delivery,) = account.received("12025550143")
    assert result.stdout == f"{delivery.tracking_id}\n"
    assert "…43" in result.stderr


def test_an_mms_is_made_of_options(shell: Any, account: Simulator) -> None:
    result = shell.run(
        *("send", "--to", "12025550143", "--from", "70707", "--subject", "S", "--name", "n"),
        *("--image", "https://media.example.net/1.png", "--slide-text", "Hi"),
        *("--fallback-text", "F", "--reference", "r-1"),
    )
    assert result.exit_code == 0
    (delivery,) = account.received("12025550143")
    assert (delivery.sent_as, delivery.subject, delivery.reference) == ("mms", "S", "r-1")
    assert delivery.texts == ("Hi",)


def test_slides_come_from_a_json_file(shell: Any, account: Simulator) -> None:
    picture = {"url": "https://media.example.net/1.png", "size": 5000}
    slides = [{"image": picture, "text": "a"}, {"text": "b", "duration": 5}]
    Path("slides.json").write_text(json.dumps(slides), encoding="utf-8")
    result = shell.run(
        *("send", "--to", "12025550143", "--from", "70707", "--subject", "S", "--name", "n"),
        *("--slides", "slides.json"),
    )
    assert result.exit_code == 0
    (delivery,) = account.received("12025550143")
    assert delivery.texts == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("{}", "must hold a list of slides"),
        ('[{"picture": "x"}]', "slide 1: unknown: picture"),
    ],
)
def test_a_wrong_file_of_slides_is_explained(
    shell: Any, account: Simulator, text: str, said: str
) -> None:
    Path("slides.json").write_text(text, encoding="utf-8")
    result = shell.run("send", "--to", "12025550143", "--slides", "slides.json")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not account.calls


def test_a_template_is_sent_with_texts_and_merge_tags(shell: Any, account: Simulator) -> None:
    import mmsclient as mms

    async def save() -> str:
        service = account.skycore()
        async with mms.Client(service) as client:
            slide = mms.Slide(text="Hello {$first_name|friend}")
            saved = await client.call(service.save_mms(name="n", subject="S", slides=[slide]))
            return str(saved.id)

    import asyncio

    template = asyncio.run(save())
    result = shell.run(
        *("send", "--to", "12025550143", "--from", "70707", "--template", template),
        *("--data", "first_name=Noor"),
    )
    assert result.exit_code == 0, result.output
    (delivery,) = account.received("12025550143")
    assert delivery.texts == ("Hello Noor",)
    assert ", content " in result.stderr
    assert "template" not in result.stderr, "it is not the id that --template takes"


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("12025550193", 1, "E114"),
        ("12025550191", 3, "it may have been sent"),
        ("12025550187", 3, "it may have been sent"),
        ("0012025550143", 1, "leave the 00 out"),
        ("12025550192", 0, "accepted"),
    ],
)
def test_the_exit_code_says_what_became_of_it(
    shell: Any, account: Simulator, number: str, code: int, said: str
) -> None:
    result = shell.run(*sms(number))
    assert result.exit_code == code
    assert said in result.stderr
    assert bool(result.stdout) is (code == 0)


def test_a_wrong_key_says_what_to_check(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong-key-itself")
    result = shell.run(*sms("12025550143"))
    assert result.exit_code == 1
    assert "check the key" in result.stderr
    assert "wrong-key-itself" not in result.output


def test_no_connection_is_certainly_not_sent(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = shell.run(*sms("12025550143"), "--url", "http://127.0.0.1:1/", "--timeout", "0.3")
    assert result.exit_code == 1
    assert "nothing left this machine" in result.stderr


def test_a_fault_names_the_option_that_mends_it(shell: Any, account: Simulator) -> None:
    arguments = ["--to", "12025550143", "--from", "7", "--slide-text", "Hi", "--subject", "S"]
    result = shell.run("send", *arguments)
    assert result.exit_code == 1
    assert "name: is missing; it is mandatory (--name)" in result.stderr
    assert "(--from)" in result.stderr


@pytest.mark.parametrize(
    "more",
    [
        ["--subject", "S"],
        ["--data", "first_name=Noor"],
        ["--data", "first_name"],
        ["--text-slide", "x=y"],
        ["--field", "nonsense=1"],
    ],
)
def test_options_that_do_not_fit_are_usage_errors(
    shell: Any, account: Simulator, more: list[str]
) -> None:
    assert shell.run(*sms("12025550143"), *more).exit_code == 2
    assert not account.calls


def test_any_other_field_can_be_given(shell: Any, account: Simulator) -> None:
    result = shell.run(*sms("642111111"), "--field", "from_mask=Bakery")
    assert result.exit_code == 0
    assert account.received("642111111")[0].shown_as == "Bakery"


def test_what_the_service_says_of_a_number_is_shown_masked(shell: Any, account: Simulator) -> None:
    from mmsclient.cli.say import explained
    from mmsclient.errors import RefusedError

    said = explained(RefusedError("no", description="12025550143 is \x1b[31mbad"))
    assert said == ["no", "the service says: …43 is  [31mbad"]


def test_what_the_service_says_of_an_account_is_not_shown() -> None:
    from mmsclient.cli.say import explained
    from mmsclient.errors import AuthenticationError

    assert not any(
        "secret" in line for line in explained(AuthenticationError(description="secret"))
    )


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent there")
def test_ctrl_c_after_it_left_is_reported_as_not_known(shell: Any, account: Simulator) -> None:
    account.faults.add(Fault(kind="stall", seconds=60))
    process = shell.start(*sms("12025550143"))
    until = time.monotonic() + 10
    while not account.calls:
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    code, shown, complained = shell.end(process)
    assert (code, shown) == (3, "")
    assert "it may have been sent" in complained
