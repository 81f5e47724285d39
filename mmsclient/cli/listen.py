"""``mmsclient listen``: a receiver of postbacks as a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
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
from mmsclient.cli.reading import AsJson, Plain  # noqa: TC001 - read at run time too
from mmsclient.cli.say import errors, rows, stop
from mmsclient.cli.shown import Form, writer
from mmsclient.cli.told import event_row, failed_row, unreadable_row
from mmsclient.errors import InboxError
from mmsclient.events import Event
from mmsclient.postbacks import Postbacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mmsclient.services.base import Service

_PANEL = "Who may post"


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

    def terms(self) -> dict[str, Any]:
        """Return the parameters of the receiver; end the command where anybody could post."""
        if self.allow and self.allow_file:
            stop("give --allow or --allow-file, not both")
        guards = self.allow or self.allow_file or self.secret_env or self.basic_env
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
    terms = {**door.terms(), "path": path}
    job = _Listening(
        postbacks=_receiver(_signed(service, door), inbox, terms),
        form=Form.json if as_json else Form.lines,
        plain=plain,
        in_full=in_full,
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
        import uvicorn  # noqa: F401, PLC0415 - of an extra
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
        return Postbacks(service, inbox=inbox, **terms)
    except (TypeError, ValueError) as error:
        stop(str(error))
    except OSError as error:
        stop(f"--allow-file: cannot be read: {error.strerror or type(error).__name__}")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        stop(f"cannot listen on {host}:{port} ({error.strerror}): choose another --port")


@attrs.define(kw_only=True)
class _Listening:
    postbacks: Postbacks
    form: Form
    plain: bool
    in_full: bool
    shown: int = 0
    trouble: OSError | None = None

    async def list_failed(self) -> None:
        """Show what failed and what cannot be read."""
        with streams.honest() as file:
            write = writer(self.form, file, plain=self.plain)
            for one in await self.postbacks.failed():
                write(failed_row(one, in_full=self.in_full))
            for other in await self.postbacks.unreadable():
                write(unreadable_row(other, in_full=self.in_full))
            file.flush()
        await self.postbacks.aclose()

    async def run(self, bound: socket.socket, *, retry: bool, replay: datetime | None) -> None:
        """Take postbacks and show their events, until somebody ends it or nobody looks."""
        interrupts, ended = Interrupts(lambda _: None), asyncio.Event()
        with bound, streams.honest() as file, interrupts.heard(), interrupts.taken():
            self._show_on(writer(self.form, file, plain=self.plain), file.flush, ended)
            async with self.postbacks.running(), _served(self.postbacks.asgi, bound):
                self._introduce(bound)
                await self._again(retry=retry, replay=replay)
                with interrupts.taken():
                    await ended.wait()
        errors().print(f"stopped; {rows(self.shown)} shown")
        if self.trouble is not None:
            raise self.trouble

    def _show_on(
        self, write: Callable[[Any], None], flush: Callable[[], None], ended: asyncio.Event
    ) -> None:
        # Late reports too: what is shown is what came.
        @self.postbacks.on(Event, late=True, name="mmsclient listen")
        async def show(event: Event) -> None:
            try:
                write(event_row(event, in_full=self.in_full))
                flush()
            except OSError as error:
                self.trouble = error
                ended.set()
                raise
            self.shown += 1

    def _introduce(self, bound: socket.socket) -> None:
        host, port = bound.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        errors().print(f"listening on http://{shown}:{port}, until Ctrl-C")

    async def _again(self, *, retry: bool, replay: datetime | None) -> None:
        if retry:
            errors().print(f"{rows(await self.postbacks.retry())} again that had failed")
        if replay is not None:
            since = replay if replay.tzinfo else replay.replace(tzinfo=UTC)
            errors().print(f"{rows(await self.postbacks.replay(since))} again")


@contextlib.asynccontextmanager
async def _served(app: Any, bound: socket.socket) -> Any:
    from uvicorn import Config, Server  # noqa: PLC0415 - of an extra

    class Quiet(Server):
        """Leaves Ctrl-C to us: otherwise SIGTERM ends the process before the inbox is closed."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = Config(
        app,
        # By default uvicorn takes the sender's address from X-Forwarded-For wherever the peer is
        # on this machine; whom to believe is decided by --trusted-proxies alone.
        proxy_headers=False,
        # Paths hold the secret, queries numbers and texts.
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
