"""What settings are judged by, of clients and of receivers."""

from __future__ import annotations


def insist_on_count(name: str, value: int) -> None:
    """Raise TypeError or ValueError unless *value* is a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number")
    if value < 1:
        raise ValueError(f"{name} must be at least 1")
