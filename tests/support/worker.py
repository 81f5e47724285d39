"""A process that takes postbacks and handles them, to be killed at any moment.

Its handler uses the key: key and effect are written in one transaction of a database of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from pathlib import Path

import uvicorn

import mmsclient as mms

LAYOUT = """
CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS effects (key TEXT, worker TEXT)
"""


def effects(folder: Path) -> list[tuple[str, str]]:
    """Return the keys that had an effect, and in which worker."""
    with contextlib.closing(sqlite3.connect(folder / "effects.db")) as file:
        return file.execute("SELECT key, worker FROM effects").fetchall()


async def main(folder: Path, port: int, name: str) -> None:
    service = mms.Skycore(api_key="k-123")
    here = ["127.0.0.0/8"]
    postbacks = mms.Postbacks(
        service, inbox=folder / "inbox.db", allow=here, lease=1.0, concurrency=8
    )
    file = sqlite3.connect(folder / "effects.db", timeout=30, isolation_level=None)
    file.executescript(f"PRAGMA journal_mode = WAL; {LAYOUT}")

    @postbacks.on(mms.Event)
    async def handle(event: mms.Event) -> None:
        await asyncio.sleep(0.005)
        file.execute("BEGIN IMMEDIATE")
        new = file.execute("INSERT OR IGNORE INTO done VALUES (?)", (event.key,)).rowcount
        if new:
            file.execute("INSERT INTO effects VALUES (?, ?)", (event.key, name))
        file.execute("COMMIT")
        await asyncio.sleep(0.005)

    config = uvicorn.Config(
        postbacks.asgi,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        lifespan="on",
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
