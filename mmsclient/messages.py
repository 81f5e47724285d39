"""What can be sent, as frozen values that hold what they are given.

Content rules are the service's: ``service.check(message)`` judges, ``service.send(message)``
raises. So a bad row in a list is one refused outcome and never an exception that ends the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from mmsclient.errors import Fault


def _kept(value: Iterable[Slide]) -> tuple[Slide, ...]:
    # What is no iterable is held as it came: judging it is the service's part.
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _texts(value: Mapping[int, str]) -> Mapping[int, str]:
    return dict(value) if isinstance(value, Mapping) else value


def _data(value: Mapping[str, str]) -> Mapping[str, str]:
    return dict(value) if isinstance(value, Mapping) else value


@attrs.frozen
class Media:
    """A file that the service fetches from a public address."""

    url: str = attrs.field(repr=False)
    """Complete and public; ids belong in the path, since query strings may be stripped."""
    size: int | None = None
    """Bytes, if known: lets ``check`` estimate what travels."""


@attrs.frozen
class File:
    """A file that travels inside the call, for services that take uploads."""

    content: bytes = attrs.field(repr=False)
    name: str
    """With its extension, such as ``menu.png``."""
    type: str | None = None
    """Media type, such as ``image/png``; told from the content or the name where left out."""


@attrs.frozen(kw_only=True)
class Slide:
    """One page of an MMS.

    Media is an address, a :class:`Media` where the size is known, or, for an image at a service
    that takes uploads, a :class:`File`.
    """

    image: str | Media | File | None = attrs.field(default=None, repr=False)
    """gif, jpg, png, webp. May stand with audio and text."""
    audio: str | Media | None = attrs.field(default=None, repr=False)
    """mp3. May stand with an image and text."""
    video: str | Media | None = attrs.field(default=None, repr=False)
    """3gp, mp4, mpeg. Stands with text only."""
    vcard: str | Media | None = attrs.field(default=None, repr=False)
    """text/vcard. Objects (vcard, ical, pdf, passbook) stand with text only, one per slide."""
    ical: str | Media | None = attrs.field(default=None, repr=False)
    """text/calendar."""
    pdf: str | Media | None = attrs.field(default=None, repr=False)
    """application/pdf."""
    passbook: str | Media | None = attrs.field(default=None, repr=False)
    """A wallet pass; templates only."""
    personalized_image: str | None = attrs.field(default=None, repr=False)
    """The id of an image template at the service; templates only."""
    text: str | None = attrs.field(default=None, repr=False)
    """Up to 5,000 characters; line feeds are kept."""
    duration: int | None = None
    """Whole seconds on feature phones; the service's default is 10, more than 30 is unwise."""


@attrs.frozen(kw_only=True)
class Mms:
    """An MMS to one number, built from slides as it is sent."""

    to: str = attrs.field(repr=False)
    """International number; + and punctuation may stand in it."""
    sender: str | None = attrs.field(default=None, repr=False)
    """Short or long code of the account."""
    slides: tuple[Slide, ...] = attrs.field(converter=_kept, repr=False)
    """1 to 9, shown in this order."""
    subject: str | None = attrs.field(default=None, repr=False)
    """Up to 80 characters; 40 plain ASCII ones deliver best."""
    name: str | None = attrs.field(default=None, repr=False)
    """The service's internal name for what is sent."""
    fallback_text: str | None = attrs.field(default=None, repr=False)
    """Replaces the subject where the message goes out as SMS; 110 characters deliver best."""
    reference: str | None = attrs.field(default=None, repr=False)
    """Your own id, at most 64 characters: comes back in postbacks, prevents nothing."""
    from_mask: str | None = attrs.field(default=None, repr=False)
    """Alphanumeric sender of up to 11 characters; some countries only, never the USA."""
    operator_id: str | None = None
    """Carrier of the recipient, an opaque string with leading zeros."""
    campaign_ref: str | None = None
    """The subscription list, where the account checks that numbers are subscribed."""
    disable_fallback_sms_link: bool = False
    """Leave the link to the content out of the fallback SMS."""
    mms_link_expiration_date: datetime | None = None
    """When the content behind the fallback link goes; aware, at most 365 days ahead."""
    force_send_as_sms: bool = False
    """Send the fallback SMS to everybody."""


