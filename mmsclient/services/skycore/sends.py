"""Sending by fields: each action that sends, with the fields of its message as parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from mmsclient.messages import Message, Mms, SavedMms, Slide, Sms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mmsclient.outcomes import Accepted
    from mmsclient.wire import Call


class Sends(ABC):
    """The actions that send one message."""

    __slots__ = ()

    @abstractmethod
    def send(self, message: Message) -> Call[Accepted]:
        """Return the call that sends *message*."""

    def send_mms(
        self,
        *,
        to: str,
        sender: str,
        slides: Iterable[Slide],
        name: str,
        subject: str | None = None,
        fallback_text: str | None = None,
        reference: str | None = None,
        from_mask: str | None = None,
        operator_id: str | None = None,
        campaign_ref: str | None = None,
        disable_fallback_sms_link: bool = False,
        mms_link_expiration_date: datetime | None = None,
        force_send_as_sms: bool = False,
    ) -> Call[Accepted]:
        """Build and send one MMS to one number (sendMMS); the fields are those of Mms."""
        return self.send(
            Mms(
                to=to,
                sender=sender,
                slides=slides,
                name=name,
                subject=subject,
                fallback_text=fallback_text,
                reference=reference,
                from_mask=from_mask,
                operator_id=operator_id,
                campaign_ref=campaign_ref,
                disable_fallback_sms_link=disable_fallback_sms_link,
                mms_link_expiration_date=mms_link_expiration_date,
                force_send_as_sms=force_send_as_sms,
            )
        )

    def send_sms(
        self,
        *,
        to: str,
        sender: str,
        text: str,
        reference: str | None = None,
        from_mask: str | None = None,
        operator_id: str | None = None,
        campaign_ref: str | None = None,
    ) -> Call[Accepted]:
        """Send one SMS (sendSMS); the fields are those of Sms."""
        return self.send(
            Sms(
                to=to,
                sender=sender,
                text=text,
                reference=reference,
                from_mask=from_mask,
                operator_id=operator_id,
                campaign_ref=campaign_ref,
            )
        )

    def send_saved_mms(
        self,
        *,
        template: str,
        to: str,
        sender: str,
        texts: Mapping[int, str] | None = None,
        subject: str | None = None,
        data: Mapping[str, str] | None = None,
        fallback_text: str | None = None,
        reference: str | None = None,
        from_mask: str | None = None,
        operator_id: str | None = None,
        campaign_ref: str | None = None,
        disable_fallback_sms: bool = False,
        disable_fallback_sms_link: bool = False,
        force_pass_as_link: bool = False,
        ddm_title: str | None = None,
        ddm_text: str | None = None,
        ddm_timeout: int | None = None,
        ddm_force: bool = False,
    ) -> Call[Accepted]:
        """Send a template to one number (sendSavedMMS); the fields are those of SavedMms."""
        return self.send(
            SavedMms(
                template=template,
                to=to,
                sender=sender,
                texts={} if texts is None else texts,
                subject=subject,
                data={} if data is None else data,
                fallback_text=fallback_text,
                reference=reference,
                from_mask=from_mask,
                operator_id=operator_id,
                campaign_ref=campaign_ref,
                disable_fallback_sms=disable_fallback_sms,
                disable_fallback_sms_link=disable_fallback_sms_link,
                force_pass_as_link=force_pass_as_link,
                ddm_title=ddm_title,
                ddm_text=ddm_text,
                ddm_timeout=ddm_timeout,
                ddm_force=ddm_force,
            )
        )
