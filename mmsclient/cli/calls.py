"""The option that says how many messages share a call, and the count of the calls a list takes."""

from __future__ import annotations

from typing import Annotated

import typer

from mmsclient.gathering import BATCH, HELD, Calls

__all__ = ["HELD", "Batch", "Calls"]

Batch = Annotated[
    int | None,
    typer.Option(
        "--batch",
        min=1,
        help=f"Messages that share a call, where the service can; 1: none do. [{BATCH}]",
    ),
]
