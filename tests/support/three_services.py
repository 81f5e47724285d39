"""Three accounts at one simulator, and how each service is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import mmsclient as mms
    from mmsclient.simulator import Simulator

Make: TypeAlias = Callable[..., Any]


def _skycore(sim: Simulator, **terms: Any) -> mms.Skycore:
    return sim.skycore(**terms)


def _transmitsms(sim: Simulator, **terms: Any) -> mms.TransmitSMS:
    return sim.transmitsms(**terms)


def _transmitsms_xml(sim: Simulator, **terms: Any) -> mms.TransmitSMS:
    return sim.transmitsms(format="xml", **terms)


def _cellcast(sim: Simulator, **terms: Any) -> mms.Cellcast:
    return sim.cellcast(**terms)


def _cellcast_bearer(sim: Simulator, **terms: Any) -> mms.Cellcast:
    return sim.cellcast(token=sim.accounts[0].key, **terms)


SERVICES: dict[str, Make] = {
    "Skycore": _skycore,
    "TransmitSMS": _transmitsms,
    "Cellcast": _cellcast,
}

#: Each service in every form that it has.
FORMS: dict[str, Make] = {
    "Skycore": _skycore,
    "TransmitSMS, JSON": _transmitsms,
    "TransmitSMS, XML": _transmitsms_xml,
    "Cellcast, v3": _cellcast,
    "Cellcast, Bearer": _cellcast_bearer,
}
