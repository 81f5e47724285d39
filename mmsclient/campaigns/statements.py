"""The SQL of a campaign's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_COLUMNS = """
    rows.id, reference, number, kind, body, state, message_id, mms_id, failure, attempts,
    left_at, settled_at, evidence, probable, delivery, delivery_at
    FROM rows JOIN contents ON contents.id = rows.content
"""
ROW = f"SELECT {_COLUMNS} WHERE rows.id = ?"
ROWS = f"SELECT {_COLUMNS} WHERE rows.id > :after ORDER BY rows.id LIMIT :most"
ROWS_IN = (
    f"SELECT {_COLUMNS} WHERE state = :state AND rows.id > :after ORDER BY rows.id LIMIT :most"
)

PENDING = """
    SELECT rows.id, reference, number, kind, body, attempts, content
    FROM rows JOIN contents ON contents.id = rows.content
    WHERE state = 'pending' AND rows.id > ? ORDER BY rows.id LIMIT ?
"""

KEEP_CONTENT = "INSERT INTO contents (digest, kind, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
CONTENT = "SELECT id FROM contents WHERE digest = ?"
INSERT = """
    INSERT INTO rows (reference, given, number, digits, content, state, failure, settled_at)
    VALUES (:reference, :given, :number, :digits, :content, :state, :failure, :settled_at)
    ON CONFLICT (reference) DO NOTHING
"""
KNOWN = "SELECT id, digits, content, state, attempts FROM rows WHERE reference = ?"
REPLACE = """
    UPDATE rows SET number = :number, digits = :digits, content = :content, state = :state,
        failure = :failure, settled_at = :settled_at
    WHERE reference = :reference AND attempts = 0 AND state IN ('pending', 'refused')
"""

STATE = "SELECT state, digits FROM rows WHERE id = ?"
DEPART = """
    UPDATE rows SET state = 'sending', attempts = attempts + 1, departure = :departure,
        carried = :carried, left_at = :at, first_left_at = coalesce(first_left_at, :at),
        failure = NULL
    WHERE id = :id AND state = 'pending'
"""
COME_BACK = "UPDATE rows SET state = 'pending', failure = ? WHERE id = ? AND state = 'sending'"
SETTLE = """
    UPDATE rows SET state = :state, settled_at = :at, failure = :failure,
        message_id = :message_id, mms_id = :mms_id, doubted = max(doubted, :state = 'unknown'),
        evidence = CASE :state WHEN 'accepted' THEN 'answer' END
    WHERE id = :id AND state IN ('pending', 'sending')
"""
SENDING = "SELECT id FROM rows WHERE state = 'sending' ORDER BY id"
BREAK_OFF = """
    UPDATE rows SET state = 'unknown', settled_at = :at, failure = :failure, doubted = 1
    WHERE state = 'sending'
"""
RESEND = """
    UPDATE rows SET state = 'pending', settled_at = NULL
    WHERE state = 'unknown' AND coalesce(left_at, 0) < :before
"""

COUNTS = "SELECT state, count(*) FROM rows GROUP BY state"
FIRST_AND_LAST = """
    SELECT (SELECT min(left_at) FROM rows WHERE left_at IS NOT NULL),
        (SELECT max(left_at) FROM rows WHERE left_at IS NOT NULL)
"""
STOPPED = "SELECT count(*) FROM stopped"
DELIVERIES = "SELECT delivery, count(*) FROM rows WHERE state = 'accepted' GROUP BY delivery"

# The first of a number's rows is found at once: by the index they come in their order.
DUPLICATES = """
    SELECT count(*) FROM rows AS later WHERE state = 'pending' AND EXISTS (
        SELECT 1 FROM rows AS earlier
        WHERE substr(earlier.digits, -9) = substr(later.digits, -9)
        AND earlier.id < later.id AND earlier.digits = later.digits AND +earlier.state <> 'refused'
    )
"""
REPEATED = """
    SELECT contents.id, count, kind, body, number, reference, template
    FROM (
        SELECT content, count(*) AS count, min(id) AS first FROM rows
        WHERE state = 'pending' AND attempts = 0
            AND content IN (SELECT id FROM contents WHERE kind = 'Mms')
        GROUP BY content HAVING count(*) >= :at_least ORDER BY 2 DESC, 1 LIMIT :most
    )
    JOIN rows ON rows.id = first
    JOIN contents ON contents.id = rows.content
    LEFT JOIN templates ON templates.content = rows.content
    ORDER BY count DESC, contents.id
"""
BEGIN_TEMPLATE = """
    INSERT INTO templates (content, savings, waits) VALUES (?, 1, ?)
    ON CONFLICT (content) DO UPDATE SET savings = savings + 1
"""
DROP_TEMPLATE = "UPDATE templates SET savings = savings - 1 WHERE content = ?"
FORGET_TEMPLATE = "DELETE FROM templates WHERE content = ? AND savings = 0"
KEEP_TEMPLATE = "UPDATE templates SET template = :template, used = :used WHERE content = :content"
USE_TEMPLATE = """
    UPDATE rows SET content = :used
    WHERE content = :content AND state = 'pending' AND attempts = 0
