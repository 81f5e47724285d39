"""The bytes of requests and answers: a form goes out, JSON or XML comes back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlencode

from mmsclient.services import jsontree, xmltree
from mmsclient.services.jsontree import JsonError
from mmsclient.services.xmltree import XmlError

if TYPE_CHECKING:
    from mmsclient.services.fields import Tree

Form: TypeAlias = Literal["json", "xml"]
"""What answers are written in."""

FORM = "application/x-www-form-urlencoded"


class BodyError(ValueError):
    """A body that cannot be read. Its text is ours: nothing of the body is in it."""


def encode(form: Mapping[str, str]) -> bytes:
    """Return the body of a request, parameters in the order given."""
    return urlencode(form).encode()


def headers(api_key: str, api_secret: str) -> dict[str, str]:
    """Return the headers of a request; the credential is one line however long it is."""
    credential = b64encode(f"{api_key}:{api_secret}".encode()).decode()
    return {"content-type": FORM, "authorization": f"Basic {credential}"}


def parse(body: bytes, form: Form = "json") -> Tree:
    """Return the fields of an answer, whichever of the two forms it comes in.

    Which one a refusal takes is not documented, so the first sign decides and not the suffix.
    What is neither is told as not of *form*, the one that was asked for.

    Raises:
        BodyError: it is neither, or no block of fields.
    """
    marked = xmltree.bare(body).startswith(b"<")
    try:
        tree = xmltree.parse(body, "response") if marked else jsontree.parse(body)
    except (XmlError, JsonError) as error:
        asked = marked == (form == "xml")
        raise BodyError(str(error) if asked else f"is not {form.upper()}") from None
    if not isinstance(tree, Mapping):
        raise BodyError("is no block of fields")
    return tree
