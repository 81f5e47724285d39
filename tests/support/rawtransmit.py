"""TransmitSMS calls written and read by hand, and sent without this library's client."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from mmsclient.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

FORM = "application/x-www-form-urlencoded"

#: A message that nobody can object to.
SMS = {"to": "12025550143", "from": "70707", "message": "Fresh at 7"}


def authorization(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def headers(sim: Simulator, account: int = 0) -> dict[str, str]:
    found = sim.accounts[account]
    return {"authorization": authorization(found.key, found.secret), "content-type": FORM}


class Reply:
    """An answer: its status, its error block, and its body as it was parsed."""

    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.body
        kind = response.headers.get("content-type", "")
        self.json: Any = json.loads(response.body) if kind.startswith("application/json") else None
        self.xml = ET.fromstring(response.body) if kind.startswith("text/xml") else None  # noqa: S314 - ours

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    @property
    def keys(self) -> list[str]:
        return list(self.json)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def code(self) -> str:
        if self.xml is not None:
            return self.xml.findtext("error/code") or ""
        return str(self.json["error"]["code"]) if self.json else f"HTTP {self.status}"


async def exchange(sim: Simulator, request: HttpRequest) -> Reply:
    return Reply(await sim.transport().exchange(request, lambda: None))


async def ask(
    sim: Simulator,
    call: str,
    params: dict[str, Any] | None = None,
    /,
    *,
    form: str = "json",
    account: int = 0,
    **more: Any,
) -> Reply:
    """Call in process, by POST with a form."""
    body = urlencode({**(params or {}), **more}).encode()
    url = f"{sim.urls['transmitsms']}{call}.{form}"
    return await exchange(sim, HttpRequest("POST", url, headers(sim, account), body))


async def get(sim: Simulator, call: str, **params: Any) -> Reply:
    """Call in process, by GET with a query."""
    url = f"{sim.urls['transmitsms']}{call}.json?{urlencode(params)}"
    return await exchange(sim, HttpRequest("GET", url, headers(sim)))
