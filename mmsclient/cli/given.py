"""The options that describe a message, for ``send`` whole and for ``bulk`` what all rows share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from mmsclient.cli import fields
from mmsclient.cli.say import stop
from mmsclient.cli.shared import Shared
from mmsclient.messages import File, Media, Slide

#: Bytes of a picture that are read at most: no service takes nearly as many.
LARGEST = 20_000_000

_PANEL = "Message"


def _option(*names: str, text: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=_PANEL)


@attrs.frozen(kw_only=True)
class Words:
    """What many messages can share."""

    sender: Annotated[
        str | None,
        _option("--from", text="Number, code or name of the account; not every service needs one."),
    ] = attrs.field(default=None, repr=False)
    text: Annotated[str | None, _option("--text", text="Text of an SMS.")] = attrs.field(
        default=None, repr=False
    )
    subject: Annotated[str | None, _option("--subject", text="Subject of an MMS.")] = attrs.field(
        default=None, repr=False
    )
    name: Annotated[str | None, _option("--name", text="The service's internal name for it.")] = (
        attrs.field(default=None, repr=False)
    )
    image: Annotated[
        str | None,
        _option(
            "--image",
            text="Picture of the slide: a public address, or a file where the service takes them.",
            metavar="URL|FILE",
        ),
    ] = attrs.field(default=None, repr=False)
    slide_text: Annotated[str | None, _option("--slide-text", text="Text of the slide.")] = (
        attrs.field(default=None, repr=False)
    )
    slides: Annotated[
        Path | None,
        _option("--slides", text="JSON file: a list of slides, each with image, audio, text …"),
    ] = None
    fallback_text: Annotated[
        str | None, _option("--fallback-text", text="Text where it has to go out as SMS.")
    ] = attrs.field(default=None, repr=False)
    template: Annotated[
        str | None, _option("--template", text="Id of a stored MMS.", metavar="ID")
    ] = None
    text_slide: Annotated[
        list[str] | None,
        _option("--text-slide", text="New text of slide N of the template.", metavar="N=TEXT"),
    ] = attrs.field(default=None, repr=False)
    data: Annotated[
        list[str] | None,
        _option("--data", text="Merge tag of the template.", metavar="NAME=VALUE"),
    ] = attrs.field(default=None, repr=False)
    field: Annotated[
        list[str] | None,
        _option("--field", text="Any other field, such as campaign_ref.", metavar="NAME=VALUE"),
    ] = attrs.field(default=None, repr=False)

    def cells(self) -> dict[str, str]:
        """Return what was given, by column; end the command where an option cannot be read."""
        apart = {"slides", "text_slide", "data", "field", *(("image",) if self._file else ())}
        found = {
            one.name: getattr(self, one.name)
            for one in attrs.fields(type(self))
            if one.name not in apart and getattr(self, one.name) is not None
        }
        pairs = [("--text-slide", "text.", self.text_slide), ("--data", "data.", self.data)]
        for option, prefix, given in [*pairs, ("--field", "", self.field)]:
            for one in given or ():
                column, value = _pair(option, prefix, one)
                found[column] = value
        return found

    def shared(self) -> Shared:
        """Return all of it, as every message takes it."""
        return Shared(self.cells(), self.pages(), self.picture())

    def pages(self) -> tuple[Slide, ...]:
        """Return the slides of the JSON file, if one was given."""
        return () if self.slides is None else _slides(self.slides)

    def picture(self) -> File | None:
        """Return the file that --image names; None where it is an address, or not given."""
        return None if self._file is None else _picture(self._file)

    @property
    def _file(self) -> Path | None:
        # An address without its https:// is better missed as a file than sent.
        return Path(self.image) if self.image and "://" not in self.image else None


@attrs.frozen(kw_only=True)
class Given(Words):
    """What one message is made of."""

    to: Annotated[str | None, _option("--to", text="The recipient's number.", metavar="NUMBER")] = (
        attrs.field(default=None, repr=False)
    )
    reference: Annotated[str | None, _option("--reference", text="Your own id.")] = attrs.field(
        default=None, repr=False
    )

    @classmethod
    def options(cls) -> dict[str, str]:
        """Return the option of each field that has one."""
        alone = [one.name for one in attrs.fields(cls) if one.name != "field"]
        plain = {name: f"--{name.replace('_', '-')}" for name in alone}
        slide = {"slides[0].image": "--image", "slides[0].text": "--slide-text"}
        return {**plain, **slide, "sender": "--from"}


def _pair(option: str, prefix: str, given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        stop(f"{option}: write NAME=VALUE")
    column = fields.known(f"{prefix}{name.strip()}")
    if column is None:
        stop(f"{option}: {fields.unknown([name])}" if not prefix else f"{option}: no such slide")
    return column, value


def _picture(path: Path) -> File:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        stop(f"--image: cannot read {path}: {why}; give a file, or an address with https://")
    if len(content) > LARGEST:
        stop(f"--image: {path} is larger than {LARGEST:,} bytes: shrink the picture")
    return File(content, path.name)


def _slides(path: Path) -> tuple[Slide, ...]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        stop(f"cannot read {path}: {error.strerror}")
    except ValueError:
        stop(f"{path} is not JSON")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        stop(f'{path} must hold a list of slides: [{{"image": "https://…", "text": "…"}}]')
    names = {one.name for one in attrs.fields(Slide)}
    for number, one in enumerate(listed, 1):
        if strange := sorted(set(one) - names):
            stop(f"{path}: slide {number}: unknown: {', '.join(strange)}")
    return tuple(Slide(**{name: _medium(value) for name, value in one.items()}) for one in listed)


def _medium(value: Any) -> Any:
    if isinstance(value, dict) and set(value) in ({"url"}, {"url", "size"}):
        return Media(**value)
    return value
