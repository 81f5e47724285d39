"""An MMS as a template that is saved once, and as the message that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.errors import Fault
from mmsclient.messages import Mms, SavedMms, Slide
from mmsclient.services.skycore import check, rules, templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.services.skycore.answers import Action
    from mmsclient.services.skycore.values import SavedTemplate

#: How a merge tag begins ("Save MMS"): sendSavedMMS replaces it, sendMMS does not.
_TAG = "{$"


def save(message: Mms) -> Action[SavedTemplate]:
    """Return the action that saves the content of *message*, or raise why none can."""
    check.insist(_lost(message))
    return templates.save_mms(
        name=message.name or "",
        slides=message.slides,
        subject=message.subject,
        fallback_text=message.fallback_text,
        disable_fallback_sms=False,
        disable_fallback_sms_link=message.disable_fallback_sms_link,
    )


def sending(message: Mms, template: str) -> SavedMms:
    """Return what sends that template in place of *message*."""
    return SavedMms(
        template=template,
        to=message.to,
        sender=message.sender,
        reference=message.reference,
        from_mask=message.from_mask,
        operator_id=message.operator_id,
        campaign_ref=message.campaign_ref,
        disable_fallback_sms_link=message.disable_fallback_sms_link,
    )


def waits(message: Mms) -> bool:
    """Whether a template of it may be sent only once TemplateReady has come ("Save MMS", E626)."""
    slides = (slide for slide in message.slides if isinstance(slide, Slide))
    return any(not rules.absent(file) for one in slides for file in (one.audio, one.video))


def _lost(message: Mms) -> Iterator[Fault]:
    """Judge what sendSavedMMS has no node for, or would change."""
    if message.mms_link_expiration_date is not None:
        rule = "has no place in a template"
        yield Fault("mms_link_expiration_date", rule, "send it as it is, or leave this out")
    if message.force_send_as_sms:
        rule = "has no place in the sending of a template"
        yield Fault("force_send_as_sms", rule, "send it as it is")
    texts = {"subject": message.subject, "fallback_text": message.fallback_text}
    slides = message.slides if isinstance(message.slides, tuple) else ()
    for position, slide in enumerate(slides):
        texts[f"slides[{position}].text"] = getattr(slide, "text", None)
    for field, text in texts.items():
        if isinstance(text, str) and _TAG in text:
            yield Fault(field, f"holds {_TAG}, which a template fills in", "send it as it is")
