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
    return {"id": _sent(Handset(number, vendor), written)}


def _sent(phone: Handset, written: Written) -> str:
    text, files = written.text or "", [written.picture] if written.picture else []
    if written.to is None and written.service is None and (received := phone.messages):
        _insist_on_takers(received[-1].service, written)
        return phone.reply(text, subject=written.subject, files=files)
    if not written.is_mms:
        return phone.send_sms(text, to=written.to, service=written.service)
    service = written.service or "skycore"
    _insist_on_takers(service, written)
    return phone.send_mms(
        text, subject=written.subject, files=files, to=written.to, service=service
    )


def _insist_on_takers(service: str, written: Written) -> None:
    if written.is_mms and service not in TAKE_MMS:
        raise ValueError(f"{service} takes no MMS from phones: leave subject and picture empty")


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
