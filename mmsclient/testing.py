"""A pytest plugin, installed with the library: the fixture ``mms_simulator``.

Nothing of the simulator or its servers is imported until the fixture is asked for. Every test run
does import the library itself, which takes a fraction of a second.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.simulator import Simulator

_MARKER = "mms_simulator(**options): options of the simulator that the fixture mms_simulator opens"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def mms_simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Open a simulator on a real socket, in a thread of its own, so that any async runner will do.

    ``@pytest.mark.mms_simulator(rate=5, rule="fixed")`` gives it options.
    """
    try:
        from mmsclient.simulator import Simulator, in_thread  # noqa: PLC0415 - needs an extra
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"starlette", "uvicorn"}:
            raise
        pytest.fail("mms_simulator needs: pip install 'mmsclient[simulator]'", pytrace=False)
    marker = request.node.get_closest_marker("mms_simulator")
    options = marker.kwargs if marker else {}
    known = inspect.signature(Simulator).parameters
    if unknown := [repr(name) for name in options if name not in known]:
        named = f"no option {', '.join(unknown)}; options are {', '.join(known)}"
        pytest.fail(f"mms_simulator has {named}", pytrace=False)
    with in_thread(Simulator(**options)) as sim:
        yield sim
