from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from mmsclient.cli.account import Account
from mmsclient.cli.kinds import SERVICES
from mmsclient.services.cellcast import Cellcast
from mmsclient.services.skycore import Skycore
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

TO, T, S = "61491570156", "t", "b"


def config(text: str) -> None:
    path = Path.home() / ".config" / "mmsclient.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def environment(patch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        patch.setenv(f"MMSCLIENT_{name.upper()}", value)


@pytest.mark.parametrize("kind", SERVICES.values(), ids=SERVICES)
def test_what_the_table_names_is_there(kind: Any) -> None:
    service = kind.make(**{next(iter(kind.keys)): "k"})
    for name in (*kind.credentials, *kind.settings):
        assert hasattr(service, name)
    assert kind.balance is None or callable(getattr(service, kind.balance))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[skycore]\napi_key = "a"\n', Skycore(api_key="a")),
        (
            '[transmitsms]\napi_key = "a"\napi_secret = "b"\nformat = "xml"\nrate = 5\n',
            TransmitSMS(api_key="a", api_secret=S, format="xml", rate=Rate(5)),
        ),
        (
            '[cellcast]\napp_key = "a"\nsecret = "b"\ntimezone = "UTC"\n',
            Cellcast(app_key="a", secret=S, timezone="UTC"),
        ),
        ('[cellcast]\ntoken = "t"\n', Cellcast(token=T)),
        ("", None),
        ('[cellcast]\nrate = 5\n[skycore]\napi_key = "a"\n', Skycore(api_key="a")),
        ('[cellcast]\napp_key = "a"\n[skycore]\napi_key = "b"\n', Skycore(api_key="b")),
        (
            'service = "cellcast"\n[cellcast]\napp_key = "a"\n[skycore]\napi_key = "b"\n',
            Cellcast(app_key="a"),
        ),
    ],
)
def test_the_one_service_with_a_key_is_meant_else_skycore(text: str, expected: Any) -> None:
    config(text)
    if expected is None:
        with pytest.raises(typer.Exit):
            Account().offered()
    else:
        assert Account().offered() == expected


def test_two_services_with_keys_need_a_choice(shell: Any) -> None:
    config('[cellcast]\napp_key = "a"\n[transmitsms]\napi_key = "b"\n')
    result = shell.run("balance")
    assert result.exit_code == 2
    assert "keys of cellcast, transmitsms: choose one with --service" in result.stderr
    assert isinstance(Account(service="cellcast").offered(), Cellcast)


@pytest.mark.parametrize(
    ("service", "variables", "expected"),
    [
        (None, {"api_key": "a"}, Skycore(api_key="a")),
        (
            "transmitsms",
            {"api_key": "a", "api_secret": "b"},
            TransmitSMS(api_key="a", api_secret=S),
        ),
        (
            "transmitsms",
            {"api_key": "a", "api_secret": "b", "token": "t"},
            TransmitSMS(api_key="a", api_secret=S),
        ),
        ("cellcast", {"api_key": "a"}, Cellcast(app_key="a")),
        ("cellcast", {"api_key": "a", "api_secret": "b"}, Cellcast(app_key="a", secret=S)),
        (None, {"token": "t"}, Cellcast(token=T)),
        ("cellcast", {"token": "t", "api_secret": "b"}, Cellcast(token=T)),
        (None, {"service": "cellcast", "api_key": "a"}, Cellcast(app_key="a")),
        (
            "cellcast",
            {"token": "t", "url": "https://one.example.net/"},
            Cellcast(token=T, url="https://one.example.net/"),
        ),
    ],
)
def test_variables_carry_the_keys_of_the_service_in_use(
    monkeypatch: pytest.MonkeyPatch,
    service: str | None,
    variables: dict[str, str],
    expected: Any,
) -> None:
    environment(monkeypatch, **variables)
    assert Account(service=service).offered() == expected


def test_a_bare_key_never_goes_to_another_vendor_for_want_of_a_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config('[cellcast]\napp_key = "a"\n')
    environment(monkeypatch, api_key="of-skycore")
    assert Account().offered() == Skycore(api_key="of-skycore")


