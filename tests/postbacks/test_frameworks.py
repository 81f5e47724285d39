"""The receiver inside other people's applications, and alone."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI
from inboxes import SERVICE, receiver, report, served, settled
from starlette.applications import Starlette
from starlette.routing import Mount, Route

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    Make = Callable[..., Starlette]

EACH: list[Make] = [Starlette, FastAPI]
XML = report(7).body
SECRET = "s3cret-0f-the-path"  # noqa: S105 - of nobody


async def answers(url: str, *paths: str) -> list[int]:
    async with httpx.AsyncClient(base_url=url) as client:
        return [(await client.post(path, content=XML)).status_code for path in paths]


@pytest.mark.parametrize("make", EACH)
async def test_it_is_added_as_a_route_with_and_without_a_slash(tmp_path: Path, make: Make) -> None:
    postbacks, app = receiver(tmp_path), make()
    app.add_route("/postbacks", postbacks.asgi)
    app.add_route("/postbacks/", postbacks.asgi)
    async with served(app) as url:
        assert await answers(url, "/postbacks", "/postbacks/", "/else") == [200, 200, 404]
        async with httpx.AsyncClient() as client:
            for method in ("GET", "PUT", "HEAD"):
                assert (await client.request(method, f"{url}/postbacks")).status_code == 405
    assert (await postbacks.counts())["waiting"] == 1
    await postbacks.aclose()


@pytest.mark.parametrize("make", EACH)
async def test_a_secret_is_a_part_of_the_route(tmp_path: Path, make: Make) -> None:
    postbacks, app = receiver(tmp_path, allow=None, secret=SECRET), make()
    app.add_route("/postbacks/{secret}", postbacks.asgi)
    app.add_route("/postbacks/{secret}/", postbacks.asgi)
    async with served(app) as url:
        paths = (f"/postbacks/{SECRET}", f"/postbacks/{SECRET}/", "/postbacks/x")
        assert await answers(url, *paths) == [200, 200, 404]
    await postbacks.aclose()


async def test_it_is_a_route_among_others_and_mounted(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    routes = [Route("/one", postbacks.asgi), Mount("/two", postbacks.asgi)]
    async with served(Starlette(routes=routes)) as url:
        assert await answers(url, "/one", "/two/", "/two/three") == [200, 200, 200]
    await postbacks.aclose()


async def test_a_path_counts_from_where_it_is_mounted(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, path="/postbacks")
    app = Starlette(routes=[Mount("/api", postbacks.asgi)])
    async with served(app) as url:
        assert await answers(url, "/api/postbacks", "/api/else", "/postbacks") == [200, 404, 404]
    async with served(postbacks.asgi, root_path="/api") as url:
        assert await answers(url, "/postbacks", "/api/postbacks") == [200, 404]
    await postbacks.aclose()


@pytest.mark.parametrize("make", EACH)
async def test_handlers_run_in_the_applications_life(tmp_path: Path, make: Make) -> None:
    postbacks, seen = receiver(tmp_path), list[mms.Event]()

    @postbacks.on(mms.DeliveryReport)
    async def heard(told: mms.DeliveryReport) -> None:
        seen.append(told)

    @contextlib.asynccontextmanager
    async def life(_: Any) -> AsyncIterator[None]:
        async with postbacks.running():
            yield

    app = make(lifespan=life)
    app.add_route("/postbacks", postbacks.asgi)
    async with served(app, lifespan="on") as url:
        assert await answers(url, "/postbacks") == [200]
        await settled(postbacks)
    assert len(seen) == 1


async def test_alone_it_runs_its_handlers_in_the_servers_life(tmp_path: Path) -> None:
    postbacks, seen = receiver(tmp_path), asyncio.Event()

    @postbacks.on(mms.Event)
    async def heard(_: mms.Event) -> None:
        seen.set()

    async with served(postbacks.asgi, lifespan="on") as url:
        assert await answers(url, "/", "/anything") == [200, 200]
        await asyncio.wait_for(seen.wait(), 20)


async def test_alone_it_does_not_start_without_its_file(tmp_path: Path) -> None:
    (tmp_path / "inbox.db").mkdir()
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await receiver(tmp_path).asgi({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in said] == ["lifespan.startup.failed"]
    assert "inbox.db" in said[0]["message"]


async def test_a_failure_at_the_end_of_the_servers_life_is_told_as_one(tmp_path: Path) -> None:
    asgi, said = receiver(tmp_path).asgi, list[str]()

    @contextlib.asynccontextmanager
    async def ends_badly() -> AsyncIterator[None]:
        yield
        raise mms.InboxError("the disk is full")

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message["type"])

    asgi._running = ends_badly
    await asgi({"type": "lifespan"}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.failed"]


async def test_other_protocols_are_turned_away(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    asgi = receiver(tmp_path).asgi
    await asgi({"type": "websocket"}, send, send)
    assert said == [{"type": "websocket.close", "code": 1008}]
    with pytest.raises(TypeError, match="add_route"):
        await asgi(object())


def test_clients_of_other_event_loops_use_one_receiver_one_after_the_other(tmp_path: Path) -> None:
    """As a framework's test client does, which runs each request on a loop of its own."""
    postbacks, app = receiver(tmp_path), FastAPI()
    app.add_route("/postbacks", postbacks.asgi)

    async def visit() -> int:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return (await client.post("/postbacks", content=XML)).status_code

    assert [asyncio.run(visit()) for _ in range(3)] == [200, 200, 200]
    assert asyncio.run(postbacks.counts())["waiting"] == 1
    asyncio.run(postbacks.aclose())


def test_importing_it_needs_no_framework_and_costs_the_library_nothing() -> None:
    script = (
        "import sys, mmsclient as mms; assert 'mmsclient.postbacks' not in sys.modules;"
        "assert 'sqlite3' not in sys.modules; mms.Postbacks;"
        "print(*(set(sys.modules) & {'starlette', 'uvicorn', 'fastapi'}))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert shown.stdout.split() == []


def typing_of_the_public_names(app: FastAPI, other: Starlette, folder: Path) -> None:
    """Never run: what a type checker takes."""
    postbacks = mms.Postbacks(SERVICE, inbox=folder / "inbox.db", allow=["192.0.2.0/24"])
    app.add_route("/postbacks", postbacks.asgi)
    app.add_route("/postbacks/", postbacks.asgi, methods=["POST"])
    other.add_route("/postbacks", postbacks.asgi)
    Route("/postbacks", postbacks.asgi)
    Mount("/postbacks", postbacks.asgi)

    @postbacks.on(mms.DeliveryReport)
    async def delivered(report: mms.DeliveryReport) -> None:
        report.status.value.upper()

    @postbacks.on(mms.OptOut)  # type: ignore[arg-type]
    async def wrong(report: mms.DeliveryReport) -> None: ...

    @postbacks.on(mms.Event, late=True, name="all")
    async def everything(event: mms.Event) -> int:
        return len(event.key)
