"""Simulated time for tests: of a whole module, or of one coroutine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmsclient.simulator import CreepingLoop, in_simulated_time

if TYPE_CHECKING:
    from collections.abc import Mapping

run = in_simulated_time

#: For an ``anyio_backend`` fixture: tests of the module run in simulated time.
BACKEND: tuple[str, Mapping[str, Any]] = ("asyncio", {"loop_factory": CreepingLoop})
