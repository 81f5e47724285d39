"""Reading of a multipart form, as send-mms takes one: parts with a name, some of them files."""

from __future__ import annotations

import re
from email.message import Message

import attrs

#: RFC 2046, 5.1.1: 1 to 70 of these, no blank at the end.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")


class UnreadableFormError(ValueError):
    """The body is no multipart form."""


@attrs.frozen(kw_only=True)
class Part:
    """One field of a form."""

    name: str
    content: bytes = attrs.field(repr=False)
    filename: str | None = None
    """Told for a file alone."""
    type: str | None = None
    """Media type, if the part names one."""

    @property
    def text(self) -> str:
        """The content of a plain field.

        Raises:
            UnreadableFormError: it is not UTF-8.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            raise UnreadableFormError("a field is not UTF-8") from error


def boundary_of(content_type: str) -> str | None:
    """Return the boundary a Content-Type names; None where it is no multipart form's."""
    header = _parameters("content-type", content_type)
    if header.get_content_type() != "multipart/form-data":
        return None
    boundary = header.get_boundary()
    return boundary if boundary and _BOUNDARY.fullmatch(boundary) else None


def read_form(body: bytes, boundary: str) -> list[Part]:
    """Return the parts of a form, in order.

    Raises:
        UnreadableFormError: not closed, text before or after it, or a part without a name.
    """
    # Every delimiter but the first stands after a line break, which is the delimiter's own.
    chunks = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    if len(chunks) < 2 or chunks[0] or chunks[-1] not in {b"--", b"--\r\n"}:
        raise UnreadableFormError("the form is not whole")
    return [_part(chunk) for chunk in chunks[1:-1]]


def _part(chunk: bytes) -> Part:
    head, blank, content = chunk.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n"):
        raise UnreadableFormError("a part has no head")
    headers = _headers(head[2:])
    disposition = _parameters("content-disposition", headers.get("content-disposition", ""))
    name = disposition.get_param("name", header="content-disposition")
    if disposition.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise UnreadableFormError("a part has no name")
    return Part(
        name=name,
        content=content,
        filename=disposition.get_filename(),
        type=headers.get("content-type"),
    )


def _headers(head: bytes) -> dict[str, str]:
    try:
        lines = head.decode().split("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableFormError("a head is not UTF-8") from error
    pairs = [line.partition(":") for line in lines]
    if not all(colon for _, colon, _ in pairs):
        raise UnreadableFormError("a head is broken")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _parameters(name: str, value: str) -> Message:
    # The standard library reads such headers in one place only: a message's.
    message = Message()
    message[name] = value
    return message
