"""What messages are made of, as the service holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

Kind: TypeAlias = Literal["mms", "sms"]

#: Estimate of what travels in base64, once per message ("Send MMS API", sizes).
GROWTH, FRAME = 1.37, 814

#: "fallback link life: 1 year", in seconds: the default and the most.
LINK_LIFE = 365 * 86_400.0

_TAG = re.compile(r"\{\$([A-Za-z_][\w.-]*)(?:\|([^}]*))?\}")


@attrs.frozen(kw_only=True)
class File:
    """One attachment of a slide."""

    kind: str
    """``image``, ``audio``, ``video``, ``vcard``, ``ical``, ``pdf`` and so on."""
    url: str = attrs.field(repr=False)
    size: int = 0
    """Bytes, where the simulator was told."""


@attrs.frozen(kw_only=True)
class Slide:
    """One page of an MMS."""

    text: str | None = attrs.field(default=None, repr=False)
    files: tuple[File, ...] = ()
    duration: int | None = None

    @property
    def encodes(self) -> bool:
        """Whether the service has to encode something in it."""
        return any(file.kind in {"audio", "video"} for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of text and attachments."""
        return len((self.text or "").encode()) + sum(file.size for file in self.files)


@attrs.frozen(kw_only=True)
class Content:
    """An MMS without its recipient."""

    slides: tuple[Slide, ...]
    subject: str | None = attrs.field(default=None, repr=False)
    name: str | None = attrs.field(default=None, repr=False)
    fallback_text: str | None = attrs.field(default=None, repr=False)
    may_fall_back: bool = True
    """Whether it may go out as SMS."""
    link: bool = True
    """Whether that SMS carries the link."""
    link_life: float = LINK_LIFE
    """Seconds from acceptance until the content behind the link is gone."""

    @property
    def encodes(self) -> bool:
        """Whether it waits for encoding."""
        return any(slide.encodes for slide in self.slides)

    @property
    def size(self) -> int:
        """Bytes that travel, by the published estimate."""
        return round(sum(slide.size for slide in self.slides) * GROWTH) + FRAME


def fill(text: str, data: Mapping[str, str]) -> tuple[str, bool]:
    """Fill the merge tags of *text* and tell whether every one had a value or a default.

    Names match without regard to case.
    """
    values = {name.lower(): value for name, value in data.items()}
    whole = True

    def value(tag: re.Match[str]) -> str:
        nonlocal whole
        name, default = tag[1].lower(), tag[2]
        whole = whole and (name in values or default is not None)
        return values.get(name, default or "")

    return _TAG.sub(value, text), whole


@attrs.frozen(kw_only=True)
class Outgoing:
    """A message on its way to one handset."""

    to: str = attrs.field(repr=False)
    sender: str = attrs.field(repr=False)
    mask: str | None = attrs.field(default=None, repr=False)
    """Alphanumeric sender to show, where the country allows one."""
    kind: Kind
    tracking_id: str
    content: Content
    """For an SMS: one slide with its text."""
    mms_id: str | None = None
    reference: str | None = attrs.field(default=None, repr=False)
    as_sms: bool = False
    """Whether an MMS is forced out as SMS."""
    encodes: bool = False
    """Whether it waits for encoding first."""
    complete: bool = True
    """False where personal content is missing: such a message hangs."""
    accepted_at: float
    due: float = 0.0
    """When it is to leave, if that is later than its acceptance."""
    service: str = "skycore"
    """The service that took it."""
    parts: int = 1
    """What is paid for it: SMS parts, or 1."""
    tracked: bool = False
    """Whether its text holds a tracked link."""
    callbacks: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """Addresses of this message alone, by what is told there."""


@attrs.frozen(kw_only=True)
class Delivery:
    """A message that a handset really received. Times are seconds of the service's clock."""

    to: str = attrs.field(repr=False)
    sender: str = attrs.field(repr=False)
    shown_as: str = attrs.field(repr=False)
    """The sender as the handset shows it."""
    kind: Kind
    """What was sent."""
    sent_as: Kind
    """What arrived: ``sms`` for an MMS that went out as text with a link."""
    tracking_id: str
    """What the caller was told: several numbers of one call can share it."""
    service: str = "skycore"
    """The service that took it."""
    mms_id: str | None = None
    reference: str | None = attrs.field(default=None, repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    texts: tuple[str, ...] = attrs.field(default=(), repr=False)
    """The text of each slide that has one; for an SMS its text."""
    slides: tuple[Slide, ...] = attrs.field(default=(), repr=False)
    """Empty where it arrived as SMS."""
    link: str | None = attrs.field(default=None, repr=False)
    """Where the content of a fallback SMS can be seen."""
    link_until: float | None = None
    """When that content is gone."""
    accepted_at: float
    delivered_at: float
