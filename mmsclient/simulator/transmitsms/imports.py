"""Uploads of contacts: add-contacts-bulk and its progress."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING

from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.lists import make
from mmsclient.simulator.transmitsms.members import join
from mmsclient.simulator.transmitsms.numbering import number
from mmsclient.simulator.transmitsms.office import Import
from mmsclient.simulator.transmitsms.params import empty, invalid

if TYPE_CHECKING:
    from mmsclient.simulator.contacts import ContactList
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body


def add_contacts_bulk(ask: Ask) -> Body:
    """Take an upload on; whether it succeeds shows later."""
    params = ask.params
    if (params.get("list_id") is None) == (params.get("name") is None):
        raise invalid("list_id", "You must provide either 'list_id' or 'name'")
    url, country = params.url("file_url"), ask.country()
    if url is None:
        raise empty("file_url")
    name = params.get("name")
    listed = make(ask, name) if name else ask.contact_list()
    for n, field in params.fields().items():
        listed.fields[n] = field
    medium = ask.vendor.media.get(url)
    text = None if medium is None or medium.trouble else medium.text
    upload = Import(completed_at=ask.now + ask.vendor.terms.encoding)
    ask.office.imports[listed.id] = upload
    finish = partial(_finish, ask, listed, upload, text, country)
    ask.vendor.agenda.at(upload.completed_at, lambda _: finish())
    return {"list_id": listed.id}


def _finish(
    ask: Ask, listed: ContactList, upload: Import, text: str | None, country: str | None
) -> None:
    rows = list(csv.DictReader(io.StringIO(text))) if text else []
    if not rows or not any(name.lower() == "mobile" for name in rows[0] if name):
        upload.failed = True
        ask.book.lists.pop(listed.id, None)
        return
    for row in rows:
        upload.rows += 1
        _take(
            ask,
            listed,
            upload,
            {(name or "").lower(): value for name, value in row.items()},
            country,
        )


def _take(
    ask: Ask,
    listed: ContactList,
    upload: Import,
    row: dict[str, str | None],
    country: str | None,
) -> None:
    read = number(row.get("mobile") or "", country)
    known = listed.contacts.get(read.digits) if read else None
    if read is None:
        upload.skipped += 1
    elif known is not None and known.gone == "opted out":
        upload.optout += 1
    elif known is not None:
        upload.duplicates += 1
    else:
        upload.imported += 1
        contact = join(ask, listed, read.digits)
        contact.first_name = row.get("firstname") or contact.first_name
        contact.last_name = row.get("lastname") or contact.last_name
        contact.data = {n: row.get(name.lower()) or "" for n, name in listed.fields.items()}


def add_contacts_bulk_progress(ask: Ask) -> Body:
    """Tell how far an upload is."""
    upload = ask.office.imports.get(ask.params.id("list_id"))
    if upload is None:
        raise RestError("NOT_FOUND", "There is no import to this list")
    going_on = ask.now < upload.completed_at
    status = "in progress" if going_on else "failed" if upload.failed else "completed"
    return {
        "list_id": ask.params.id("list_id"),
        "status": status,
        "importlength": upload.rows,
        "completed": upload.rows,
        "duplicates": upload.duplicates,
        "skipped": upload.skipped,
        "optout": upload.optout,
        "imported": upload.imported,
    }
