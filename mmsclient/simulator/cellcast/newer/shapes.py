"""The three shapes of answers of the API with a token, and its pages."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any

from mmsclient.simulator.cellcast.codes import NO_CREDIT
from mmsclient.simulator.cellcast.shapes import answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mmsclient.simulator.cellcast.ask import Ask
    from mmsclient.simulator.cellcast.terms import CellcastTerms
    from mmsclient.simulator.rest import RestError
    from mmsclient.wire import HttpResponse

#: Stands in every answer for the service's own pages; the spelling is the service's.
_NOISE: dict[str, Any] = {
    "app_type": "web",
    "app_version": "1.0",
    "maintainence": 0,
    "new_version": 0,
    "force_update": 0,
    "invalid_token": 0,
    "refresh_token": "",
    "show_message": 0,
    "is_enc": False,
}

#: Rows a page where the call does not say.
PER_PAGE = 10

#: "Too little credit: HTTP 422."
_PAYMENT = 422


def noisy(data: object, text: str = "Success", *, status: bool = True) -> dict[str, Any]:
    """Return the shape of most answers."""
    told = {"status": status, "message": text, "message_type": "toast", "data": data}
    return {**_NOISE, **told, "error": {}}


def with_meta(data: object, text: str = "Success") -> dict[str, Any]:
    """Return the shape of answers on the account, its responses and its opt-outs."""
    meta = {"code": 200, "status": "SUCCESS"}
    return {"meta": meta, "message": text, "data": data, "error": {}}


def failure(no: RestError, terms: CellcastTerms) -> HttpResponse:
    """Return the answer to a call that is refused."""
    text = str(no.description)
    status = _PAYMENT if text == NO_CREDIT else no.status
    if status in {401, 429} or no.code == "FIELD_EMPTY":
        told = {"code": status, "message": text, "stack": f"APIError: {text} ..."}
        return answer(told, status)
    if status == 404:
        return answer(refused({"message": text}), status)
    said = refused({"errorMessage": text})
    return answer(said, 200 if terms.always_200 and status != _PAYMENT else status)


def refused(error: dict[str, str]) -> dict[str, Any]:
    """Return the shape of most answers, of a refusal."""
    return noisy({}, *error.values(), status=False) | {"error": error}


def paged(rows: Sequence[object], page: int, limit: int) -> dict[str, Any]:
    """Return one page of rows."""
    start, count = (page - 1) * limit, max(1, math.ceil(len(rows) / limit))
    return {
        "items": list(rows[start : start + limit]),
        "total": len(rows),
        "limit": limit,
        "current": page,
        "totalPages": count,
        "pagingCounter": start + 1,
        "hasPrevPage": page > 1,
        "hasNextPage": page < count,
        "offset": start,
        "prevPage": page - 1 if page > 1 else None,
        "nextPage": page + 1 if page < count else None,
    }


def instant(ask: Ask, seconds: float) -> str:
    """Return seconds of the service's clock as these answers write a time: in UTC."""
    moment: datetime = ask.vendor.clock.date(seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def new_id() -> str:
    """Return an identifier of 24 hexadecimal digits."""
    return uuid.uuid4().hex[:24]
