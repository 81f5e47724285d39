"""The shapes of answers: the published envelope, that of the overview pages, and a page of rows."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator.rest import STATUSES
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator.cellcast.terms import CellcastTerms
    from mmsclient.simulator.rest import RestError

HEADERS = {"content-type": "application/json"}

#: "calls that take a page parameter return 25 items a page"; "templates 15".
PAGE_SIZE, TEMPLATES_PER_PAGE = 25, 15


@attrs.frozen(kw_only=True)
class Listing:
    """One page of rows."""

    rows: Sequence[object] = attrs.field(repr=False)
    number: int
    total: int
    size: int = PAGE_SIZE
    sized: bool = False
    """Whether the answer names the size."""

    @property
    def count(self) -> int:
        """How many pages there are."""
        return math.ceil(self.total / self.size)


def listing(rows: Sequence[object], number: int, *, size: int = PAGE_SIZE) -> Listing:
    """Return page *number* of all *rows*; one past the end has none."""
    start = (number - 1) * size
    return Listing(
        rows=rows[start : start + size],
        number=number,
        total=len(rows),
        size=size,
        sized=size != PAGE_SIZE,
    )


@attrs.frozen(kw_only=True)
class Told:
    """What a call has to say, before it takes a shape."""

    text: str = "Success"
    """Nobody may rely on it: the service itself varies it."""
    data: object = attrs.field(factory=list, repr=False)
    page: Listing | None = None
    """Rows instead of ``data``."""
    alert: str | None = None
    """Little credit is left."""


def success(told: Told, terms: CellcastTerms) -> dict[str, Any]:
    """Return the envelope of a call that was carried out."""
    top: dict[str, Any] = {}
    if terms.form != "overview":
        top |= {"meta": {"code": 200, "status": "SUCCESS"}, "msg": told.text}
    data = told.data
    if told.page is not None:
        data, page = _rows(told.page, terms), _page(told.page, terms)
        if terms.form == "published":
            data = {"page": page, **data}
        else:
            top["page"] = page
    top["data"] = data
    if terms.form != "published":
        top["error"] = {"code": "SUCCESS", "description": "OK"}
    return top | ({"low_sms_alert": told.alert} if told.alert else {})


def _page(page: Listing, terms: CellcastTerms) -> dict[str, Any]:
    return {"count": terms.count(page.count), "number": terms.count(page.number)}


def _rows(page: Listing, terms: CellcastTerms) -> dict[str, Any]:
    sizes = {"per_page": terms.count(page.size)} if page.sized else {}
    return {"total": terms.count(page.total, text=True), **sizes, "responses": list(page.rows)}


def nobody_wrote(terms: CellcastTerms) -> dict[str, Any]:
    """Return the strange success that an empty listing of replies was seen with."""
    nothing = {"page": {"count": "0", "number": 0}, "total": 0, "responses": ""}
    told = Told(text="No Response are available!", data=nothing)
    return success(told, attrs.evolve(terms, form="published"))


def failure(no: RestError, terms: CellcastTerms) -> dict[str, Any]:
    """Return the envelope of a refusal. What it says of HTTP is the code's own status."""
    text = str(no.description)
    top: dict[str, Any] = {}
    if terms.form != "overview":
        meta = {"code": STATUSES.get(no.code, 400), "status": no.code}
        top |= {"meta": meta, "msg": text, "data": []}
    if terms.form != "published":
        top["error"] = {"code": no.code, "description": text}
    return top


def answer(body: object, status: int = 200) -> HttpResponse:
    """Return an answer of JSON."""
    return HttpResponse(status, HEADERS, json.dumps(body).encode())


def bare(no: RestError) -> HttpResponse:
    """Return what a server in front says when the service does not."""
    return HttpResponse(no.status, {"content-type": "text/plain"}, b"Not now.\n")
