"""What can be done on the page: what phones' owners can do, and which phone it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator.faults import SERVICES
from mmsclient.simulator.page.views import TAKE_MMS
from mmsclient.simulator.phone import Handset

if TYPE_CHECKING:
    from mmsclient.simulator.page.views import View
    from mmsclient.simulator.vendor import Vendor

#: Characters of what an owner writes; far more than any network carries.
LONGEST = 5000


def _line(given: Any) -> str | None:
    if given is None:
        return None
    if isinstance(given, str) and len(given) <= LONGEST:
        # JSON can hold halves of characters, which no wire carries.
        return given.strip().encode("utf-8", "replace").decode() or None
    raise ValueError(f"every field is text of at most {LONGEST} characters")


@attrs.frozen(kw_only=True)
class Written:
    """A message as its writer typed it in. With a subject or a picture it is an MMS."""

    text: str | None = attrs.field(default=None, converter=_line, repr=False)
    subject: str | None = attrs.field(default=None, converter=_line, repr=False)
    picture: str | None = attrs.field(default=None, converter=_line, repr=False)
    """Its address: nothing is fetched from there."""
    to: str | None = attrs.field(default=None, converter=_line, repr=False)
    """A number or code of the account; whoever wrote last, or any of its own, where left out."""
    service: str | None = attrs.field(default=None, converter=_line)

    @property
    def is_mms(self) -> bool:
        """Whether it goes as MMS."""
        return bool(self.subject or self.picture)


def write(vendor: Vendor, number: str, body: dict[str, Any]) -> View:
    """Let the owner of *number* send a message: an answer, unless it says where it goes.

    Raises:
        ValueError: it is empty, or the service takes no such thing.
    """
    written = Written(**_only(body, {"text", "subject", "picture", "to", "service"}))
    if not (written.text or written.is_mms):
        raise ValueError("write something first")
    if written.service not in {None, *SERVICES}:
        raise ValueError(f"services are {', '.join(SERVICES)}")
    phone = Handset(number, vendor)
    return {"id": _mms(vendor, phone, written) if written.is_mms else _sms(phone, written)}


def _sms(phone: Handset, written: Written) -> str:
    text = written.text or ""
    if written.to is None and written.service is None and phone.messages:
        return phone.reply(text)
    return phone.send_sms(text, to=written.to, service=written.service)


def _mms(vendor: Vendor, phone: Handset, written: Written) -> str:
    rows = vendor.register.at_handset(phone.number)
    last = rows[-1] if rows and written.to is None and written.service is None else None
    service = last.message.service if last else written.service or "skycore"
    if service not in TAKE_MMS:
        raise ValueError(f"{service} takes no MMS from phones: leave subject and picture empty")
    return phone.send_mms(
        written.text or "",
        subject=written.subject,
        files=[written.picture] if written.picture else (),
        to=last.message.sender if last else written.to,
        account=last.account if last else 0,
        service=service,
    )


def make(vendor: Vendor, number: str, body: dict[str, Any]) -> View:
    """Make a phone one with iOS, which shows vCards, calendars and PDFs, or another."""
    ios = _only(body, {"ios"}).get("ios")
    if not isinstance(ios, bool):
        raise ValueError("ios must be true or false")  # noqa: TRY004 - for the page
    vendor.lately.make(number, text_only=not ios)
    return {"ios": ios}


def open_link(vendor: Vendor, number: str, _: dict[str, Any]) -> View:
    """Open the tracked link that a phone received last.

    Raises:
        LookupError: it has received none.
    """
    Handset(number, vendor).open_link()
    vendor.lately.touch(number)
    return {}


def _only(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if not body.keys() <= names:
        raise ValueError(f"fields are {', '.join(sorted(names))}")
    return body
