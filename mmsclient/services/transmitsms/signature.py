"""The signature of callbacks, by the vendor's recipe.

The vendor published a sample without its secret, so the recipe was never checked against one.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

HEADER = "x-transmitsms-signature"

# PHP knows no blanks and dots in names of parameters.
_AS_IN_PHP = str.maketrans(" .", "__")


def is_right(
    pairs: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    secret: str,
    single: Collection[str] = (),
) -> bool:
    """Whether the callback is signed with *secret*; without a secret nothing is.

    Of parameters that repeat only the last is signed: those named in *single* may not repeat.

    Whether names count as they came or as PHP writes them is not documented: either will do.
    """
    given = headers.get(HEADER, "").strip().lower().encode("utf-8", "replace")
    names = {name: name.translate(_AS_IN_PHP) for name, _ in pairs}
    plain = _signed(dict(pairs), secret)
    changed = _signed({names[name]: said for name, said in pairs}, secret)
    # Of two names that PHP writes alike one would stand there unsigned.
    apart = len(set(names.values())) == len(names)
    # Both are compared whatever the first says: the time taken tells nothing.
    same = hmac.compare_digest(given, plain) | (hmac.compare_digest(given, changed) & apart)
    return bool(secret) and same and not _repeats(pairs, single)


def covered(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters that a right signature vouches for: of repeats the last."""
    return list(dict(pairs).items())


def _repeats(pairs: Sequence[tuple[str, str]], single: Collection[str]) -> bool:
    names = [name for name, _ in pairs if name in single]
    return len(set(names)) < len(names)


def _signed(parameters: Mapping[str, str], secret: str) -> bytes:
    """Return the signature of parameters in the order they arrived; of repeats the last counts."""
    document = json.dumps(parameters, separators=(",", ":")).replace("/", "\\/")
    return hmac.new(secret.encode(), document.encode(), "sha256").hexdigest().encode()
