"""Contents that rows share, and the templates that stand for them, inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmsclient.campaigns import records, statements
from mmsclient.campaigns.packing import Packer
from mmsclient.campaigns.values import CampaignTemplate, Repeated
from mmsclient.messages import Mms

if TYPE_CHECKING:
    import sqlite3

    from mmsclient.campaigns.packing import Unpacker
    from mmsclient.messages import SavedMms


def repeated(
    connection: sqlite3.Connection, unpacker: Unpacker, *, at_least: int, most: int
) -> list[Repeated]:
    """Return contents that several pending rows have, those of most rows first."""
    given = {"at_least": at_least, "most": most}
    found = connection.execute(statements.REPEATED, given).fetchall()
    return [_repeated(each, unpacker) for each in found]


def _repeated(found: tuple[Any, ...], unpacker: Unpacker) -> Repeated:
    content, rows, kind, body, number, reference, template = found
    message = unpacker.message(kind, body, to=number, reference=reference)
    assert isinstance(message, Mms)  # noqa: S101 - the question asks for no other
    return Repeated(content=content, rows=rows, message=message, template=template)


def drop_template(connection: sqlite3.Connection, content: int) -> None:
    """Take back that the content was about to be saved."""
    connection.execute(statements.DROP_TEMPLATE, (content,))
    connection.execute(statements.FORGET_TEMPLATE, (content,))


def use_template(
    connection: sqlite3.Connection, content: int, template: str, message: SavedMms
) -> int:
    """Let rows have *message* for their content, which sends the template; return how many."""
    used = records.content_id(connection, Packer().content(message))
    given = {"content": content, "template": template, "used": used}
    connection.execute(statements.KEEP_TEMPLATE, given)
    return connection.execute(statements.USE_TEMPLATE, given).rowcount


def templates(connection: sqlite3.Connection, unpacker: Unpacker) -> list[CampaignTemplate]:
    """Return the templates of the campaign, in the order of what they hold."""
    found = connection.execute(statements.TEMPLATES).fetchall()
    return [_template(each, unpacker) for each in found]


def _template(found: tuple[Any, ...], unpacker: Unpacker) -> CampaignTemplate:
    kind, body, template, savings, waits, rows = found
    held = unpacker.message(kind, body, to="", reference="")
    name = held.name if isinstance(held, Mms) else None
    return CampaignTemplate(
        id=template, name=name or "", rows=rows, waits=bool(waits), savings=savings
    )
