"""Where a cell is measured: a fresh process on one core, its server in another on another."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from multiprocessing.synchronize import Barrier
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from benchmarks.frame.benchmark import Cell, Figures, Found, load
from benchmarks.frame.loopback import guard

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    Pipe: TypeAlias = Connection[Any, Any]

T = TypeVar("T")

#: Opens a server: yields its address, and a function that reports what it has seen.
Service: TypeAlias = Callable[..., AbstractAsyncContextManager[tuple[str, Callable[[], Figures]]]]

#: Starting takes a second or two; whoever waits this long is stuck.
PATIENCE = 120.0

_SPAWN = multiprocessing.get_context("spawn")


def cores() -> tuple[int, ...]:
    """Return the cores this process may use; none where the system does not tell."""
    return tuple(sorted(os.sched_getaffinity(0))) if sys.platform == "linux" else ()


def _pin(core: Sequence[int]) -> None:
    if sys.platform == "linux" and core:
        os.sched_setaffinity(0, core)


@attrs.frozen
class Server:
    """A server in another process."""

    url: str
    _pipe: Pipe

    def report(self) -> Figures:
        """Return what it has seen so far."""
        self._pipe.send("report")
        seen: Figures = self._pipe.recv()
        return seen


@attrs.frozen(kw_only=True)
class Bench:
    """What a measurement gets to work with."""

    quick: bool
    _cores: tuple[int, ...] = ()
    _line: Barrier | None = None

    def pick(self, *, quick: T, normal: T) -> T:
        """Return what fits the mode."""
        return quick if self.quick else normal

    def settle(self) -> None:
        """Move to the first core."""
        _pin(self._cores[:1])

    def give_up(self) -> None:
        """Let nobody wait for this cell."""
        if self._line is not None:
            self._line.abort()

    async def start_together(self) -> None:
        """Wait for the cells that are measured at the same time: their start costs CPU."""
        if self._line is not None:
            await asyncio.to_thread(self._line.wait)

    @contextmanager
    def serving(self, service: Service, **options: Any) -> Iterator[Server]:
        """Run *service*, a function of a module, in a process on the last core."""
        here, there = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(there, self._cores[-1:], service, options))
        process.start()
        there.close()
        try:
            yield Server(here.recv(), here)
        finally:
            here.close()
            process.join(PATIENCE)


def _serve(pipe: Pipe, core: Sequence[int], service: Service, options: Mapping[str, Any]) -> None:
    guard()
    _pin(core)

    async def main() -> None:
        async with service(**options) as (url, report):
            pipe.send(url)
            with contextlib.suppress(EOFError, ConnectionResetError):
                while await asyncio.to_thread(pipe.recv):
                    pipe.send(report())

    asyncio.run(main())


def measure(name: str, some: Sequence[Cell], *, quick: bool) -> list[Found]:
    """Measure *some* cells of one benchmark at the same time, each in a fresh process."""
    line = _SPAWN.Barrier(len(some), timeout=PATIENCE)
    bench = Bench(quick=quick, cores=cores() if load(name).pinned else (), line=line)
    running = [_started(bench, name, cell) for cell in some]
    try:
        return [_found(*one) for one in running]
    except BaseException:
        for process, _ in running:
            process.terminate()
        raise


def _found(process: SpawnProcess, pipe: Pipe) -> Found:
    try:
        found: Found = pipe.recv()
    except EOFError:
        process.join()
        raise SystemExit(f"{process.name} failed, exit code {process.exitcode}") from None
    process.join()
    return found


def _started(bench: Bench, name: str, cell: Cell) -> tuple[SpawnProcess, Pipe]:
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_measure, args=(there, bench, name, cell))
    process.name = f"{name} {dict(cell)}"
    process.start()
    there.close()
    return process, here


def _measure(pipe: Pipe, bench: Bench, name: str, cell: Cell) -> None:
    try:
        guard()
        bench.settle()
        measured = load(name).measure(bench, **cell)
        pipe.send(asyncio.run(measured) if inspect.iscoroutine(measured) else measured)
    except BaseException:
        bench.give_up()
        raise
