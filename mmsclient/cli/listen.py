"""``mmsclient listen``: a receiver of postbacks as a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from mmsclient.cli import streams
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.interrupt import Interrupts
from mmsclient.cli.printer import Printer
from mmsclient.cli.reading import AsJson, Plain  # noqa: TC001 - read at run time too
from mmsclient.cli.say import errors, rows, stop
from mmsclient.cli.shown import Form, writer
from mmsclient.cli.told import event_row, failed_row, unreadable_row
from mmsclient.errors import InboxError
from mmsclient.events import Event
from mmsclient.postbacks import Postbacks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.services.base import Service

_PANEL = "Who may post"

#: Seconds for a row to be shown: whoever reads the rows may pause for as long as they like.
_PAUSE = 1e9


def _option(*names: str, text: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=_PANEL)


@attrs.frozen(kw_only=True)
class Door:
    """The options that say who may post. All that are given must be right."""

    allow: Annotated[
        list[str] | None,
        _option("--allow", text="A network that may post; repeatable.", metavar="NET"),
    ] = None
    allow_file: Annotated[
        Path | None,
        _option("--allow-file", text="File with one a line, watched; in place of --allow."),
    ] = None
    trusted_proxies: Annotated[
        list[str] | None,
        _option(
            "--trusted-proxies",
            text="How many proxies stand before this, or their networks; repeatable. [0]",
            metavar="N|NET",
        ),
    ] = None
    secret_env: Annotated[
        str | None,
        _option(
            "--secret-env", text="Variable that holds the last part of the path.", metavar="NAME"
        ),
    ] = None
    basic_env: Annotated[
        str | None,
        _option("--basic-env", text="Variable that holds user:password.", metavar="NAME"),
    ] = None
    signature: Annotated[
        bool, _option("--signature", text="Insist on signatures, where the service has them.")
    ] = False

    def terms(self, *, closed: bool = False) -> dict[str, Any]:
        """Return the parameters of the receiver; end the command where anybody could post.

        *closed*: it takes no posts, so that nobody has to be kept out.
        """
        if self.allow and self.allow_file:
            stop("give --allow or --allow-file, not both")
        guards = self.allow or self.allow_file or self.secret_env or self.basic_env
        if closed and not guards:
            return {"allow": ["127.0.0.1"]}
        if not (guards or self.signature):
            stop("anybody could post: give --allow NET, or --secret-env or --basic-env")
        basic = None if self.basic_env is None else _variable("--basic-env", self.basic_env)
        secret = None if self.secret_env is None else _variable("--secret-env", self.secret_env)
        return {
            "allow": self.allow or self.allow_file,
            "trusted_proxies": _proxies(self.trusted_proxies or []),
            "secret": secret,
            "basic": None if basic is None else tuple(basic.partition(":")[::2]),
        }


def _variable(option: str, name: str) -> str:
    """Return what a variable holds: arguments are seen by everybody on the machine."""
    value = os.environ.get(name)
    if not value:
        stop(f"{option}: the variable {name} is not set")
    return value


def _proxies(given: list[str]) -> int | list[str]:
    counts = [one for one in given if one.isdecimal()]
    if counts and len(given) > 1:
        stop("--trusted-proxies: give one number, or networks")
    return int(counts[0]) if counts else given or 0


Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]
Place = Annotated[str, typer.Option("--path", help="The path, without the secret.")]
File = Annotated[Path, typer.Option("--inbox", help="The file that postbacks are kept in.")]
InFull = Annotated[
    bool, typer.Option("--in-full", help="Show numbers and texts too. They are private.")
]
Failed = Annotated[bool, typer.Option("--failed", help="List what failed or is unreadable; end.")]
Retry = Annotated[bool, typer.Option("--retry", help="Show again first what had failed.")]
Replay = Annotated[
    datetime | None, typer.Option("--replay", help="Show again first all since then, in UTC.")
]


def listen(
    context: typer.Context,
    account: Account,
    door: Door,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8025,
    path: Place = "/postbacks",
    inbox: File = Path("postbacks.db"),
    as_json: AsJson = False,
    plain: Plain = False,
    in_full: InFull = False,
    failed: Failed = False,
    retry: Retry = False,
    replay: Replay = None,
) -> None:
    """Take the postbacks of one service, and show the events in them, until Ctrl-C.

    Each is kept in the inbox before it is answered, shown once, and shown again only where this
    program died in the midst of it. Behind a proxy give --trusted-proxies.

    Exit codes: 0 ended, 1 the inbox cannot be used, 2 usage, 70 a defect of mmsclient.
    """
    _needed()
    service = account.over(context.obj).offered(offline=True)
    terms = {**door.terms(closed=failed), "path": path}
    job = _Listening(
        postbacks=_receiver(_signed(service, door), inbox, terms),
        form=Form.json if as_json else Form.lines,
        plain=plain,
        in_full=in_full,
        place=path if door.secret_env is None else f"{path.rstrip('/')}/${door.secret_env}",
    )
    try:
        if failed:
            asyncio.run(job.list_failed())
        else:
            asyncio.run(job.run(_bound(host, port), retry=retry, replay=replay))
    except InboxError as error:
        stop(str(error), 1)
    except OSError as error:
        stop(f"cannot go on: {error.strerror or type(error).__name__}", 1)


def _needed() -> None:
    try:
        import mmsclient.cli.serving  # noqa: F401, PLC0415 - of an extra
    except ModuleNotFoundError:
        stop("listening is an extra: pip install 'mmsclient[cli,listen]'")


def _signed(service: Service, door: Door) -> Service:
    if not door.signature:
        return service
    if not hasattr(service, "check_signature"):
        stop(f"--signature: {service.name} does not sign what it posts")
    try:
        signed: Service = attrs.evolve(service, check_signature=True)  # type: ignore[misc]  # a value of ours
    except ValueError as error:
        stop(f"--signature: {error}")
    return signed


def _receiver(service: Service, inbox: Path, terms: Mapping[str, Any]) -> Postbacks:
    try:
        return Postbacks(service, inbox=inbox, timeout=_PAUSE, **terms)
    except (TypeError, ValueError) as error:
        stop(str(error))
    except OSError as error:
        stop(f"--allow-file: cannot be read: {error.strerror or type(error).__name__}")


def _bound(host: str, port: int) -> socket.socket:
    from mmsclient.cli.serving import BACKLOG  # noqa: PLC0415 - of an extra

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        stop(f"cannot listen on {host}:{port} ({error.strerror}): choose another --port")


class _Notes(logging.Handler):
    """Shows warnings of the library, such as what was turned away: its lines hold nothing private."""

    def emit(self, record: logging.LogRecord) -> None:
        errors().print(f"  {record.getMessage()}", style="yellow")


@contextlib.contextmanager
def _told_of_refusals() -> Iterator[None]:
    notes, log = _Notes(logging.WARNING), logging.getLogger("mmsclient")
    log.addHandler(notes)
    try:
        yield
    finally:
        log.removeHandler(notes)


@attrs.define(kw_only=True)
class _Listening:
    postbacks: Postbacks
    form: Form
    plain: bool
    in_full: bool
    place: str
    """The path to post to, with the name of the variable that holds the secret."""
    shown: int = 0
    trouble: OSError | None = None

    async def list_failed(self) -> None:
        """Show what failed and what cannot be read."""
        try:
            counts = await self.postbacks.counts()
            with streams.honest() as file:
                write = writer(self.form, file, plain=self.plain)
                for one in await self.postbacks.failed(most=counts["failed"] or 1):
                    write(failed_row(one, in_full=self.in_full))
                for other in await self.postbacks.unreadable(most=counts["unreadable"] or 1):
                    write(unreadable_row(other, in_full=self.in_full))
                file.flush()
        finally:
            await self.postbacks.aclose()

    async def run(self, bound: socket.socket, *, retry: bool, replay: datetime | None) -> None:
        """Take postbacks and show their events, until somebody ends it or nobody looks."""
        from mmsclient.cli.serving import served  # noqa: PLC0415 - of an extra

        interrupts, ended = Interrupts(lambda _: None), asyncio.Event()
        with (
            bound,
            streams.honest() as file,
            interrupts.heard(),
            interrupts.taken(),
            _told_of_refusals(),
            Printer(file) as printer,
        ):
            self._show_on(printer, ended)
            async with self.postbacks.running(), served(self.postbacks.asgi, bound):
                self._introduce(bound)
                await self._again(retry=retry, replay=replay)
                await ended.wait()
        errors().print(f"stopped; {rows(self.shown)} shown")
        if self.trouble is not None:
            raise self.trouble

    def _show_on(self, printer: Printer, ended: asyncio.Event) -> None:
        page = io.StringIO()
        write = writer(self.form, page, plain=self.plain)

        # Late reports too: what is shown is what came.
        @self.postbacks.on(Event, late=True, name="mmsclient listen")
        async def show(event: Event) -> None:
            page.seek(page.truncate(0))
            write(event_row(event, in_full=self.in_full))
            try:
                await printer.print(page.getvalue())
            except OSError as error:
                self.trouble = error
                ended.set()
                raise
            self.shown += 1

    def _introduce(self, bound: socket.socket) -> None:
        host, port = bound.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        errors().print(f"listening on http://{shown}:{port}{self.place}, until Ctrl-C")

    async def _again(self, *, retry: bool, replay: datetime | None) -> None:
        if retry:
            errors().print(f"{rows(await self.postbacks.retry())} again that had failed")
        if replay is not None:
            since = replay if replay.tzinfo else replay.replace(tzinfo=UTC)
            errors().print(f"{rows(await self.postbacks.replay(since))} again")
