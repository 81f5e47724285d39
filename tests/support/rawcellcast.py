"""Cellcast's calls written and read by hand, and sent without this library's client."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from mmsclient.simulator import Account, CellcastTerms, Simulator
from mmsclient.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    File: TypeAlias = tuple[str, str, bytes]

TO, OTHER, THIRD = "12025550143", "12025550144", "12025550145"

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
GIF, JPEG = b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(40)

SMS: dict[str, Any] = {"sms_text": "Fresh at 7", "numbers": [f"+{TO}"]}
MMS: dict[str, Any] = {
    "subject": "Fresh",
    "mms_text": "Rye & spelt",
    "mms_file": ("menu.png", "image/png", PNG),
    "numbers": json.dumps([f"+{TO}"]),
}

EDGE = "mms-edge-7"


class Reply:
    """An answer, with the parts of the published envelope at hand."""

    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.body
        readable = response.headers.get("content-type", "").startswith("application/json")
        self.json: Any = json.loads(response.body) if readable else None

    @property
    def code(self) -> str:
        return str(self.json["meta"]["status"])

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def rows(self) -> Any:
        return self.json["data"]["responses"]

    @property
    def sent_to(self) -> list[str]:
        return [row["to"] for row in self.data["messages"]]

    @property
    def id(self) -> str:
        return str(self.data["messages"][0]["message_id"])


def simulator(*, terms: CellcastTerms | None = None, **account: Any) -> Simulator:
    answers = terms or CellcastTerms()
    return Simulator(rate=None, accounts=[Account(cellcast=answers, **account)])


def basic(user: str, password: str = "") -> dict[str, str]:
    credential = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {credential}"}


def appkey(sim: Simulator, account: int = 0) -> dict[str, str]:
    return {"appkey": sim.accounts[account].key, "content-type": "application/json"}


async def ask_raw(
    sim: Simulator,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
) -> Reply:
    """Call in process; *path* follows the service's address."""
    request = HttpRequest(method, sim.urls["cellcast"] + path, headers, body)
    return Reply(await sim.transport().exchange(request, lambda: None))


async def post(sim: Simulator, call: str, body: object, *, account: int = 0) -> Reply:
    return await ask_raw(sim, "POST", call, appkey(sim, account), json.dumps(body).encode())


async def get(sim: Simulator, call: str, *, account: int = 0, **query: Any) -> Reply:
    path = f"{call}?{urlencode(query)}" if query else call
    return await ask_raw(sim, "GET", path, appkey(sim, account))


def form(fields: Mapping[str, str | File]) -> bytes:
    """Write a form: a field of three is a file with its name and media type."""
    return b"".join(map(_part, fields.items())) + f"--{EDGE}--\r\n".encode()


def _part(field: tuple[str, str | File]) -> bytes:
    name, value = field
    head = f'--{EDGE}\r\ncontent-disposition: form-data; name="{name}"'
    if isinstance(value, str):
        return f"{head}\r\n\r\n{value}\r\n".encode()
    filename, kind, content = value
    head += f'; filename="{filename}"\r\ncontent-type: {kind}'
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


async def post_form(
    sim: Simulator, call: str, fields: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Reply:
    head = {**(headers or appkey(sim)), "content-type": f"multipart/form-data; boundary={EDGE}"}
    given = {name: value for name, value in fields.items() if value is not None}
    return await ask_raw(sim, "POST", call, head, form(given))


async def send_mms(sim: Simulator, **changes: Any) -> Reply:
    return await post_form(sim, "send-mms", {**MMS, **changes})


def token(sim: Simulator) -> dict[str, str]:
    return {
        "authorization": f"Bearer {sim.accounts[0].key}",
        "content-type": "application/json",
    }


async def newer(
    sim: Simulator, method: str, path: str, body: object = None, **query: str | int
) -> Reply:
    """Call the API with a token."""
    whole = f"api/{path}?{urlencode(query)}" if query else f"api/{path}"
    content = b"" if body is None else json.dumps(body).encode()
    return await ask_raw(sim, method, whole, token(sim), content)
