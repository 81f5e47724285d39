"""The trials of every service, in every form it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import every_cellcast
import every_skycore
import every_transmitsms
from every_call import Table, Trial, simulator
from three_services import FORMS

import mmsclient as mms

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

TABLES: dict[str, Table] = {
    "Skycore": every_skycore.CALLS,
    "TransmitSMS, JSON": every_transmitsms.CALLS,
    "TransmitSMS, XML": every_transmitsms.CALLS,
    "Cellcast, v3": every_cellcast.V3,
    "Cellcast, Bearer": every_cellcast.BEARER,
}


async def tried(form: str, name: str, table: Table | None = None, /, **answers: Any) -> Trial:
    """Make the trial of one method, at a simulator of its own."""
    sim: Simulator = simulator(**answers)
    service = FORMS[form](sim)
    client = mms.Client[Any](service, rate=1000, transport=sim.transport())
    async with client:
        trial = Trial(sim, client)
        await (table or TABLES[form])[name][1](trial)
    return trial
