"""References as a wire can carry them: as they are, or a readable part of them and a hash."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 64
"""Characters of a reference on any wire: the shortest limit that a service publishes."""

#: Hex digits of the hash: 96 bits, so that no two references of any number of messages meet.
_DIGITS = 24
#: Characters that are looked at for the readable part: what stands behind them is in the hash only.
_LOOKED_AT = 256

_OTHER = re.compile(r"[^A-Za-z0-9]+")
# Controls, halves of character pairs and what is no character: no wire brings them back for sure.
_PLAIN = re.compile("[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def is_plain(reference: str) -> bool:
    """Whether XML and percent-encoded text bring a reference back as it is."""
    return _PLAIN.fullmatch(reference) is not None and reference == reference.strip()


def carried(reference: object, fits: Callable[[str], bool]) -> str | None:
    """Return a reference as a wire carries it, in at most 64 characters; None where there is none.

    One that *fits* stays as it is. Of any other the letters and digits are kept as far as they
    go, joined by dashes, with a hash of the whole behind them: two of them never become one. What
    comes out fits every wire, and stays as it is from then on.
    """
    if not isinstance(reference, str) or not reference.strip():
        return None
    if len(reference) <= LONGEST and fits(reference):
        return reference
    # Halves of character pairs are hashed too: each other one must stay another.
    digest = hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    room = LONGEST - len(digest) - 1
    readable = _OTHER.sub("-", reference[:_LOOKED_AT]).strip("-")[:room].strip("-")
    return f"{readable}-{digest}" if readable else digest
