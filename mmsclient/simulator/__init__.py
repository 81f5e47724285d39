"""A strict pretend vendor: real sockets or in process, limits, faults, handsets and their page.

Needs the extra: ``pip install 'mmsclient[simulator]'``.
"""

from __future__ import annotations

try:
    import starlette as _starlette  # noqa: F401 - asked for here, where the fix can be told
    import uvicorn as _uvicorn  # noqa: F401 - same
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "the simulator needs: pip install 'mmsclient[simulator]'", name=missing.name
    ) from missing

from mmsclient.simulator.accounts import Account, Campaign
from mmsclient.simulator.cellcast.terms import CellcastTerms
from mmsclient.simulator.content import Delivery
from mmsclient.simulator.faults import KINDS, Asked, Fault
from mmsclient.simulator.garbage import GARBAGE
from mmsclient.simulator.ledger import SeenCall
from mmsclient.simulator.magic import MAGIC
from mmsclient.simulator.phone import Handset
from mmsclient.simulator.postbacks import Posted
from mmsclient.simulator.simulated_time import CreepingLoop, in_simulated_time
from mmsclient.simulator.simulator import Simulator
from mmsclient.simulator.threads import in_thread, run
from mmsclient.simulator.vendor import Medium

__all__ = [
    "GARBAGE",
    "KINDS",
    "MAGIC",
    "Account",
    "Asked",
    "Campaign",
    "CellcastTerms",
    "CreepingLoop",
    "Delivery",
    "Fault",
    "Handset",
    "Medium",
    "Posted",
    "SeenCall",
    "Simulator",
    "in_simulated_time",
    "in_thread",
    "run",
]
