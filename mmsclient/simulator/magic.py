"""Numbers that misbehave by themselves, so that a trial needs no set-up.

Only numbers that end in 555-01xx are magic, which no telephone has. All others, 555-0100 to
555-0179 among them, simply work. ``Simulator(magic=False)`` switches the table off.

    ends in    what happens                                             how often
    555-0184   accepted, never arrives                                  always
    555-0185   HTTP 429 with Retry-After 1, nothing taken               once per number
    555-0186   HTTP 500, nothing taken                                  always
    555-0187   taken, the answer is a page of HTML                      always
    555-0188   taken, answered after 120 seconds                        always
    555-0189   connection reset, nothing taken                          always
    555-0190   E110 receiver number not valid                           always
    555-0191   taken, connection reset without an answer                always
    555-0192   E618 carrier look-up failed                              once per number
    555-0193   E114 number is blacklisted                               always
    555-0194   too big: arrives as SMS with a link                      always
    555-0195   stuck: never leaves, cleared after 3 days                always
    555-0196   E503 internal error, nothing taken                       always
    555-0197   E619 carrier not provisioned                             always
    555-0198   E628 operator not supported                              always
    555-0199   E113 throughput exceeded                                 once per number

Services that know no such codes say the same in their own: 429 with OVER_LIMIT for E113, 500 and
503 for E503 and E618, and a recipient that is refused for E110, E114, E619 and E628.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mmsclient.simulator.faults import Asked, Fault, Faults, Where

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: Last four digits -> fault. ``times`` counts for each number by itself.
MAGIC: Mapping[str, Fault] = MappingProxyType(
    {
        "0184": Fault(kind="lost", times=None),
        "0185": Fault(kind="429", retry_after=1),
        "0186": Fault(kind="500", times=None),
        "0187": Fault(kind="garbage", times=None),
        "0188": Fault(kind="stall", times=None),
        "0189": Fault(kind="drop_before", times=None),
        "0190": Fault(kind="E110", times=None),
        "0191": Fault(kind="drop_after", times=None),
        "0192": Fault(kind="E618"),
        "0193": Fault(kind="E114", times=None),
        "0194": Fault(kind="fallback", times=None),
        "0195": Fault(kind="stuck", times=None),
        "0196": Fault(kind="E503", times=None),
        "0197": Fault(kind="E619", times=None),
        "0198": Fault(kind="E628", times=None),
        "0199": Fault(kind="E113"),
    }
)

_WHOLE: Collection[Where] = ("front", "behind")


class Magic:
    """The table in use: remembers which number has had its fault already."""

    def __init__(self, table: Mapping[str, Fault] = MAGIC) -> None:
        self._table = table
        self._met: dict[str, Faults] = {}

    def strike(self, asked: Asked, where: Collection[Where]) -> Fault | None:
        """Return the fault that a number of this call brings, at one of these places.

        Among several numbers, only those that strike the whole call are brought here.
        """
        if asked.to is not None:
            return self._bring(asked.to, asked, where)
        whole = [place for place in where if place in _WHOLE]
        brought = (self._bring(number, asked, whole) for number in asked.numbers)
        return next(filter(None, brought), None)

    def _bring(self, number: str, asked: Asked, where: Collection[Where]) -> Fault | None:
        fault = self._table.get(number[-4:]) if number[-7:-4] == "555" else None
        if fault is None:
            return None
        return self._met.setdefault(number, Faults([fault])).strike(asked, where)
