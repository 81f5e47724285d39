"""The way between a caller and the service: how long each call takes in and out."""

from __future__ import annotations

from random import Random

import attrs

from mmsclient.simulator.bounds import odds, within


@attrs.frozen(kw_only=True)
class Shape:
    """What a way is like. All figures are per direction, in seconds."""

    latency: float = attrs.field(default=0.0, validator=within())
    """What every call takes."""
    jitter: float = attrs.field(default=0.0, validator=within())
    """What comes on top, uniformly from 0 to this."""
    tail: tuple[float, float] = attrs.field(default=(0.0, 0.0), validator=odds)
    """The probability of a straggler, and what it takes on top."""


class Path:
    """Draws a delay for each direction of each call."""

    def __init__(self, shape: Shape, seed: int | None = None) -> None:
        self._shape = shape
        self._random = Random(seed)  # noqa: S311 - repeatable by seed is the point

    def delay(self) -> float:
        """Return the seconds one direction of one call takes."""
        shape, draw = self._shape, self._random
        probability, straggling = shape.tail
        late = straggling if probability and draw.random() < probability else 0.0
        return shape.latency + (draw.uniform(0, shape.jitter) if shape.jitter else 0.0) + late
