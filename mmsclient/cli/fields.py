"""From named cells of text to a message: what a column, or an option, becomes.

The names are those of the fields in ``mmsclient.messages``; beside them stand ``from`` for
``sender``, ``data.NAME`` for merge tags, ``text.N`` for the texts of a template, and for slides
``image`` … ``slide_text`` ``duration``, with ``.2`` for the second slide and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from textwrap import fill
from typing import Any, TypeAlias, get_type_hints

import attrs

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.messages import File, Media, Message, Mms, SavedMms, Slide, Sms

Parser: TypeAlias = Callable[[str], Any]
Part: TypeAlias = str | int | None

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _flag(value: str) -> bool:
    try:
        return _WORDS[value.strip().lower()]
    except KeyError:
        raise ValueError("is neither true nor false; write one of them") from None


def _whole(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("is not a whole number; write digits only") from None


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("is not a date and time; write it like 2031-02-03T04:05:06Z") from None


#: Type of a field -> how a cell becomes one. Fields of other types have columns of their own.
_PARSERS: Mapping[Any, Parser] = {
    str: str,
    str | None: str,
    str | Media | None: str,
    str | Media | File | None: str,
    bool: _flag,
    int | None: _whole,
    datetime | None: _moment,
}


def _parsers(kind: type[Any]) -> dict[str, Parser]:
    types = get_type_hints(kind)
    names = [field.name for field in attrs.fields(kind)]
    return {name: _PARSERS[types[name]] for name in names if types[name] in _PARSERS}


MESSAGES: Mapping[type[Any], Mapping[str, Parser]] = {
    kind: _parsers(kind) for kind in (Mms, Sms, SavedMms)
}
#: Column -> parser; only the text of a slide needs another name, an SMS has one too.
SLIDES: Mapping[str, Parser] = {
    "slide_text" if name == "text" else name: parser for name, parser in _parsers(Slide).items()
}
PLAIN: tuple[str, ...] = tuple(dict.fromkeys(name for one in MESSAGES.values() for name in one))
_ALIASES = {"from": "sender"}
#: What other programs call some columns: never taken for these, but named where they stand.
_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("phone", "mobile", "number", "msisdn", "recipient", "telephone"), "to"),
    **dict.fromkeys(("message", "msg", "body", "content", "sms"), "text"),
    **dict.fromkeys(("picture", "photo", "media"), "image"),
    **dict.fromkeys(("id", "ref"), "reference"),
}
_KINDS = {Mms: "an MMS", Sms: "an SMS", SavedMms: "a template"}
_NOTHING = Fault(
    "text",
    "there is nothing to send",
    "give text for an SMS, image or slide_text for an MMS, template for a stored MMS",
)


def known(column: str) -> str | None:
    """Return the column under its own name, None if there is no such column."""
    name, dot, rest = column.partition(".")
    # Case is for people; only the name of a merge tag keeps its own.
    column = _ALIASES.get(column.lower(), f"{name.lower()}{dot}{rest}")
    name, part = _split(column)
    plain = part is None and (name in PLAIN or name in SLIDES)
    return column if plain or _parted(name, part) else None


def meant(column: str) -> str | None:
    """Return the column that another program's word for it stands for, None if it is no such word."""
    return _MEANT.get(column.lower())


def unknown(columns: Iterable[str]) -> str:
    """Return the sentence that names columns which do not exist, and what was probably meant."""
    offered = [*PLAIN, *SLIDES, *_ALIASES]
    named = []
    for column in columns:
        near = meant(column) or next(iter(get_close_matches(column.lower(), offered, n=1)), None)
        named.append(f"{column!r}" + (f" (did you mean {near}?)" if near else ""))
    return f"unknown: {', '.join(named)}\n{listed()}"


def listed() -> str:
    """Return the lines that name all columns, the most needed first."""
    others = (name for name in PLAIN if name not in {"to", "sender", "text", "template"})
    parts = {
        "columns": ("from", "to", "text", *others),
        "of slides": (*SLIDES, "each also with .2, .3 …"),
        "of templates": ("template", "text.1, text.2 …", "data.NAME"),
    }
    lines = (_wrapped(what, names) for what, names in parts.items())
    return "\n".join(lines)


