"""Contact lists: what they are called, which fields they have, who is on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.contacts import Contact, ContactList
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body


def get_lists(ask: Ask) -> Body:
    """List lists."""
    rows = list(ask.book.lists.values())
    return ask.page("lists", rows, lambda row: _with_total(ask, row), lists_total=len(rows))


def _with_total(ask: Ask, listed: ContactList) -> Body:
    return {**facts(ask, listed), "members_total": len(listed.contacts)}


def get_list(ask: Ask) -> Body:
    """Tell about a list and who is on it."""
    listed = ask.contact_list()
    who = ask.params.choice("members", "active", "inactive", "all", "none")
    members = [
        contact
        for contact in sorted(listed.contacts.values(), key=lambda contact: contact.number)
        if who == "all" or (who != "none" and contact.active == (who == "active"))
    ]
    return ask.page(
        "members",
        members,
        lambda contact: show(ask, listed, contact),
        # Counts those too who have gone.
        members_total=len(listed.contacts),
        **facts(ask, listed),
    )


def facts(ask: Ask, listed: ContactList) -> Body:
    """Return what is told about a list."""
    return {
        "id": listed.id,
        "name": listed.name,
        "created": None if listed.created_at is None else ask.stamp(listed.created_at),
        "members_active": len(listed.active),
        "fields": _field_names(ask, listed),
    }


def _field_names(ask: Ask, listed: ContactList) -> object:
    named = {f"field_{n}": name for n, name in sorted(listed.fields.items())}
    return _rows(named) if ask.params.as_rows else named or []


def _rows(named: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in named.items()]


def show(ask: Ask, listed: ContactList, contact: Contact) -> Body:
    """Return what is told about a contact."""
    return {
        "list_id": listed.id,
        "msisdn": contact.number,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "created_at": ask.stamp(contact.created_at),
        "status": "active" if contact.active else "inactive",
        **field_values(ask, listed, contact),
    }


def field_values(ask: Ask, listed: ContactList, contact: Contact) -> Body:
    """Return a contact's own fields, by name; nothing where its list has none."""
    named = {name: contact.data.get(n, "") for n, name in sorted(listed.fields.items())}
    return {"fields": _rows(named) if ask.params.as_rows else named} if named else {}


def make(ask: Ask, name: str, *, by_itself: bool = False) -> ContactList:
    """Make a list; those the service makes *by itself* have no date."""
    listed = ContactList(
        id=int(ask.vendor.new_number()),
        name=name,
        created_at=None if by_itself else ask.now,
    )
    ask.book.lists[listed.id] = listed
    return listed


def add_list(ask: Ask) -> Body:
    """Make a list."""
    name, fields = ask.params.need("name"), _named(ask)
    if any(listed.name.lower() == name.lower() for listed in ask.book.lists.values()):
        raise RestError("KEY_EXISTS", "A list with this name exists already")
    if set(fields) != set(range(1, len(fields) + 1)):
        raise RestError("MISSING_PARAM", "One of the fields is missing")
    listed = make(ask, name)
    listed.fields.update(fields)
    return facts(ask, listed)


def _named(ask: Ask) -> dict[int, str]:
    return {n: name for n, name in ask.params.fields().items() if name}


def add_field_to_list(ask: Ask) -> Body:
    """Give a list more fields."""
    listed, fields = ask.contact_list(), _named(ask)
    if not fields:
        raise RestError("MISSING_PARAM", "At least one field is required")
    if set(fields) & set(listed.fields):
        raise RestError("KEY_EXISTS", "The list has this field already")
    listed.fields.update(fields)
    named = {f"custom_{n}": name for n, name in sorted(fields.items())}
    added = {"fields": _rows(named)} if ask.params.as_rows else named
    return {**added, "id": listed.id}


def remove_list(ask: Ask) -> Body:
    """Forget a list, with everybody on it."""
    del ask.book.lists[ask.contact_list().id]
    return {}
