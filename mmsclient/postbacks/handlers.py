"""Which coroutine functions hear of which events."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

import attrs

from mmsclient.events import Event

E = TypeVar("E", bound=Event)

#: Called with an event; what it returns does not matter.
Handler: TypeAlias = Callable[[E], Awaitable[object]]


@attrs.frozen(kw_only=True)
class Registered:
    """A handler and what it hears of."""

    name: str
    """What its progress is kept under, in all processes."""
    kind: type[Event]
    late: bool
    call: Handler[Any] = attrs.field(repr=False)


class Handlers:
    """The handlers in the order in which they were registered."""

    def __init__(self) -> None:
        self._all: dict[str, Registered] = {}

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, kind: type[Event], call: Handler[Any], *, name: str | None, late: bool) -> None:
        """Register a handler.

        Raises:
            TypeError: *call* is no coroutine function.
            ValueError: there is one of this name.
        """
        if not _is_asynchronous(call):
            raise TypeError(
                "a handler must be an async def: a plain function would stop all others"
            )
        name = _name(call) if name is None else name
        if name in self._all:
            raise ValueError(f"there is a handler {name}: give one of them a name=")
        self._all[name] = Registered(name=name, kind=kind, late=late, call=call)

    def of(self, event: Event, *, late: bool) -> list[Registered]:
        """Return those that hear of an event; of a *late* one only those that asked for such."""
        return [
            one
            for one in self._all.values()
            if isinstance(event, one.kind) and (one.late or not late)
        ]


def insist_on_events(kind: object) -> None:
    """Raise TypeError for anything but a class of events."""
    if not (isinstance(kind, type) and issubclass(kind, Event)):
        raise TypeError("on() takes a class of events: @postbacks.on(mms.DeliveryReport)")


def _is_asynchronous(call: Any) -> bool:
    while isinstance(call, partial):
        call = call.func
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004 - what it is, not whether
    )


def _name(call: Any) -> str:
    while isinstance(call, partial):
        call = call.func
    named = call if hasattr(call, "__qualname__") else type(call)
    return f"{named.__module__}.{named.__qualname__}"