"""
STANDS_FOR = "SELECT EXISTS (SELECT 1 FROM templates WHERE content = ? AND used = ?)"
TEMPLATES = """
    SELECT kind, body, template, savings, waits, coalesce(count, 0)
    FROM templates JOIN contents ON contents.id = templates.content
    LEFT JOIN (
        SELECT content AS filled, count(*) AS count FROM rows
        WHERE state = 'pending' AND content IN (SELECT used FROM templates) GROUP BY content
    ) ON filled = used
    ORDER BY templates.content
"""

# Services write some numbers without their country code: nine digits and more stand for all that
# end with them. The first line is for the index.
_SAME = """
    substr(rows.digits, -9) = substr(:digits, -9)
    AND substr(rows.digits, -length(:digits)) = :digits
"""
ADD_STOPPED = "INSERT INTO stopped (digits, source, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
ANY_STOPPED = "SELECT EXISTS (SELECT 1 FROM stopped)"
# Each number on the list stands for all that end with it.
IS_STOPPED = "SELECT EXISTS (SELECT 1 FROM stopped WHERE digits IN (?, ?, ?, ?, ?, ?, ?, ?, ?))"
# The plus keeps the planner from walking through all pending rows for one number.
REFUSE_STOPPED = f"""
    UPDATE rows SET state = 'refused', failure = :failure, settled_at = :at
    WHERE +state = 'pending' AND {_SAME}
"""  # noqa: S608 - no value is put in
# Fewer digits have no index to be found by: one walk through all pending rows for all of them.
REFUSE_STOPPED_SHORT = """
    UPDATE rows SET state = 'refused', failure = :failure, settled_at = :at
    WHERE state = 'pending' AND (
        substr(digits, -7) IN (SELECT digits FROM stopped)
        OR substr(digits, -8) IN (SELECT digits FROM stopped)
    )
"""
REFUSE = "UPDATE rows SET state = 'refused', failure = ?, settled_at = ? WHERE id = ?"

_SEEN = """
    rows.id, rows.digits, kind, body, state, attempts, doubted, first_left_at, left_at,
    message_id, delivery, carried
    FROM rows JOIN contents ON contents.id = rows.content
"""
BY_ID = f"SELECT {_SEEN} WHERE rows.id = ?"
BY_CARRIED = f"SELECT {_SEEN} WHERE carried = :name"
BY_MESSAGE_ID = f"SELECT {_SEEN} WHERE message_id = :name"
BY_MESSAGE_ID_AND_NUMBER = f"SELECT {_SEEN} WHERE message_id = :name AND {_SAME}"
BY_MMS_ID = f"SELECT {_SEEN} WHERE mms_id = :name AND kind = 'Mms'"
# Rows that may be what a sighting speaks of which names none: what became of them is open.
OPEN_BY_NUMBER = f"""
    SELECT {_SEEN} WHERE {_SAME} AND left_at IS NOT NULL
    AND (state IN ('unknown', 'sending') OR (state = 'accepted' AND message_id IS NULL))
"""
SEEN = """
    UPDATE rows SET state = 'accepted', settled_at = CASE state WHEN 'accepted' THEN settled_at
        ELSE :at END, message_id = coalesce(message_id, :message_id),
        mms_id = coalesce(mms_id, :mms_id), failure = NULL,
        evidence = coalesce(evidence, :evidence),
        probable = CASE WHEN evidence IS NULL THEN :probable ELSE probable END,
        delivery_at = CASE WHEN delivery IS :delivery THEN delivery_at ELSE :delivery_at END,
        delivery = :delivery
    WHERE id = :id
"""
KEEP_SIGHTING = """
    INSERT INTO sightings VALUES (:key, :service, :source, :message_id, :reference, :mms_id,
        :digits, :text, :at, :status, :final, :seen_at)
    ON CONFLICT (key) DO NOTHING
"""
_KEPT = "key, service, source, message_id, reference, mms_id, digits, text, at, status, final"
SIGHTINGS = f"SELECT {_KEPT} FROM sightings ORDER BY seen_at"  # noqa: S608 - no value is put in
SIGHTINGS_OF = f"SELECT {_KEPT} FROM sightings WHERE substr(digits, -9) = ? ORDER BY seen_at"  # noqa: S608 - same
DROP_SIGHTING = "DELETE FROM sightings WHERE key = ?"
DROP_OLD_SIGHTINGS = "DELETE FROM sightings WHERE seen_at < ?"
OVERDUE = "SELECT count(*) FROM rows WHERE state = 'unknown' AND coalesce(left_at, 0) < ?"
UNKNOWN = "SELECT count(*) FROM rows WHERE state = 'unknown'"


def facts(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what the file says of itself."""
    return dict(connection.execute("SELECT name, value FROM facts").fetchall())


def note(connection: sqlite3.Connection, **values: str) -> None:
    """Write what the file says of itself."""
    query = (
        "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    connection.executemany(query, values.items())
