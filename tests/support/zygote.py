"""Processes that begin at once and may be killed: forked from one that has imported everything."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

HERE = str(Path(__file__).parent)
ROOT = str(Path(__file__).parents[2])


class Zygote:
    """Runs an asynchronous function of a module in tests/support, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = 0

    def start(self, job: str, **terms: Any) -> int:
        """Begin ``module:function`` with *terms*; return the process's id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"job": job, "terms": terms}) + "\n")
        self._process.stdin.flush()
        self.pid = int(self._line())
        return self.pid

    def kill(self) -> None:
        """End it without a word, unless it has ended."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> int:
        """Wait for its end; return its exit code, or what killed it, below 0."""
        return int(self._line())

    def run(self, job: str, **terms: Any) -> int:
        self.start(job, **terms)
        return self.end()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def zygote(*modules: str) -> Iterator[Zygote]:
    """Give the process that others are forked from; *modules* are imported in it."""
    command = [sys.executable, __file__, *modules]
    paths = os.pathsep.join([ROOT, HERE])
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:
        try:
            yield Zygote(process)
        finally:
            process.kill()


def _work(job: str, terms: dict[str, Any]) -> None:
    module, _, name = job.partition(":")
    main: Coroutine[Any, Any, None] = getattr(__import__(module), name)(**terms)
    try:
        asyncio.run(main)
    except BaseException:  # noqa: BLE001 - of any class: the process ends here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _serve() -> None:
    for module in sys.argv[1:]:
        __import__(module)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _work(asked["job"], asked["terms"])
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve()
