"""The signature of callbacks, by the vendor's recipe.

The vendor published a sample without its secret, so the recipe was never checked against one.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADER = "x-transmitsms-signature"

# PHP knows no blanks and dots in names of parameters.
_AS_IN_PHP = str.maketrans(" .", "__")


def is_right(pairs: Sequence[tuple[str, str]], headers: Mapping[str, str], secret: str) -> bool:
    """Whether the callback is signed with *secret*; without a secret nothing is.

    Whether names count as they came or as PHP writes them is not documented: either will do.
    """
    given = headers.get(HEADER, "").strip().lower().encode("utf-8", "replace")
    plain = _signed(dict(pairs), secret)
    changed = _signed({name.translate(_AS_IN_PHP): said for name, said in pairs}, secret)
    # Both are compared whatever the first says: the time taken tells nothing.
    same = hmac.compare_digest(given, plain) | hmac.compare_digest(given, changed)
    return bool(secret) and same


def _signed(parameters: Mapping[str, str], secret: str) -> bytes:
    """Return the signature of parameters in the order they arrived; of repeats the last counts."""
    document = json.dumps(parameters, separators=(",", ":")).replace("/", "\\/")
    return hmac.new(secret.encode(), document.encode(), "sha256").hexdigest().encode()
