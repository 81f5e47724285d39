"""What an inbox file holds."""

from __future__ import annotations

from mmsclient.storage import Schema

#: The states of an event. One that waits for its turn, or that somebody works on, is open (0).
#: Queries name them by number: SQLite uses a partial index only then.
DONE, FAILED = 1, 2

_FIRST = """
-- Every request as it came. What the events say is read from here, each time.
CREATE TABLE raws (
    id INTEGER PRIMARY KEY,
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
    id INTEGER PRIMARY KEY,
    raw INTEGER NOT NULL,
    key BLOB NOT NULL,
    lane BLOB NOT NULL,
    late INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    due REAL,
    owner BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    service TEXT NOT NULL
);
CREATE INDEX due ON events (service, due) WHERE due IS NOT NULL;
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

-- How far each message has come, and the report that said it is final.
CREATE TABLE messages (
    message BLOB NOT NULL,
    number BLOB NOT NULL,
    reference BLOB,
    status TEXT NOT NULL,
    told INTEGER NOT NULL,
    final INTEGER,
    PRIMARY KEY (message, number)
) WITHOUT ROWID;
CREATE INDEX by_reference ON messages (reference) WHERE reference IS NOT NULL;
CREATE INDEX by_told ON messages (told)
"""

SCHEMA = Schema(kind="inbox of postbacks", application=0x4D4D5049, steps=(_FIRST,))