def _wrapped(what: str, names: Iterable[str]) -> str:
    return fill(f"{what}: {', '.join(names)}", 78, initial_indent="  ", subsequent_indent="    ")


def _split(column: str) -> tuple[str, Part]:
    name, dot, part = column.partition(".")
    if not dot:
        return name, None
    return name, int(part) if part.isascii() and part.isdigit() and name != "data" else part


def _parted(name: str, part: Part) -> bool:
    if name == "data":
        return isinstance(part, str) and bool(part)
    return (name == "text" or name in SLIDES) and isinstance(part, int) and part > 0


@attrs.define
class _Reading:
    """One message in the making."""

    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)
    slides: dict[int, dict[str, Any]] = attrs.field(factory=dict, repr=False)
    texts: dict[int, str] = attrs.field(factory=dict, repr=False)
    data: dict[str, str] = attrs.field(factory=dict, repr=False)
    faults: list[Fault] = attrs.field(factory=list)

    def take(self, column: str, value: str) -> None:
        name, part = _split(column)
        if name == "data":
            self.data[str(part)] = value
        elif name == "text" and isinstance(part, int):
            self.texts[part] = value
        elif name in SLIDES:
            field = "text" if name == "slide_text" else name
            place = part if isinstance(part, int) else 1
            self.slides.setdefault(place, {})[field] = self._parsed(column, SLIDES[name], value)
        else:
            parser = next(one[name] for one in MESSAGES.values() if name in one)
            self.fields[name] = self._parsed(column, parser, value)

    def _parsed(self, column: str, parser: Parser, value: str) -> Any:
        try:
            return parser(value)
        except ValueError as error:
            rule, _, fix = str(error).partition("; ")
            self.faults.append(Fault(column, rule, fix))
            return None


def message(
    cells: Mapping[str, str], slides: Sequence[Slide] = (), image: File | None = None
) -> Message:
    """Make the message that *cells* describe; empty cells count as absent.

    A template makes a SavedMms, a slide an Mms, text an Sms. *slides* stand in place of columns;
    *image* is that of the first slide, unless a column has one.

    Raises:
        InvalidMessageError: a cell cannot be read, or does not belong to this kind of message.
    """
    reading = _Reading()
    for column, value in cells.items():
        if value.strip():
            reading.take(column, value)
    if image is not None:
        reading.slides.setdefault(1, {}).setdefault("image", image)
    kind = _kind(reading, slides)
    faults = [*reading.faults, *_strays(reading, kind, slides)]
    if faults:
        raise InvalidMessageError(faults)
    made = [Slide(**one) for _, one in sorted(reading.slides.items())]
    extra: dict[type[Any], dict[str, Any]] = {
        Mms: {"slides": made or slides},
        SavedMms: {"texts": reading.texts, "data": reading.data},
    }
    # A recipient that is missing is for the service's own check to name.
    result: Message = kind(**{"to": "", **reading.fields, **extra.get(kind, {})})
    return result


def _kind(reading: _Reading, slides: Sequence[Slide]) -> type[Any]:
    if "template" in reading.fields:
        return SavedMms
    if slides or reading.slides:
        return Mms
    if "text" in reading.fields:
        return Sms
    raise InvalidMessageError([*reading.faults, _NOTHING])


def _strays(reading: _Reading, kind: type[Any], slides: Sequence[Slide]) -> Iterator[Fault]:
    names = [name for name in reading.fields if name not in MESSAGES[kind]]
    if kind is not SavedMms:
        names += [f"text.{n}" for n in reading.texts] + [f"data.{name}" for name in reading.data]
    elif slides or reading.slides:
        names.append("slides")
    told = {fault.field for fault in reading.faults}
    for name in names:
        if name not in told:
            yield Fault(name, f"is no field of {_KINDS[kind]}", "leave it out")
    if slides and reading.slides:
        yield Fault("slides", "are given twice", "give columns or a file of slides, not both")
