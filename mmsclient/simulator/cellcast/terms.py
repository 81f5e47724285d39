"""How the pretend Cellcast is set up: where its documents and its answers disagree, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

#: "published": ``meta``, ``msg`` and ``data``, as the samples have it. "overview": ``error``, and
#: ``page`` at the top, as the overview pages have it. "both": all of them in one answer.
Form: TypeAlias = Literal["published", "overview", "both"]

#: "published": as each sample has it, now a number, now digits in a string.
Counters: TypeAlias = Literal["published", "numbers", "strings"]

#: What an empty listing of replies answers: documented is NOT_FOUND, seen live is SUCCESS with
#: ``count`` "0" and ``responses`` "".
Empty: TypeAlias = Literal["NOT_FOUND", "SUCCESS"]


def _texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return dict(texts)


def _one_of(*choices: str) -> Any:
    def check(_: object, field: attrs.Attribute[str], value: str) -> None:
        if value not in choices:
            raise ValueError(f"cellcast: {field.name} must be one of {', '.join(choices)}")

    return check


@attrs.frozen(kw_only=True)
class CellcastTerms:
    """How Cellcast answers, where it has been seen to answer in several ways."""

    form: Form = attrs.field(
        default="published", validator=_one_of("published", "overview", "both")
    )
    counters: Counters = attrs.field(
        default="published", validator=_one_of("published", "numbers", "strings")
    )
    empty: Empty = attrs.field(default="NOT_FOUND", validator=_one_of("NOT_FOUND", "SUCCESS"))
    plus: bool = True
    """Whether numbers in answers have their +: the samples have it, live answers drop it."""
    always_200: bool = False
    """Whether failures arrive with HTTP 200, so that the body alone tells them; 429 aside."""
    opt_out_active: bool = True
    """Whether the account's opt-out setting is on; off: get-optout is refused."""
    listed_callbacks: bool = False
    """Whether an inbound message is called back as a list of one, as seen live, not an object."""
    templates: Mapping[str, str] = attrs.field(
        factory=dict, converter=_texts, repr=False, hash=False
    )
    """Title -> text of the templates that every account starts with."""

    def count(self, value: float, *, text: bool = False) -> float | str:
        """Return a counter as it is written; *text*: the samples have it as a string."""
        as_text = text if self.counters == "published" else self.counters == "strings"
        return str(value) if as_text else value

    def number(self, digits: str) -> str:
        """Return a phone number as answers show it."""
        return f"+{digits}" if self.plus else digits
