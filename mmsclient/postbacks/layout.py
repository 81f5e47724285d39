"""What an inbox file holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mmsclient.storage import Schema
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3

#: The states of an event. One that waits for its turn, or that somebody works on, is open (0).
#: Queries name them by number: SQLite uses a partial index only then.
DONE, FAILED = 1, 2

_FIRST = """
-- Every request as it came. What the events say is read from here. A number is never used again:
-- what was remembered of a request that is gone must not be taken for another one's.
CREATE TABLE raws (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT NOT NULL,
    received REAL NOT NULL,
    method TEXT NOT NULL,
    query TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    unreadable TEXT
);
CREATE INDEX by_time ON raws (service, received);
CREATE INDEX unreadable ON raws (service, id) WHERE unreadable IS NOT NULL;

-- Of each lane that has open events exactly one has a time when it is due: the next in order. A
-- claim is nothing but an owner and a later time, so that one whose owner has died comes due again.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    raw INTEGER NOT NULL,
    key BLOB NOT NULL,
    lane BLOB NOT NULL,
    late INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    due REAL,
    owner BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,  -- that ended with a handler that raised
    deaths INTEGER NOT NULL DEFAULT 0,  -- since then: claims whose owner never came back
    reason TEXT,
    service TEXT NOT NULL
);
CREATE INDEX due ON events (service, due) WHERE due IS NOT NULL;
CREATE INDEX claimed ON events (service, due) WHERE owner IS NOT NULL;
CREATE INDEX suspects ON events (service, due) WHERE deaths > 0 AND due IS NOT NULL;
CREATE INDEX lanes ON events (lane, id) WHERE state = 0;
CREATE INDEX failed ON events (service, id) WHERE state = 2;
CREATE INDEX by_raw ON events (raw);

-- Which handlers are through with an event that others are not through with.
CREATE TABLE handled (
    event INTEGER NOT NULL,
    handler TEXT NOT NULL,
    PRIMARY KEY (event, handler)
) WITHOUT ROWID;

-- The keys of events that came, and how long a copy counts as one.
CREATE TABLE seen (key BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX by_end ON seen (until);

-- How far each message has come at each number, and the report that said it is final. The number
-- is empty where no report has named it. Its last digits find those that may be the same.
CREATE TABLE messages (
    message BLOB NOT NULL,
    tail TEXT NOT NULL,
    number TEXT NOT NULL,
    reference BLOB,
    status TEXT NOT NULL,
    told INTEGER NOT NULL,
    final INTEGER,
    PRIMARY KEY (message, tail, number)
) WITHOUT ROWID;
CREATE INDEX by_reference ON messages (reference) WHERE reference IS NOT NULL;
CREATE INDEX by_told ON messages (told)
"""

SCHEMA = Schema(kind="inbox of postbacks", application=0x4D4D5049, steps=(_FIRST,))


def request(connection: sqlite3.Connection, raw: int) -> RawPostback:
    """Return a request as it came, without its credentials."""
    look = "SELECT method, query, headers, body FROM raws WHERE id = ?"
    method, query, headers, body = connection.execute(look, (raw,)).fetchone()
    return RawPostback(method, query, json.loads(headers), body)
