"""``mmsclient simulate``: the pretend service as a program of its own."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from mmsclient.cli.account import SIMULATED
from mmsclient.cli.kinds import KEY, SECRET
from mmsclient.cli.say import out, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.simulator import Simulator


#: What to try with each, the default last: who copies all lines ends with it.
_USES = {
    "transmitsms": (
        "mmsclient send --to 61491570156 --text 'Hello'",
        "mmsclient pages get_user_sms_responses",
    ),
    "cellcast": (
        "mmsclient send --to 61491570156 --text 'Hello'",
        "mmsclient balance",
    ),
    "skycore": ("mmsclient send --to 12025550143 --from 70707 --text 'Hello'",),
}


#: Last four digits of 555-01xx -> what a message to such a number meets.
TROUBLE: Mapping[str, str] = {
    "0184": "accepted, never arrives",
    "0185": "refused for rate once, HTTP 429",
    "0186": "HTTP 500, not taken",
    "0187": "taken, but the answer is a page of HTML",
    "0188": "taken, but answered after two minutes only",
    "0189": "connection reset, not taken",
    "0190": "refused: no valid number",
    "0191": "taken, but the connection is reset: unknown",
    "0192": "look-up of the carrier fails once",
    "0193": "refused: blacklisted",
    "0194": "arrives as SMS with a link",
    "0195": "accepted, and stuck for three days",
    "0196": "internal error, not taken",
    "0197": "refused: carrier not provisioned",
    "0198": "refused: operator not supported",
    "0199": "refused for rate once, by a code",
}

# A key that begins so goes to no real service: see account.py.
_FIXED = re.compile(rf"{SIMULATED}[A-Za-z0-9_-]{{4,}}")


class Rule(StrEnum):
    """How calls are counted."""

    sliding = "sliding"
    fixed = "fixed"
    bucket = "bucket"


Host = Annotated[str, typer.Option("--host", help="A loopback address; nothing else is allowed.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]
Calls = Annotated[
    float | None, typer.Option("--rate", help="Calls permitted a second; 0: no limit. [15]")
]
Counting = Annotated[Rule, typer.Option("--rule", help="How the service counts calls.")]
FixedKey = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="sim-…",
        help="Key of the pretend account, the same at each start; the secret is the key and"
        " -secret. [a new one]",
    ),
]
Postbacks = Annotated[
    str | None,
    typer.Option(
        "--postback-url",
        help="Where the services post reports and replies; on this machine only. [nowhere]",
    ),
]


def simulate(
    context: typer.Context,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    rate: Calls = None,
    rule: Counting = Rule.sliding,
    key: FixedKey = None,
    postback_url: Postbacks = None,
) -> None:
    """Run a strict pretend service until Ctrl-C, to try everything without an account.

    In a browser it shows the phones: what they received, and what went over the wire for it. The
    numbers that bring trouble are listed when it starts.
    """
    needed()
    _loopback(host)
    _here(postback_url)
    permitted = _permitted(context, rate)
    if key is not None and not _FIXED.fullmatch(key):
        stop(f"--key must begin with {SIMULATED}, then four letters or digits at least")
    try:
        asyncio.run(
            _serve(
                host=host,
                port=port,
                rate=permitted,
                rule=rule.value,
                key=key,
                postback_url=postback_url,
            )
        )
    except KeyboardInterrupt:
        out().print("stopped")
    except OSError as error:
        stop(f"cannot listen on {host}:{port} ({error.strerror}): choose another --port")
    except ValueError as error:
        stop(str(error))


def needed() -> None:
    """End the command with one clear line where the simulator's extra is not installed."""
    try:
        for package in ("starlette", "uvicorn"):
            importlib.import_module(package)
    except ModuleNotFoundError:
        stop("the simulator is an extra: pip install 'mmsclient[simulator]'")


def _loopback(host: str) -> None:
    # It takes any message from anybody, so it is for this machine alone.
    try:
        inside = host == "localhost" or ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        stop("--host must be a loopback address of IPv4, such as 127.0.0.1")


def _here(postback_url: str | None) -> None:
    from mmsclient.simulator.postbacks import allowed  # noqa: PLC0415 - needs the extra

    if postback_url is not None and not allowed(postback_url):
        stop("--postback-url must be an address of this machine, such as http://127.0.0.1:8000/in")


def _permitted(context: typer.Context, rate: float | None) -> float | None:
    asked = context.obj.rate if rate is None else rate
    return 15 if asked is None else asked or None


async def _serve(*, key: str | None, **options: Any) -> None:
    from mmsclient.simulator import Account, Simulator  # noqa: PLC0415 - needs the extra

    accounts = [] if key is None else [Account(key=key, secret=f"{key}-secret")]
    async with Simulator(accounts=accounts, **options) as sim:
        _introduce(sim)
        await sim.serve_forever()


def _introduce(sim: Simulator) -> None:
    console = out()
    pace = (
        "no limit on calls"
        if sim.rate is None
        else f"{sim.rate.calls} calls per {sim.rate.per:g} s"
    )
    console.print(Text(f"Three pretend services on one account ({pace}):", style="bold"))
    console.print(f"In a browser, the phones: {sim.page_url}")
    console.print("In another terminal, for one of them:")
    for name in _USES:
        console.print(Text(f"\n  # {name}", style="bold"))
        for line in _use(sim, name):
            console.print(f"  {line}")
    console.print("\nNumbers that end so bring trouble, all others simply work:")
    for end, what in TROUBLE.items():
        console.print(f"  555-{end}  {what}")
    console.print("\nCtrl-C ends it.")
    console.file.flush()


def _use(sim: Simulator, name: str) -> Iterator[str]:
    """Return lines for a shell that use the pretend *name*."""
    account = sim.accounts[0]
    yield f"export MMSCLIENT_SERVICE={name}"
    yield f"export MMSCLIENT_URL={sim.urls[name]}"
    yield f"export {KEY}={account.key}"
    if name == "transmitsms":
        yield f"export {SECRET}={account.secret}"
    yield from _USES[name]
