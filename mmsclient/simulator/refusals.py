"""Why the service says no, in words that each wire translates into its own codes."""

from __future__ import annotations

from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "key",
    "inactive",
    "rights",
    "address",
    "forbidden",
    "rate",
    "quota",
    "credit",
    "number",
    "sender",
    "blacklisted",
    "operator",
    "campaign missing",
    "campaign unknown",
    "not subscribed",
    "no subscription",
    "no template",
    "encoding",
    "inbox unknown",
    "inbox empty",
]


class Refusal(Exception):  # noqa: N818 - an answer of the service, no error
    """The service says no. ``wait`` is how long, where time helps."""

    def __init__(self, reason: Reason, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.wait = wait