def test_where_the_environment_names_its_service_it_speaks_of_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(monkeypatch, service="skycore", api_key="a", url="https://one.example.net/")
    with pytest.raises(typer.Exit):
        Account(service="cellcast").offered()
    said = capsys.readouterr().err
    assert "no app_key or token for cellcast" in said
    assert "the environment has is for skycore, as MMSCLIENT_SERVICE says" in said
    config('[cellcast]\napp_key = "b"\n')
    assert Account(service="cellcast").offered() == Cellcast(app_key="b")


def test_a_token_in_the_environment_takes_the_place_of_a_key_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config('[cellcast]\napp_key = "a"\n')
    environment(monkeypatch, token=T)
    assert Account().offered() == Cellcast(token=T)


@pytest.mark.parametrize(
    ("text", "variables", "said"),
    [
        ("", {"service": "cellcast"}, "set MMSCLIENT_API_KEY (app_key) or MMSCLIENT_TOKEN (token)"),
        ("", {"service": "transmitsms"}, "set MMSCLIENT_API_KEY in the environment, or api_key"),
        ("", {"service": "skycore", "token": "t"}, "MMSCLIENT_TOKEN is for cellcast"),
        ("", {"service": "cellcast", "api_key": "a", "token": "t"}, "are both set"),
        ('[cellcast]\napp_key = "a"\ntoken = "b"\n', {}, "[cellcast] has app_key and token"),
        ('[cellcast]\napi_key = "a"\n', {"service": "cellcast"}, "it has app_key, token, secret"),
        (
            '[transmitsms]\napi_key = "a"\napi_secret = "b"\nformat = "csv"\n',
            {},
            "format must be 'json' or 'xml'",
        ),
        ('[transmitsms]\napi_key = "a"\n', {}, "set MMSCLIENT_API_SECRET, or api_secret under"),
        ('[transmitsms]\napi_key = "a"\napi_secret = 7\n', {}, "api_secret has the wrong type"),
    ],
)
def test_what_is_missing_or_too_much_is_told_with_its_fix(
    shell: Any,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    variables: dict[str, str],
    said: str,
) -> None:
    config(text)
    environment(monkeypatch, **variables)
    result = shell.run("pages", "inbox")
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_may_name_a_service_only_by_its_name(shell: Any) -> None:
    config('service = ["skycore"]\n')
    result = shell.run("balance")
    assert result.exit_code == 2
    assert "choose one of skycore, transmitsms, cellcast" in result.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_one_command_line_sends_through_every_service(
    shell: Any, use: Callable[[str], Simulator], service: str
) -> None:
    sim = use(service)
    result = shell.run("send", "--to", TO, "--from", "70707", "--text", "Hi")
    assert result.exit_code == 0, result.output
    (delivery,) = sim.received(TO)
    assert delivery.service == service
    assert "…56" in result.stderr


@pytest.mark.parametrize("service", ["transmitsms", "cellcast"])
def test_a_sender_may_be_left_out_where_the_service_has_one(
    shell: Any, use: Callable[[str], Simulator], service: str
) -> None:
    use(service)
    assert shell.run("send", "--to", TO, "--text", "Hi").exit_code == 0


def test_the_bearer_api_is_used_with_a_token(
    shell: Any, use: Callable[[str], Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = use("cellcast")
    monkeypatch.setenv("MMSCLIENT_TOKEN", sim.accounts[0].key)
    monkeypatch.delenv("MMSCLIENT_API_KEY")
    assert shell.run("send", "--to", TO, "--text", "Hi").exit_code == 0
    assert [call.action for call in sim.calls] == ["gateway"]


def test_what_a_service_does_not_take_is_refused(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    sim = use("transmitsms")
    result = shell.run("send", "--to", TO, "--image", "https://media.example.net/1.png")
    assert result.exit_code == 1
    assert "transmitsms does not offer MMS" in result.stderr
    assert not sim.calls
