"""Answers that say nothing: bodies for faults of the kind ``garbage``, in each wire's own form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs

from mmsclient.wire import HttpResponse

Form: TypeAlias = Literal["xml", "json"]

#: "huge" is over any bound a client should accept, "deep" goes over any depth. "doctype" is XML on
#: every wire, "truncated" and "both" are made of the true answer.
GARBAGE: tuple[str, ...] = (
    "html",
    "empty",
    "truncated",
    "not_utf8",
    "huge",
    "deep",
    "doctype",
    "both",
    "neither",
)

HTML = b"<html><body><h1>It works!</h1><br></body></html>"

_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))

#: 24 MB of a well-formed document.
_PADS = 2_000_000
_LEVELS = 100_000


@attrs.frozen(kw_only=True)
class Nonsense:
    """What a wire's own garbage is made of."""

    form: Form
    root: bytes = b"RESPONSE"
    """The root element of its XML."""
    neither: bytes
    """Neither success nor failure."""
    both: Callable[[HttpResponse], bytes] = attrs.field(repr=False)
    """Makes of a true answer one that says both success and failure."""

    def body(self, kind: str, answer: HttpResponse) -> bytes:
        """Return the body of that kind, in place of *answer*."""
        if kind in {"neither", "html", "empty"}:
            return {"neither": self.neither, "html": HTML, "empty": b""}[kind]
        if kind == "truncated":
            return answer.body[: len(answer.body) // 2]
        if kind == "both":
            return self.both(answer)
        root = self.root
        if kind == "doctype":
            return b'<!DOCTYPE %s [<!ENTITY e0 "x">%s]><%s>&e9;</%s>' % (
                root,
                _ENTITIES,
                root,
                root,
            )
        return _xml(kind, root) if self.form == "xml" else _json(kind)


def _xml(kind: str, root: bytes) -> bytes:
    inner = {
        "not_utf8": b"<STATUS>Succ\xe8s</STATUS>",
        "huge": b"<PAD>x</PAD>" * (_PADS if kind == "huge" else 0),
        "deep": (b"<A>" * _LEVELS + b"</A>" * _LEVELS) if kind == "deep" else b"",
    }[kind]
    return b"<%s>%s</%s>" % (root, inner, root)


def _json(kind: str) -> bytes:
    inner = {
        "not_utf8": b'"Succ\xe8s"',
        "huge": b"[%s0]" % (b'"xxxxxxxxx",' * (_PADS if kind == "huge" else 0)),
        "deep": (b"[" * _LEVELS + b"]" * _LEVELS) if kind == "deep" else b"",
    }[kind]
    return b'{"data":%s}' % inner
