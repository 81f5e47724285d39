"""Sending an MMS at v3: send-mms, a form of several parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmsclient.messages import File, Media
from mmsclient.services.cellcast import bodies, check, limits, media, recipients, rules, sending
from mmsclient.services.cellcast.answers import Action, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from mmsclient.services.cellcast.answers import T_co
    from mmsclient.services.cellcast.bodies import Part
    from mmsclient.services.cellcast.values import Sent


def send_mms(
    *,
    to: object,
    text: str,
    image: str | Media | File,
    subject: str | None,
    any_type: bool,
    zone: ZoneInfo,
) -> Action[Sent]:
    """Return the call that sends one MMS to 1 to 1000 numbers."""
    several = recipients.several(to)
    missing = rules.absent(media.address(image))
    takes = media.IMAGES
    check.insist(
        (
            *recipients.faults(several),
            *rules.text("subject", subject, longest=limits.MMS_SUBJECT),
            *rules.needed("text", text, longest=limits.MMS_TEXT),
            *((media.no_image("image"),) if missing else ()),
            *(() if missing else media.image("image", image, takes=takes, any_type=any_type)),
            *media.fits("image", image, text, subject),
        )
    )
    numbers = recipients.cleaned(several)
    return action(subject, text, image, numbers, sending.sent(numbers, sending.V3, zone))


def action(
    subject: str | None,
    text: str | None,
    image: Any,
    numbers: Iterable[str],
    read: Callable[[Answer], T_co],
) -> Action[T_co]:
    """Return the call for fields that have passed their rules; numbers are cleaned."""
    listed = bodies.dumps([recipients.plus(number) for number in numbers])
    fields = bodies.given(
        subject=None if rules.absent(subject) else subject, mms_text=text, numbers=listed
    )
    parts = [bodies.field(name, value) for name, value in fields.items()]
    return Action(
        name="send-mms",
        path="send-mms",
        method="POST",
        body=bodies.as_form((*parts, picture("mms_file", image))),
        read=read,
        sends=True,
    )


def picture(name: str, image: Any) -> Part:
    """Return the part with the image: a file, or its address as plain text."""
    if isinstance(image, File):
        file_name, kind = media.safe_name(image), media.media_type(image)
        return bodies.Part(name, image.content, file_name, kind)
    return bodies.field(name, str(media.address(image)))
