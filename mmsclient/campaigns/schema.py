"""The layout of a campaign's file."""

from __future__ import annotations

from mmsclient.storage import Schema

#: "mmsc", as a number: what marks the file.
_APPLICATION = 0x6D6D7363

_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    given INTEGER NOT NULL,
    number TEXT NOT NULL,
    digits TEXT NOT NULL,
    content INTEGER NOT NULL REFERENCES contents,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    departure INTEGER,
    carried TEXT,
    first_left_at REAL,
    left_at REAL,
    doubted INTEGER NOT NULL DEFAULT 0,
    settled_at REAL,
    message_id TEXT,
    mms_id TEXT,
    failure TEXT,
    evidence TEXT,
    probable INTEGER NOT NULL DEFAULT 0,
    delivery TEXT,
    delivery_at REAL
);
CREATE INDEX rows_by_state ON rows (state, id);
CREATE INDEX rows_by_end_of_number ON rows (substr(digits, -9));
CREATE INDEX rows_by_left_at ON rows (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX rows_by_message_id ON rows (message_id, substr(digits, -9))
    WHERE message_id IS NOT NULL;
CREATE INDEX rows_by_mms_id ON rows (mms_id) WHERE mms_id IS NOT NULL;
CREATE INDEX rows_by_carried ON rows (carried) WHERE carried IS NOT NULL;
CREATE TABLE templates (
    content INTEGER PRIMARY KEY REFERENCES contents,
    savings INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    template TEXT,
    used INTEGER REFERENCES contents
);
CREATE TABLE stopped (
    digits TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE sightings (
    key TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    source TEXT NOT NULL,
    message_id TEXT,
    reference TEXT,
    mms_id TEXT,
    digits TEXT,
    text TEXT,
    at REAL,
    status TEXT,
    final INTEGER NOT NULL,
    seen_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX sightings_by_end ON sightings (substr(digits, -9))
"""

#: ``departure`` is the id of the first row of the call: rows with equal ``departure`` and
#: ``left_at`` shared one. ``doubted``: it was unknown once, so that it may have been sent. A template's ``content`` is what was saved, ``used`` what sends it.
SCHEMA = Schema(kind="campaign journal", application=_APPLICATION, steps=(_FIRST,))
