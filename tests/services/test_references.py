"""References as each wire carries them: short, clean, never two alike, and known again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.messages import File, Mms, SavedMms, Slide, Sms
from mmsclient.services import references
from mmsclient.services.cellcast import Cellcast
from mmsclient.services.skycore import Skycore, rules
from mmsclient.services.transmitsms import TransmitSMS

if TYPE_CHECKING:
    from mmsclient.services.base import Service

HOOK = "https://hooks.example.net/dlr?shop=7&ref={reference}"
SMS = Sms(to="12025550143", sender="70707", text="Fresh at 7")
PICTURE = Slide(image=File(b"\x89PNG\r\n\x1a\n", "menu.png"), text="Fresh at 7")
LINKED = Slide(image="https://media.example.net/menu.gif", text="Fresh at 7")
MMS = Mms(to="12025550143", sender="70707", name="menu", subject="Menu", slides=(LINKED,))

SKYCORE = Skycore(api_key="k")
HOOKED = TransmitSMS(api_key="k", dlr_callback=HOOK)
V3, BEARER = Cellcast(app_key="k"), Cellcast(token="t")  # noqa: S106 - of nobody

#: Each wire that carries a reference, and a message that has one there.
WIRES: dict[str, tuple[Service, Any]] = {
    "Skycore": (SKYCORE, MMS),
    "TransmitSMS": (HOOKED, SMS),
    "Cellcast, v3": (V3, SMS),
    "Cellcast, Bearer": (BEARER, SMS),
}
each = pytest.mark.parametrize("wire", WIRES)

#: Also halves of character pairs, controls and what is no character.
ANY = st.text(st.characters(exclude_categories=()), max_size=90)


def carried(wire: str, reference: Any) -> str | None:
    service, message = WIRES[wire]
    return service.carried_reference(attrs.evolve(message, reference=reference))


@each
@given(reference=ANY)
def test_what_is_carried_is_short_passes_every_rule_and_stays_as_it_is(
    wire: str, reference: str
) -> None:
    service, message = WIRES[wire]
    found = carried(wire, reference)
    if found is None:
        assert not reference.strip()
        return
    assert 1 <= len(found) <= 64
    assert found == carried(wire, found)
    assert rules.is_xml(found)
    assert service.check(attrs.evolve(message, reference=found)).ok
    assert service.send(attrs.evolve(message, reference=found)).messages


@each
@given(references=st.lists(ANY, min_size=2, max_size=8, unique=True))
def test_two_references_never_become_one(wire: str, references: list[str]) -> None:
    found = [one for each in references if (one := carried(wire, each)) is not None]
    assert len(found) == len(set(found))


@each
def test_what_the_wire_carries_stays_and_the_rest_can_still_be_read(wire: str) -> None:
    assert carried(wire, "order-117") == "order-117"
    assert carried(wire, "x" * 64) == "x" * 64
    cut = carried(wire, "spring sale, order 117 of Noor " + "x" * 1000)
    assert cut is not None
    assert cut.startswith("spring-sale-order-117-of-Noor-xx")
    assert len(cut) == 64
    assert len(cut.rpartition("-")[2]) == 24
    other = carried(wire, "spring sale, order 117 of Noor " + "x" * 999)
    assert other != cut
    assert other is not None
    assert other[:39] == cut[:39]
    assert carried(wire, "\udc80\udc81") != carried(wire, "\udc80\udc80")
    assert carried(wire, "\x00") not in {None, "\x00"}


def test_each_wire_has_characters_of_its_own() -> None:
    for wire in ("Skycore", "TransmitSMS"):
        assert carried(wire, "Bestellung №7 & Töchter") == "Bestellung №7 & Töchter"
    for wire in ("Cellcast, v3", "Cellcast, Bearer"):
        assert str(carried(wire, "Order №7/b")).startswith("Order-7-b-")
    for wire in WIRES:
        assert str(carried(wire, " order")).startswith("order-")  # blanks around may be lost
        assert str(carried(wire, "a\tb")).startswith("a-b-")


@each
@pytest.mark.parametrize("nothing", [None, "", " \n", 7, b"order"])
def test_what_is_no_reference_is_carried_nowhere(wire: str, nothing: Any) -> None:
    assert carried(wire, nothing) is None


SAVED = SavedMms(to="12025550143", sender="70707", template="7")
NZ = Sms(to="64211111111", sender="7070", text="Rye")


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (SKYCORE, SMS),
        (SKYCORE, SAVED),
        (HOOKED, MMS),
        (TransmitSMS(api_key="k"), SMS),
        (TransmitSMS(api_key="k", dlr_callback="https://hooks.example.net/dlr"), SMS),
        (attrs.evolve(HOOKED, dlr_callback=None, reply_callback=HOOK), SMS),
        (V3, attrs.evolve(MMS, slides=(PICTURE,))),
        (V3, NZ),
        (V3, SAVED),
        (BEARER, attrs.evolve(MMS, slides=(PICTURE,))),
    ],
)
def test_a_wire_without_a_place_carries_none(service: Service, message: Any) -> None:
    assert service.carried_reference(attrs.evolve(message, reference="order-117")) is None


def test_new_zealand_is_an_exception_at_v3_only() -> None:
    assert BEARER.carried_reference(attrs.evolve(NZ, reference="order-117")) == "order-117"


@given(ANY)
def test_what_fits_nothing_is_hashed_whole(reference: str) -> None:
    found = references.carried(reference, lambda _: False)
    if found is not None:
        readable, _, digest = found.rpartition("-")
        assert len(found) <= references.LONGEST
        assert len(digest) == 24
        assert (readable + digest).replace("-", "").isalnum()
        assert found.isascii()
