"""Contacts of lists: add, edit, delete, opt out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.contacts import Contact, ContactList
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.lists import show
from mmsclient.simulator.transmitsms.numbering import country_code, number

if TYPE_CHECKING:
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

#: Why a number that was there once cannot be touched.
_GONE = {
    "opted out": ("OPTOUT", "This contact has opted out"),
    "deleted": ("DUPLICATE_DELETED", "This contact was deleted"),
}


def add_to_list(ask: Ask) -> Body:
    """Put a number on a list."""
    listed, digits = ask.contact_list(), mobile(ask)
    known = listed.contacts.get(digits)
    if known is not None:
        _refuse_gone(known)
        raise RestError("KEY_EXISTS", "This contact is on the list already")
    contact = join(ask, listed, digits)
    _fill(ask, listed, contact)
    ask.posts.list_action(ask.book, listed, contact, added=True)
    return show(ask, listed, contact)


def join(ask: Ask, listed: ContactList, digits: str) -> Contact:
    """Make a contact; names that were never set are null, or empty on lists with own fields."""
    unset = "" if listed.fields else None
    contact = Contact(number=digits, first_name=unset, last_name=unset, created_at=ask.now)
    listed.contacts[digits] = contact
    return contact


def mobile(ask: Ask) -> str:
    """Return the number of a contact, or refuse."""
    written, country = ask.params.need("msisdn"), ask.params.get("countrycode")
    code = country_code(country) if country else None
    if country and code is None:
        raise RestError("BAD_MOBILE_COUNTRY", "This country is not served")
    read = number(written, code)
    if read is None or not read.mobile:
        raise RestError("BAD_MOBILE", "The mobile is not valid")
    return read.digits


def _refuse_gone(contact: Contact) -> None:
    if contact.gone is not None:
        raise RestError(*_GONE[contact.gone])


def _fill(ask: Ask, listed: ContactList, contact: Contact) -> None:
    sent = ask.params.sent
    contact.first_name = sent.get("first_name", contact.first_name)
    contact.last_name = sent.get("last_name", contact.last_name)
    own = ask.params.fields(listed.fields)
    contact.data.update({n: value for n, value in own.items() if n in listed.fields})


def edit_list_member(ask: Ask) -> Body:
    """Change what is known of a contact; what is sent empty is cleared."""
    listed, digits = ask.contact_list(), mobile(ask)
    contact = _member(listed, digits)
    _refuse_gone(contact)
    _fill(ask, listed, contact)
    return show(ask, listed, contact)


def _member(listed: ContactList, digits: str) -> Contact:
    contact = listed.contacts.get(digits)
    if contact is None:
        raise RestError("NOT_FOUND", "This contact is not on the list")
    return contact


def get_contact(ask: Ask) -> Body:
    """Tell about a contact."""
    listed = ask.contact_list()
    return show(ask, listed, _member(listed, mobile(ask)))


def delete_from_list(ask: Ask) -> Body:
    """Take a number off one list, or off all."""
    digits = mobile(ask)
    found = [listed for listed in _lists(ask) if _active(listed, digits)]
    if not found:
        raise RestError("NOT_FOUND", "This contact is not on the list")
    for listed in found:
        contact = listed.contacts[digits]
        contact.gone = "deleted"
        ask.posts.list_action(ask.book, listed, contact, added=False)
    return {"list_ids": [listed.id for listed in found]}


def _lists(ask: Ask) -> list[ContactList]:
    """Return the list that is meant; 0, or none at all, means every list."""
    wanted = ask.params.whole("list_id")
    return [ask.contact_list()] if wanted else list(ask.book.lists.values())


def _active(listed: ContactList, digits: str) -> bool:
    contact = listed.contacts.get(digits)
    return contact is not None and contact.active


def optout_list_member(ask: Ask) -> Body:
    """Let a number opt out of one list, or of all."""
    digits, lists = mobile(ask), _lists(ask)
    if not any(_active(listed, digits) for listed in lists):
        raise RestError("NOT_FOUND", "This contact is not on the list")
    if ask.book.account.global_opt_out:
        lists = list(ask.book.lists.values())
        ask.book.opted_out.setdefault(digits, ask.now)
    return {"list_ids": [listed.id for listed in lists if listed.opt_out(digits)]}
