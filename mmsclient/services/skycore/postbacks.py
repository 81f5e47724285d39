"""Reading postbacks: one XML document each, of one or more notifications."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from mmsclient.errors import PostbackError
from mmsclient.events import (
    DeliveryReport,
    Event,
    InboundMessage,
    MmsEncoded,
    MmsEncodingFailed,
    OptIn,
    OptOut,
    PassReport,
    TemplateFailed,
    TemplateReady,
)
from mmsclient.outcomes import DeliveryStatus
from mmsclient.services import fields
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.skycore import envelope, forms
from mmsclient.services.xmltree import XmlError

if TYPE_CHECKING:
    from mmsclient.wire import RawPostback

Common: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Tree, Common], Event]

MOST = 100
"""Notifications of a postback that is read; nothing is published but that there can be several."""


def read_postback(raw: RawPostback) -> list[Event]:
    """Return the events in a postback. One notification that is odd does not lose the others.

    Raises:
        PostbackError: it is no XML, no POSTBACK, holds more than :data:`MOST` notifications or too
            much around them, or ORIGIN and CODE cannot be read anywhere.
    """
    try:
        notices = _notices(envelope.parse(forms.document(raw), "POSTBACK"))
    except XmlError as error:
        reason = f"the postback {error}"
    else:
        if any(map(_can_be_named, notices)):
            return [_event(notice) for notice in notices]
        reason = "ORIGIN and CODE cannot be read" if notices else "the postback is empty"
    raise PostbackError(reason, raw.body)


def _notices(tree: Tree) -> list[Tree]:
    """Return the fields of each notification: plain, in NOTIFICATION blocks, or inside BODY.

    Raises XmlError where there is more of them than is read.
    """
    outer = {name: value for name, value in tree.items() if name[:1] not in {"@", "#"}}
    found = [
        block if isinstance(block, Mapping) else {"NOTIFICATION": block}
        for block in fields.repeats(outer, "NOTIFICATION")
        if block and str(block).strip()
    ]
    outer.pop("NOTIFICATION", None)
    if len(found) > MOST:
        raise XmlError(f"has more than {MOST} notifications")
    # What stands around them belongs to each: written out, it may be no larger than a postback.
    if len(found) > 1 and len(found) * len(json.dumps(outer)) > forms.LARGEST:
        raise XmlError("has too many fields around its notifications")
    opened = [_opened({**outer, **block}) for block in found or [{}]]
    return [notice for notice in opened if notice]


def _opened(notice: Tree) -> Tree:
    body = notice.get("BODY")
    return {**notice, **body} if isinstance(body, Mapping) else notice


def _name(notice: Tree) -> tuple[str, str]:
    """Return ORIGIN and CODE, or raise FieldError: without them nothing else has a meaning."""
    code = fields.text(notice, "CODE") or fields.text(notice, "STATUSCODE")
    return (fields.text(notice, "ORIGIN") or "").upper(), (code or "").upper()


def _can_be_named(notice: Tree) -> bool:
    try:
        _name(notice)
    except FieldError:
        return False
    return True


def _event(notice: Tree) -> Event:
    """Return the event, a plain one where ORIGIN, CODE or STATUS has an impossible shape."""
    origin, code = _name(notice) if _can_be_named(notice) else ("", "")
    said: dict[str, Any] = {**fields.plain(notice), **_untouched(notice)}
    common: dict[str, Any] = {
        "service": "skycore",
        "kind": f"{_shown(origin)} {_shown(code)}",
        "key": _key(notice, origin, code),
        "at": fields.moment(said, "TIMESTAMP") or fields.moment(said, "RECEIVED"),
        "raw": notice,
    }
    read = READERS.get((origin, code)) or READERS.get((origin, "")) or READERS.get(("", code))
    try:
        return read(said, common) if read else Event(**common)
    except FieldError:
        return Event(**common)


def _untouched(notice: Tree) -> Tree:
    # CONTENT is a block; what STATUS says must never be guessed. All else that is odd is left out.
    return {name: notice[name] for name in ("CONTENT", "STATUS") if name in notice}


# A kind is shown in logs: what looks like no name of one is not repeated.
_KIND = re.compile(r"(?!.*[0-9]{7})[A-Z][A-Z0-9_]{0,31}")


def _shown(name: str) -> str:
    return name if _KIND.fullmatch(name) else "?"


_IDS = ("TRACKINGID", "TRANSACTIONID", "MMSID", "MOBILE", "EMAIL", "SERIALNUMBER")
_LISTS = ("CAMPAIGNREF", "CAMPAIGNID")


def _first(notice: Tree, names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := fields.text(notice, name))), None)


def _key(notice: Tree, origin: str, code: str) -> str:
    """Return what repeats of one event share: origin, code, what it is about, and when.

    Some kinds come without a time stamp: two of these about one MMSID are told apart by the files
    they name, and else not at all. That a template saved anew is ready (N003) is such a repeat.
    """
    try:
        about = _first(notice, _IDS)
        stamp = _first(notice, ("TIMESTAMP", "RECEIVED")) or ""
        if about and origin in {"SUB", "EMAIL_SUB"}:
            # One number can join two lists in the same second.
            about = f"{about} {_first(notice, _LISTS) or ''}"
        elif about and (file := _file(notice)).media:
            # One MMS can fail over several of its files.
            about = f"{about} {file.media} {file.name}"
    except FieldError:
        about, stamp = None, ""
    if about is None or not (origin or code):
        # Nothing names it: only a copy of all fields is a repeat.
        fingerprint = json.dumps(notice, sort_keys=True).encode(errors="replace")
        about = hashlib.sha256(fingerprint).hexdigest()
    return f"{origin}|{code}|{about}|{stamp}"


def _told(notice: Tree, code: str) -> DeliveryStatus:
    """Return how far the message came, by CODE and STATUS together.

    N codes carried bad news once, so neither is believed alone: a success needs both, of two
    successes the smaller counts, and a contradiction or an unknown STATUS is UNKNOWN.
    """
    by_code = _BY_CODE[code]
    status = " ".join((fields.text(notice, "STATUS") or "").lower().split())
    if not status:
        return DeliveryStatus.UNKNOWN if by_code in _GOOD else by_code
    by_status = _BY_STATUS.get(status, DeliveryStatus.UNKNOWN)
    if code == "E999" and by_status is DeliveryStatus.UNKNOWN:
        return by_code  # none is published for it: what it says is no objection
    if by_status not in _GOOD:
        return by_status
    if by_code not in _GOOD:
        return DeliveryStatus.UNKNOWN
    return by_code if by_code is by_status else DeliveryStatus.SENT


_GOOD = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED})

#: "Delivery Status Postbacks": the texts of STATUS.
_BY_STATUS = {
    "message sent": DeliveryStatus.SENT,
    "message sent/delivered": DeliveryStatus.DELIVERED,
    "message failed": DeliveryStatus.FAILED,
    "message sent/failed": DeliveryStatus.FAILED,
    "message sent/notsupported": DeliveryStatus.FAILED,
    "message sent/expired": DeliveryStatus.EXPIRED,
    "message sent/rejected": DeliveryStatus.REJECTED,
}

#: The same page: what the codes say when STATUS does not object.
_BY_CODE = {
    "N101": DeliveryStatus.SENT,
    "N102": DeliveryStatus.DELIVERED,
    "N103": DeliveryStatus.EXPIRED,
    "N201": DeliveryStatus.SENT,
    "N202": DeliveryStatus.DELIVERED,
    "E101": DeliveryStatus.FAILED,
    "E102": DeliveryStatus.FAILED,
    "E201": DeliveryStatus.FAILED,
    "E202": DeliveryStatus.FAILED,
    "E999": DeliveryStatus.FAILED,
}

_SENT_AS: dict[str, Literal["mms", "sms"]] = {"mms": "mms", "sms": "sms"}


def _delivery(notice: Tree, common: Common) -> Event:
    code = (fields.text(notice, "CODE") or fields.text(notice, "STATUSCODE") or "").upper()
    status = _told(notice, code)
    return DeliveryReport(
        **common,
        id=fields.text(notice, "TRACKINGID"),
        status=status,
        words=fields.text(notice, "STATUS") or "",
        to=fields.text(notice, "TO"),
        sender=fields.text(notice, "FROM"),
        reference=fields.text(notice, "CLIENT_REFERENCE"),
        mms_id=fields.text(notice, "MMSID"),
        sent_as=_SENT_AS.get((fields.text(notice, "SENTAS") or "").lower()),
        # After an E code nothing more comes, whatever STATUS says.
        final=status.final or code.startswith("E"),
        details=fields.words(notice, "STATUSDETAILS"),
        operator_id=fields.text(notice, "SPID"),
        handset=fields.text(notice, "HANDSET"),
    )


def _fallback(notice: Tree, common: Common) -> Event:
    # N202 and E202 on an MMS speak of its fallback SMS, said in SENTAS or not.
    return _delivery({"SENTAS": "SMS", **notice}, common)


def _inbound(notice: Tree, common: Common) -> Event:
    return InboundMessage(
        **common,
        id=fields.text(notice, "TRACKINGID") or fields.text(notice, "TRANSACTIONID"),
        sender=fields.text(notice, "FROM"),
        to=fields.text(notice, "TO"),
        channel="mms" if common["kind"].startswith("MMS") else "sms",
        text=fields.words(notice, "TEXT"),
        subject=fields.words(notice, "SUBJECT"),
        keyword=fields.text(notice, "KEYWORD"),
        files=_files(notice),
        operator_id=fields.text(notice, "SPID"),
    )


def _files(notice: Tree) -> tuple[str, ...]:
    """Return the addresses in all CONTENT blocks; what is none stays in ``raw``."""
    blocks = (block for block in fields.repeats(notice, "CONTENT") if isinstance(block, Mapping))
    files = (file for block in blocks for file in fields.repeats(block, "FILE"))
    found = (fields.agreed({"FILE": file}, "FILE") or "" for file in files)
    return tuple(address for said in found if (address := said.strip()))


def _membership(kind: type[OptIn | OptOut], notice: Tree, common: Common) -> Event:
    return kind(
        **common,
        number=fields.text(notice, "MOBILE"),
        email=fields.text(notice, "EMAIL"),
        campaign_ref=_first(notice, _LISTS),
        source=fields.text(notice, "SOURCE"),
    )


def _opt_in(notice: Tree, common: Common) -> Event:
    return _membership(OptIn, notice, common)


def _opt_out(notice: Tree, common: Common) -> Event:
    return _membership(OptOut, notice, common)


def _ready(notice: Tree, common: Common) -> Event:
    return TemplateReady(**common, mms_id=fields.text(notice, "MMSID"))


def _encoded(notice: Tree, common: Common) -> Event:
    return MmsEncoded(**common, mms_id=fields.text(notice, "MMSID"))


@attrs.frozen
class _File:
    media: Literal["audio", "video", "image"] | None = None
    name: str | None = None


def _file(notice: Tree) -> _File:
    """Return the file at fault: the field tells its kind, the digit of the code does not."""
    named = {medium: fields.text(notice, f"{medium.upper()}NAME") for medium in _MEDIA}
    return next((_File(medium, named[medium]) for medium in _MEDIA if named[medium]), _File())


_MEDIA: tuple[Literal["audio", "video", "image"], ...] = ("audio", "video", "image")


def _broken(notice: Tree, common: Common) -> Event:
    file, mms_id = _file(notice), fields.text(notice, "MMSID")
    return TemplateFailed(**common, mms_id=mms_id, media=file.media, file=file.name)


def _not_encoded(notice: Tree, common: Common) -> Event:
    file, mms_id = _file(notice), fields.text(notice, "MMSID")
    return MmsEncodingFailed(**common, mms_id=mms_id, media=file.media, file=file.name)


_PASSES: dict[str, Literal["made", "failed", "limit", "credit"]] = {
    "N801": "made",
    "N802": "failed",
    "N803": "limit",
    "N811": "credit",
}


def _pass(notice: Tree, common: Common) -> Event:
    code = fields.text(notice, "STATUSCODE") or fields.text(notice, "CODE") or ""
    return PassReport(
        **common,
        status=_PASSES.get(code.upper(), "unknown"),
        serial_number=fields.text(notice, "SERIALNUMBER"),
        reference=fields.text(notice, "REFERENCEVALUE"),
    )


#: Origin and code of each kind; an empty origin or code stands for any. N501, N502, E501 and E502
#: speak of a device discovery message, not of the MMS: they stay plain events.
READERS: dict[tuple[str, str], Reader] = {
    **{("SMS_MT", code): _delivery for code in ("N201", "N202", "E201", "E202")},
    **{("MMS_MT", code): _delivery for code in ("N101", "N102", "N103", "E101", "E102")},
    **{("MMS_MT", code): _fallback for code in ("N202", "E202")},
    **{("MMS_MT", code): _ready for code in ("N002", "N003")},
    **{("MMS_MT", code): _broken for code in ("E001", "E002", "E003", "E004")},
    **{("MMS_MT", code): _not_encoded for code in ("E011", "E012", "E013")},
    ("MMS_MT", "N013"): _encoded,
    ("SMS_MO", "N211"): _inbound,
    ("MMS_MO", "N401"): _inbound,
    ("SUB", "N301"): _opt_in,
    ("SUB", "N302"): _opt_out,
    ("EMAIL_SUB", "N303"): _opt_in,
    ("EMAIL_SUB", "N304"): _opt_out,
    ("GENERATE_PASS", ""): _pass,
    ("", "E999"): _delivery,
}
