"""What stands in an SMS: its text and its sender."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import Fault
from mmsclient.services.transmitsms import limits, params
from mmsclient.services.transmitsms.params import INVALID, Param
from mmsclient.text import segments

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACKED_LINK = "[tracked-link]"
"""Where the shortened address goes, one for each recipient."""

BAD_SENDER = "BAD_CALLER_ID"

_LETTER = re.compile(r"[^\W\d_]")
#: Short codes have three to six digits; what is longer is a number in international form.
_SHORT_CODE = re.compile(r"[0-9]{3,6}")
_VISIBLE = re.compile(r"[\x21-\x7e]+")


def body(value: object, *, link: bool = False) -> Param:
    """Judge the text of an SMS; *link*: an address to track is given beside it."""
    param = params.text("text", value, wire="message", needed=True)
    if param.value is None or param.faults:
        return param
    return attrs.evolve(param, faults=tuple(_body(param.value, link=link)))


def _body(value: str, *, link: bool) -> Iterator[Fault]:
    taken = segments(value)
    if len(value) > limits.TEXT:
        yield Fault("text", f"is longer than {limits.TEXT} characters", "shorten it", INVALID)
    elif taken.encoding == "gsm-7" and taken.parts > limits.PARTS:
        rule = f"takes {taken.parts} parts (GSM alphabet), and {limits.PARTS} are the most"
        fix = "shorten it: signs such as € and [ take two places"
        yield Fault("text", rule, fix, INVALID)
    if TRACKED_LINK in value and not link:
        fix = "send_sms takes the address as tracked_link_url"
        yield Fault("text", f"holds {TRACKED_LINK} and no address is given", fix)


def sender(value: object, *, needed: bool = False) -> Param:
    """Judge a sender: a number, a short code, or up to 11 characters without blanks."""
    if isinstance(value, str) and _LETTER.search(value):
        said = value.strip()
        return Param(name="from", value=said, faults=tuple(_name(said)))
    param = own_number("sender", value, wire="from", needed=needed)
    # "sender ID not valid": the service has a code of its own for all that is wrong with it.
    wrong = tuple(attrs.evolve(fault, code=BAD_SENDER) for fault in param.faults)
    return attrs.evolve(param, faults=wrong)


def _name(value: str) -> Iterator[Fault]:
    if len(value) > limits.SENDER_NAME:
        rule = f"is a name of more than {limits.SENDER_NAME} characters"
        yield Fault("sender", rule, "shorten it", BAD_SENDER)
    if not _VISIBLE.fullmatch(value):
        rule, fix = "holds blanks or signs beyond ASCII", "use letters and digits"
        yield Fault("sender", rule, fix, BAD_SENDER)


def own_number(field: str, value: object, *, wire: str = "", needed: bool = False) -> Param:
    """Judge a number of the account: a short code, or one in international form."""
    if isinstance(value, str) and _SHORT_CODE.fullmatch(value.strip()):
        return Param(name=wire or field, value=value.strip())
    return params.number(field, value, wire=wire, needed=needed)
