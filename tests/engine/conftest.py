from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from transports import EACH

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from transports import Make


@pytest.fixture(params=EACH)
def make(request: pytest.FixtureRequest) -> Make:
    """Build each of the transports in turn."""
    made: Make = request.param
    return made


@pytest.fixture
async def transport(make: Make) -> AsyncIterator[mms.Transport]:
    """Lend each of the transports in turn."""
    bounds = mms.Timeout(connect=5, write=5, read=5)
    transport = make(timeout=bounds, largest_answer=1000)
    yield transport
    await transport.aclose()
