"""What an SMS breaks of the published rules, and what may spoil it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import Fault, InvalidMessageError, UnsupportedError
from mmsclient.messages import Advice, Mms, SavedMms, Sms
from mmsclient.numbers import doubt
from mmsclient.services import texts
from mmsclient.services.transmitsms import content, params
from mmsclient.services.transmitsms.params import Param

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_PLACE = {
    "from_mask": "is not sent: give an alphanumeric sender as sender",
    "operator_id": "is not sent: the service finds the carrier by itself",
    "campaign_ref": "is not sent: the service knows its lists by list_id, see send_sms",
}


def faults(message: object) -> tuple[Fault, ...]:
    """Return every published rule that *message* breaks."""
    match message:
        case Sms():
            return tuple(fault for param in given(message) for fault in param.faults)
        case Mms() | SavedMms():
            fix = "pass an Sms, or use a service that takes MMS"
            return (Fault("message", "is an MMS, and this service takes none", fix),)
    return (Fault("message", "is no message of this service", "pass Sms"),)


def given(message: Sms) -> tuple[Param, ...]:
    """Return the parameters that carry *message*."""
    return (
        content.body(message.text),
        _to(message.to),
        content.sender(message.sender),
        _own_reference(message.reference),
    )


def _to(value: object) -> Param:
    # Without a number it might be meant for a list: so none is as wrong here as a bad one.
    param = params.number("to", value, needed=True)
    wrong = tuple(attrs.evolve(fault, code=params.INVALID) for fault in param.faults)
    return attrs.evolve(param, faults=wrong)


def form(message: object, service: str) -> dict[str, str]:
    """Return what is sent of *message*.

    Raises:
        UnsupportedError: it is an MMS.
        InvalidMessageError: it breaks published rules.
    """
    if isinstance(message, Mms | SavedMms):
        raise UnsupportedError(service, "MMS: it takes Sms only")
    if not isinstance(message, Sms):
        raise InvalidMessageError(faults(message))
    return params.form(*given(message))


def _own_reference(value: object) -> Param:
    # It stays here: the service has no place for it.
    wrong = Fault("reference", "is not text", "pass it as a str")
    fits = value is None or isinstance(value, str)
    return Param(name="reference", faults=() if fits else (wrong,))


def advice(message: object) -> tuple[Advice, ...]:
    """Return advice on *message*; fields with faults are passed over."""
    return tuple(_advice(message)) if isinstance(message, Sms) else ()


def _advice(message: Sms) -> Iterator[Advice]:
    to = params.number("to", message.to)
    if to.value is not None and (doubted := doubt(to.value)):
        yield Advice("to", doubted)
    yield from _text(content.body(message.text))
    yield from _sender(content.sender(message.sender))
    for field, note in _NO_PLACE.items():
        if not params.absent(getattr(message, field)):
            yield Advice(field, note)


def _text(param: Param) -> Iterator[Advice]:
    if param.value is None or param.faults:
        return
    yield from texts.advice("text", param.value)


def _sender(param: Param) -> Iterator[Advice]:
    name = param.value
    if name is None or param.faults or name.isdigit():
        return
    if not name.isalnum():
        yield Advice("sender", "letters and digits only are documented for a name")
    yield Advice("sender", "a name must be approved for the account, and nobody can answer it")
