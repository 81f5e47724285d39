"""Options in groups: a command takes one typed value, the command line shows its fields."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn every parameter that is an attrs value into one option per field of it.

    The fields are annotated as typer wants options to be, and have defaults.
    """
    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    groups = {name: hints[name] for name in signature.parameters if attrs.has(hints[name])}

    @functools.wraps(command)
    def outer(**given: Any) -> None:
        values = {name: _gathered(kind, given) for name, kind in groups.items()}
        command(**given, **values)

    shown = list(_parameters(signature, hints, groups))
    outer.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]  # read by inspect
    outer.__annotations__ = {one.name: one.annotation for one in shown}
    return outer


def _gathered(kind: type[Any], given: dict[str, Any]) -> Any:
    return kind(**{field.name: given.pop(field.name) for field in attrs.fields(kind)})


def _parameters(
    signature: inspect.Signature, hints: dict[str, Any], groups: dict[str, type[Any]]
) -> Iterator[inspect.Parameter]:
    named = inspect.Parameter.KEYWORD_ONLY
    for name, parameter in signature.parameters.items():
        if name not in groups:
            yield parameter.replace(annotation=hints[name], kind=named)
            continue
        types = get_type_hints(groups[name], include_extras=True)
        # What a kind adds to the one it is made from comes first: --to before what many share.
        for field in sorted(attrs.fields(groups[name]), key=lambda one: one.inherited):
            yield inspect.Parameter(
                field.name, named, default=field.default, annotation=types[field.name]
            )
