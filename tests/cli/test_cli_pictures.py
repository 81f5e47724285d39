from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient import gathering
from mmsclient.cli import fields, given
from mmsclient.messages import File, Mms, Slide

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

TO = "61491570156"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def picture(content: bytes = PNG) -> str:
    Path("menu.png").write_bytes(content)
    return "menu.png"


def mms(*more: str) -> list[str]:
    return ["send", "--to", TO, "--from", "70707", "--slide-text", "Hi", "--image", *more]


def test_a_file_travels_inside_the_call_where_the_service_takes_files(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    sim = use("cellcast")
    result = shell.run(*mms(picture()))
    assert result.exit_code == 0, result.output
    (delivery,) = sim.received(TO)
    assert (delivery.sent_as, delivery.texts) == ("mms", ("Hi",))


def test_a_bulk_send_can_share_a_file(
    shell: Any, use: Callable[[str], Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LINGER", 60.0)
    sim = use("cellcast")
    Path("list.csv").write_text(f"to\n{TO}\n61491570157\n", encoding="utf-8")
    result = shell.run("bulk", "list.csv", "--image", picture(), "--slide-text", "Hi")
    assert result.exit_code == 0, result.output
    assert [call.action for call in sim.calls] == ["send-mms"]
    assert len(sim.deliveries) == 2


def test_a_service_that_takes_addresses_only_refuses_a_file(shell: Any, account: Simulator) -> None:
    result = shell.run(*mms(picture(), "--subject", "S", "--name", "n"))
    assert result.exit_code == 1
    assert "give an address (--image)" in result.stderr
    assert not account.calls


def test_a_file_that_is_no_picture_is_refused_by_its_option(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    sim = use("cellcast")
    result = shell.run(*mms(picture(b"words")))
    assert result.exit_code == 1
    assert "(--image)" in result.stderr
    assert not sim.calls


@pytest.mark.parametrize("named", ["missing.png", ".", "media.example.net/1.png"])
def test_a_file_that_cannot_be_read_is_a_usage_error(
    shell: Any, account: Simulator, named: str
) -> None:
    result = shell.run(*mms(named))
    assert result.exit_code == 2
    assert f"--image: cannot read {named}" in result.stderr
    assert "or an address with https://" in result.stderr


def test_a_huge_file_is_not_read_whole(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "LARGEST", 10)
    result = shell.run(*mms(picture()))
    assert result.exit_code == 2
    assert "is larger than 10 bytes" in result.stderr


def test_a_file_alone_is_something_to_check(shell: Any) -> None:
    result = shell.run("--service", "cellcast", "check", "--image", picture())
    assert result.exit_code == 1
    assert "to: " in result.stdout


def test_the_shared_picture_is_that_of_the_first_slide_unless_a_row_has_one() -> None:
    shared, own = File(PNG, "menu.png"), "https://media.example.net/1.png"
    made = fields.message({"to": TO, "slide_text": "a", "slide_text.2": "b"}, (), shared)
    assert isinstance(made, Mms)
    assert made.slides == (Slide(image=shared, text="a"), Slide(text="b"))
    made = fields.message({"to": TO, "image": own}, (), shared)
    assert isinstance(made, Mms)
    assert made.slides == (Slide(image=own),)