@attrs.frozen(kw_only=True)
class Sms:
    """A plain text message to one number."""

    to: str = attrs.field(repr=False)
    """International number; + and punctuation may stand in it."""
    sender: str | None = attrs.field(default=None, repr=False)
    """Short or long code of the account; optional where the service has a shared pool."""
    text: str = attrs.field(repr=False)
    """Skycore: up to 160 characters."""
    reference: str | None = attrs.field(default=None, repr=False)
    """Your own id. Kept here; sent only where the service documents a place for it."""
    from_mask: str | None = attrs.field(default=None, repr=False)
    """Alphanumeric sender of up to 11 characters; some countries only."""
    operator_id: str | None = None
    """Carrier of the recipient, an opaque string with leading zeros."""
    campaign_ref: str | None = None
    """The subscription list, where the account checks that numbers are subscribed."""


@attrs.frozen(kw_only=True)
class SavedMms:
    """A stored template to one number, with parts of it replaced."""

    template: str
    """Id of the template, as ``save_mms`` returned it."""
    to: str = attrs.field(repr=False)
    """International number; + and punctuation may stand in it."""
    sender: str | None = attrs.field(default=None, repr=False)
    """Short or long code of the account."""
    texts: Mapping[int, str] = attrs.field(factory=dict, converter=_texts, repr=False, hash=False)
    """New text per slide; slides are counted from 1, as the service does."""
    subject: str | None = attrs.field(default=None, repr=False)
    """Replaces the stored subject."""
    data: Mapping[str, str] = attrs.field(factory=dict, converter=_data, repr=False, hash=False)
    """Merge tags: ``{"first_name": "Noor"}`` fills ``{$first_name|friend}``."""
    fallback_text: str | None = attrs.field(default=None, repr=False)
    """Replaces the stored fallback text."""
    reference: str | None = attrs.field(default=None, repr=False)
    """Your own id. Kept here; sent only where the service documents a place for it."""
    from_mask: str | None = attrs.field(default=None, repr=False)
    """Alphanumeric sender of up to 11 characters; some countries only."""
    operator_id: str | None = None
    """Carrier of the recipient, an opaque string with leading zeros."""
    campaign_ref: str | None = None
    """The subscription list, where the account checks that numbers are subscribed."""
    disable_fallback_sms: bool = False
    """Fail rather than go out as SMS."""
    disable_fallback_sms_link: bool = False
    """Leave the link to the content out of the fallback SMS."""
    force_pass_as_link: bool = False
    """Send a wallet pass as a link."""
    ddm_title: str | None = attrs.field(default=None, repr=False)
    """Title of a device discovery message."""
    ddm_text: str | None = attrs.field(default=None, repr=False)
    """Its body; without it there is no discovery."""
    ddm_timeout: int | None = None
    """Minutes to wait for the discovery; the service's default is 5."""
    ddm_force: bool = False
    """Send the discovery to known numbers too."""


Message: TypeAlias = Mms | Sms | SavedMms


@attrs.frozen
class Advice:
    """Something that may spoil a message but never blocks it."""

    field: str
    """Where, as in :class:`Fault`."""
    note: str
    """What may go wrong and what is better."""

    def __str__(self) -> str:
        return f"{self.field}: {self.note}"


@attrs.frozen(kw_only=True)
class Check:
    """What a service holds against a message before anything is sent."""

    faults: tuple[Fault, ...] = ()
    """Published rules that are broken: sending raises with these."""
    advice: tuple[Advice, ...] = ()
    """What may be done better."""

    @property
    def ok(self) -> bool:
        """Whether the message may be sent."""
        return not self.faults


@attrs.frozen(kw_only=True)
class Fetched:
    """A file of a message that the service fetches from its address each time it takes one."""

    field: str
    """Where, as in :class:`Fault`."""
    url: str = attrs.field(repr=False)
    types: frozenset[str] = frozenset()
    """Media types that may stand there; empty where none are published."""
    size: int | None = None
    """Bytes, if known."""


@attrs.frozen(kw_only=True)
class Weight:
    """What an MMS brings along: the files that are fetched for it, and what it weighs."""

    files: tuple[Fetched, ...] = ()
    held: int = 0
    """Bytes of texts, and of files that travel inside the call."""
    growth: float = 1.0
    """How many bytes travel for each of these."""
    fixed: int = 0
    """Bytes that travel once per message."""

    def travels(self, known: Mapping[str, int] | None = None) -> int | None:
        """Return about how many bytes travel, None where the size of a file is not known.

        *known*: sizes found out since, by address; they count more than what was given.
        """
        sizes = [(known or {}).get(file.url, file.size) for file in self.files]
        if any(size is None for size in sizes):
            return None
        return round((self.held + sum(size or 0 for size in sizes)) * self.growth + self.fixed)
