"""Who a row is: its reference, and the number behind it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import attrs

from mmsclient.campaigns.packing import KINDS, Packer
from mmsclient.campaigns.values import NewRow
from mmsclient.errors import Fault, InvalidMessageError, UnsupportedError
from mmsclient.numbers import bare, clean_number

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        self._place = 0

    def row(self, message: object) -> NewRow:
        """Return the row of a message.

        Raises:
            InvalidMessageError: it breaks rules; ``faults`` lists all of them.
        """
        self._place += 1
        if type(message) not in KINDS.values():
            raise _invalid("message", "is no message", "pass Mms, Sms or SavedMms")
        known: Message = message  # type: ignore[assignment]  # it was just seen to be one
        faults = [*_odd_text("reference", known.reference), *_odd_text("to", known.to)]
        digits, reference = "", None if faults else known.reference
        try:
            digits = clean_number(known.to)
        except InvalidMessageError as error:
            faults.extend(error.faults)
        else:
            reference = reference or self._reference(digits)
        faults.extend(fault for fault in self._broken(known, reference) if fault not in faults)
        try:
            content = self._packer.content(known)
        except (TypeError, AttributeError):
            fix = "pass values of the kinds that its fields are documented to hold"
            faults = faults or [Fault("message", "holds what cannot be kept", fix)]
        if faults:
            raise InvalidMessageError(faults)
        return NewRow(
            reference=reference or "",
            given=bool(known.reference),
            number=known.to,
            digits=digits,
            kind=content.kind,
            body=content.body,
            digest=content.digest,
            place=self._place,
        )

    def _reference(self, digits: str) -> str:
        """Return a reference that says nothing of the number, in letters, digits and a dash."""
        told = hashlib.sha256(f"{self._campaign} {digits}".encode()).hexdigest()
        return f"{self._campaign}-{told[:_DIGITS]}"

    def _broken(self, message: Message, reference: str | None) -> tuple[Fault, ...]:
        """Return the service's rules that a message breaks."""
        if self._service is None:
            return ()
        named = message if reference is None else attrs.evolve(message, reference=reference)
        if (carried := self._service.carried_reference(named)) is not None:
            named = attrs.evolve(named, reference=carried)
        try:
            self._service.send(named)  # a good one costs less so than by check, which advises too
        except InvalidMessageError as error:
            return error.faults
        except UnsupportedError:
            fix = "leave it out, or send it through another service"
            return self._service.check(named).faults or (
                Fault("message", "is of a kind that the service does not take", fix),
            )
        return ()


def stop_number(number: object) -> str:
    """Return a number of a stop list, or what has one: digits, without the zeros before them.

    Services and people write some numbers without their country code: those stand for all that
    end so. Rather one too many is left out than one who opted out gets a message.

    Raises:
        InvalidMessageError: it is no number.
    """
    said = getattr(number, "number", number)
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(said)
    if not isinstance(said, str):
        return clean_number(said, field="number")
    if said.strip().endswith(".0"):
        raise _invalid("number", "ends with .0", "write it as text, not as a number of a table")
    written = said.strip().lower().removeprefix("tel:").replace("(0)", "")
    return clean_number(bare(written).lstrip("0"), field="number")


def _odd_text(field: str, value: object) -> Iterator[Fault]:
    """Judge what has to be text that a file can hold."""
    if value is not None and not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str")
    elif value is not None and value.encode(errors="replace") != value.encode(
        errors="surrogatepass"
    ):
        yield Fault(field, "holds half of a character", "write it in UTF-8")


def _invalid(field: str, rule: str, fix: str) -> InvalidMessageError:
    return InvalidMessageError([Fault(field, rule, fix)])
