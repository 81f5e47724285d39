"""What is said to people, and how: consoles, masked numbers, durations, errors with their fix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console

from mmsclient.errors import (
    AuthenticationError,
    CallError,
    ConnectionFailedError,
    InsufficientCreditError,
    InvalidMessageError,
    MMSClientError,
    QuotaExceededError,
    ThrottledError,
)

if TYPE_CHECKING:
    from datetime import datetime

#: Columns where there is no terminal to ask.
WIDTH = 110

#: Exit codes.
DONE, REFUSED, USAGE, UNKNOWN, BROKEN, INTERRUPTED = 0, 1, 2, 3, 70, 130

_MAY = "it may have been sent: look for its delivery report before you send it again"

_AGAIN = "try again later: it may work then"

#: What to do about an error; the first row that fits counts.
_FIXES: tuple[tuple[type[MMSClientError], str], ...] = (
    (
        AuthenticationError,
        "check the key, all that belongs to it, the account's API rights and its allowed addresses",
    ),
    (ThrottledError, "other programs may use the account: try again later, or a lower --rate"),
    (QuotaExceededError, "wait until the service renews the allowance, or ask for a larger one"),
    (InsufficientCreditError, "settle the account with the service"),
    (ConnectionFailedError, "nothing left this machine: check the network and the url"),
)

_LONG_DIGITS = re.compile(r"\+?\d{7,}")


def out(*, plain: bool = False) -> Console:
    """Return the console of results. *plain*: as if there were no terminal."""
    return _console(plain=plain, stderr=False)


def errors(*, plain: bool = False) -> Console:
    """Return the console of errors, notes and progress. *plain*: as if there were no terminal."""
    return _console(plain=plain, stderr=True)


def _console(*, plain: bool, stderr: bool) -> Console:
    # No markup, no highlighting: a fault such as slides[2] is shown as it is written.
    console = Console(
        stderr=stderr,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        force_terminal=False if plain else None,
    )
    if not console.is_terminal:
        console.width = WIDTH
    return console


def stop(text: str, code: int = USAGE) -> NoReturn:
    """Say why the command ends, and end it."""
    errors().print(f"error: {text}", style="red")
    raise typer.Exit(code)


def masked(number: str) -> str:
    """Return a number as it may be shown: its last two digits."""
    digits = re.sub(r"\D", "", number)
    return f"…{digits[-2:]}" if len(digits) > 4 else "…"


def explained(error: MMSClientError, *, sent: bool = True) -> list[str]:
    """Return the lines that tell a person what went wrong and what to do about it.

    *sent*: it was about a message, not about a listing.
    """
    if isinstance(error, InvalidMessageError):
        return [str(fault) for fault in error.faults]
    lines = [str(error)]
    if told := description(error):
        lines.append(f"the service says: {_LONG_DIGITS.sub(lambda it: masked(it[0]), told)}")
    fix = _fix(error) if not error.may_have_happened else _MAY if sent else _AGAIN
    return [*lines, fix] if fix else lines


def description(error: MMSClientError) -> str:
    """Return the service's own words on a message; those on an account could echo its key."""
    if not isinstance(error, CallError) or error.concerns != "message":
        return ""
    told = error.description or ""
    return "".join(sign if sign.isprintable() else " " for sign in told)[:300].strip()


def _fix(error: MMSClientError) -> str:
    return next((fix for kind, fix in _FIXES if isinstance(error, kind)), "")


def lasting(seconds: float) -> str:
    """Return a duration as people say it: ``21.3 s``, ``5 min 30 s``, ``18 h 31 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def clock(when: datetime) -> str:
    """Return a moment of these days by the clock of this machine: ``1 Dec 16:42``."""
    here = when.astimezone()
    return f"{here.day} {here:%b %H:%M}"


def rows(count: int) -> str:
    """Return ``1 row`` or ``1,000 rows``."""
    return "1 row" if count == 1 else f"{count:,} rows"
