"""What is worth knowing of a text before it is sent as SMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.messages import Advice
from mmsclient.text import segments

if TYPE_CHECKING:
    from collections.abc import Iterator


def advice(field: str, text: str) -> Iterator[Advice]:
    """Say what makes a text dearer than it looks: another alphabet, and several parts."""
    taken = segments(text)
    if taken.encoding == "ucs-2":
        note = "holds characters outside the GSM alphabet: a part takes 70 instead of 160"
        yield Advice(field, note)
    if taken.parts > 1:
        yield Advice(field, f"takes {taken.parts} parts, each of which is billed")
