"""How far a message has come, by the words of both APIs."""

from __future__ import annotations

from mmsclient.outcomes import DeliveryStatus

#: "Delivery Reports" of v3, and "Get Message Detail" of the Bearer API: status, and whether nothing
#: more is expected.
STATUSES: dict[str, tuple[DeliveryStatus, bool]] = {
    # v3
    "queued": (DeliveryStatus.PENDING, False),
    "dispatched": (DeliveryStatus.SENT, False),
    "aborted": (DeliveryStatus.FAILED, True),
    "rejected": (DeliveryStatus.REJECTED, True),
    "delivered": (DeliveryStatus.DELIVERED, True),
    "failed": (DeliveryStatus.FAILED, True),
    "expired": (DeliveryStatus.EXPIRED, True),
    # No usable receipt came back, and none will.
    "unknown": (DeliveryStatus.UNKNOWN, True),
    # the Bearer API
    "scheduled": (DeliveryStatus.PENDING, False),
    # By the service, which is not the phone.
    "received": (DeliveryStatus.PENDING, False),
    "sent": (DeliveryStatus.SENT, False),
    "blocked": (DeliveryStatus.REJECTED, True),
    "canceled": (DeliveryStatus.FAILED, True),
    "dead": (DeliveryStatus.FAILED, True),
}


def of(words: str) -> tuple[DeliveryStatus, bool]:
    """Return the status that *words* say and whether it is final; what is not published is open."""
    return STATUSES.get(words.strip().lower(), (DeliveryStatus.UNKNOWN, False))
