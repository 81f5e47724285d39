"""How far a message has come, by the words of callbacks and of reports."""

from __future__ import annotations

from mmsclient.outcomes import DeliveryStatus

#: "Webhooks": what the states mean. Only ``pending`` is said to be open.
STATUSES: dict[str, DeliveryStatus] = {
    "delivered": DeliveryStatus.DELIVERED,
    "pending": DeliveryStatus.PENDING,
    "soft-bounce": DeliveryStatus.FAILED,
    "hard-bounce": DeliveryStatus.FAILED,
    # The words that reports have for the same states.
    "bounced": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
}


def of(words: str) -> DeliveryStatus:
    """Return the status that *words* say."""
    return STATUSES.get(words.lower(), DeliveryStatus.UNKNOWN)
