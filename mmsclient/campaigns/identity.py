"""Who a row is: its reference, and the number behind it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import attrs

from mmsclient.campaigns.packing import KINDS, Packer
from mmsclient.campaigns.values import NewRow
from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.numbers import clean_number

if TYPE_CHECKING:
    from mmsclient.messages import Message
    from mmsclient.services.base import Service

#: Hex digits of a reference that is made of a number: 80 bits, so that no two of a campaign meet.
_DIGITS = 20


class Registrar:
    """Makes rows of messages.

    Args:
        campaign: the campaign's own id.
        service: whose rules messages have to keep; None: the number's and the reference's only.
    """

    def __init__(self, campaign: str, service: Service | None) -> None:
        self._campaign = campaign
        self._service = service
        self._packer = Packer()

    def row(self, message: object) -> NewRow:
        """Return the row of a message.

        Raises:
            InvalidMessageError: it breaks rules; ``faults`` lists all of them.
        """
        if (
            type(message).__name__ not in KINDS
            or type(message) is not KINDS[type(message).__name__]
        ):
            raise _invalid("message", "is no message", "pass Mms, Sms or SavedMms")
        known: Message = message
        digits = clean_number(known.to)
        _insist_on_text("reference", known.reference)
        _insist_on_text("to", known.to)
        reference = known.reference or self._reference(digits)
        if self._service is not None:
            self._insist_on_rules(known, reference, self._service)
        try:
            content = self._packer.content(known)
        except (TypeError, AttributeError):
            fix = "pass values of the kinds that its fields are documented to hold"
            raise _invalid("message", "holds what cannot be kept", fix) from None
        return NewRow(
            reference=reference,
            given=bool(known.reference),
            number=known.to,
            digits=digits,
            kind=content.kind,
            body=content.body,
            digest=content.digest,
        )

    def _reference(self, digits: str) -> str:
        """Return a reference that says nothing of the number, in letters, digits and a dash."""
        told = hashlib.sha256(f"{self._campaign} {digits}".encode()).hexdigest()
        return f"{self._campaign}-{told[:_DIGITS]}"

    def _insist_on_rules(self, message: Message, reference: str, service: Service) -> None:
        named = attrs.evolve(message, reference=reference)
        carried = service.carried_reference(named)
        verdict = service.check(attrs.evolve(named, reference=carried))
        if verdict.faults:
            raise InvalidMessageError(verdict.faults)


def stop_number(number: object) -> str:
    """Return a number of a stop list, or what has one: digits, without the zeros before them.

    Services list some numbers without their country code: those stand for all that end so.

    Raises:
        InvalidMessageError: it is no number.
    """
    said = getattr(number, "number", number)
    stripped = said.strip().removeprefix("+").lstrip("0") if isinstance(said, str) else said
    return clean_number(stripped, field="number")


def _insist_on_text(field: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise _invalid(field, "is not text", "pass it as a str")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _invalid(field, "holds half of a character", "write it in UTF-8") from None


def _invalid(field: str, rule: str, fix: str) -> InvalidMessageError:
    return InvalidMessageError([Fault(field, rule, fix)])
