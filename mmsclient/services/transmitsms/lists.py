"""Contact lists, who is on them, and imports."""
# ruff: noqa: A002 - max is the service's own name

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from mmsclient.errors import Fault
from mmsclient.services import fields
from mmsclient.services.transmitsms import calls, limits, params, reading, sms
from mmsclient.services.transmitsms.calls import Calls, Listing, Style
from mmsclient.services.transmitsms.params import INVALID, Id, Param, missing
from mmsclient.services.transmitsms.records import (
    AddedFields,
    Contact,
    ContactList,
    Import,
    ImportProgress,
    LeftLists,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.services.fields import Tree
    from mmsclient.services.transmitsms.values import RawAnswer
    from mmsclient.wire import Call, PagedCall

Members: TypeAlias = Literal["active", "inactive", "all", "none"]

_MEMBERS = ("active", "inactive", "all", "none")
_ADDED = re.compile(r"(?:custom|field)_[0-9]+")
_ALL = "0"


class Lists(Calls):
    """Calls about contact lists."""

    __slots__ = ()

    def get_lists(
        self, *, response_style: Style | None = None, max: int = limits.PAGE
    ) -> PagedCall[ContactList]:
        """List the account's contact lists (get-lists)."""
        form = params.form(self._style(response_style), calls.page_size(max))
        return self._pages(
            Listing(
                name="get-lists",
                form=form,
                rows="lists",
                total="lists_total",
                read=contact_list,
                key=_id,
            )
        )

    def get_list(
        self,
        *,
        list_id: Id,
        members: Members = "active",
        response_style: Style | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[Contact]:
        """List the contacts of one list; its own fields stand in each page's ``raw`` (get-list)."""
        form = params.form(
            params.ident("list_id", list_id, needed=True),
            # What comes unasked differs from page to page of the documents.
            params.choice("members", members, _MEMBERS, needed=True),
            self._style(response_style),
            calls.page_size(max),
        )
        name, total = "get-list", "members_total"
        return self._pages(
            Listing(name=name, form=form, rows="members", total=total, read=_contact)
        )

    def add_list(
        self, *, name: str, response_style: Style | None = None, **fields: str | None
    ) -> Call[ContactList]:
        """Make a list; *field_1* to *field_10* name its custom fields (add-list)."""
        return self._done(
            "add-list",
            contact_list,
            params.text("name", name, needed=True),
            *params.custom(fields),
            self._style(response_style),
            proof="id",
        )

    def add_field_to_list(
        self, *, list_id: Id, response_style: Style | None = None, **fields: str | None
    ) -> Call[AddedFields]:
        """Give a list custom fields: *field_1* to *field_10* name them (add-field-to-list)."""
        named = params.custom(fields)
        given = any(param.value or param.faults for param in named)
        wrong = () if given else (missing("field_1", "name at least one of field_1 to field_10"),)
        return self._done(
            "add-field-to-list",
            _added,
            params.ident("list_id", list_id, needed=True),
            *named,
            Param(name="fields", faults=wrong),
            self._style(response_style),
            proof="id",
        )

    def remove_list(self, *, list_id: Id) -> Call[RawAnswer]:
        """Delete a list with all its contacts (remove-list)."""
        return self._done(
            "remove-list", calls.confirmed, params.ident("list_id", list_id, needed=True)
        )

    def add_to_list(
        self,
        *,
        list_id: Id,
        msisdn: str,
        countrycode: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        response_style: Style | None = None,
        **fields: str | None,
    ) -> Call[Contact]:
        """Put a number on a list; one that is on it gives KEY_EXISTS (add-to-list)."""
        return self._done(
            "add-to-list",
            _contact,
            params.ident("list_id", list_id, needed=True),
            params.number("msisdn", msisdn, needed=True, local=bool(countrycode)),
            sms.country(countrycode),
            params.text("first_name", first_name),
            params.text("last_name", last_name),
            *params.custom(fields),
            self._style(response_style),
            proof="msisdn",
        )

    def edit_list_member(
        self,
        *,
        list_id: Id,
        msisdn: str,
        first_name: str | None = None,
        last_name: str | None = None,
        **fields: str | None,
    ) -> Call[Contact]:
        """Change a contact; an empty text clears a field (edit-list-member)."""
        return self._done(
            "edit-list-member",
            _contact,
            params.ident("list_id", list_id, needed=True),
            params.number("msisdn", msisdn, needed=True),
            params.text("first_name", first_name, clears=True),
            params.text("last_name", last_name, clears=True),
            *params.custom(fields, clears=True),
            proof="msisdn",
        )

    def get_contact(
        self, *, list_id: Id, msisdn: str, response_style: Style | None = None
    ) -> Call[Contact]:
        """Show a contact of a list (get-contact)."""
        return self._asked(
            "get-contact",
            _known,
            params.ident("list_id", list_id, needed=True),
            params.number("msisdn", msisdn, needed=True),
            self._style(response_style),
        )

    def delete_from_list(
        self,
        *,
        msisdn: str,
        list_id: Id | None = None,
        all_lists: bool = False,
        countrycode: str | None = None,
    ) -> Call[LeftLists]:
        """Take a number off one list, or with *all_lists* off every list (delete-from-list)."""
        return self._done(
            "delete-from-list",
            _left,
            one_or_all(list_id, all_lists=all_lists),
            params.number("msisdn", msisdn, needed=True, local=bool(countrycode)),
            sms.country(countrycode),
            proof="list_ids",
        )

    def optout_list_member(
        self, *, msisdn: str, list_id: Id | None = None, all_lists: bool = False
    ) -> Call[LeftLists]:
        """Note that somebody opted out of a list, or with *all_lists* of every one.

        With the account's global opt-out list, one opting out counts for all lists
        (optout-list-member).
        """
        return self._done(
            "optout-list-member",
            _left,
            one_or_all(list_id, all_lists=all_lists),
            params.number("msisdn", msisdn, needed=True),
            proof="list_ids",
        )

    def add_contacts_bulk(
        self,
        *,
        file_url: str,
        list_id: Id | None = None,
        name: str | None = None,
        countrycode: str | None = None,
        **fields: str | None,
    ) -> Call[Import]:
        """Let the service fetch a CSV file of contacts into a list (add-contacts-bulk).

        Either *list_id*, or the *name* of a new list. The answer says only that the request
        arrived; ``add_contacts_bulk_progress`` says what became of it.
        """
        return self._done(
            "add-contacts-bulk",
            _import,
            params.ident("list_id", list_id),
            params.text("name", name),
            params.url("file_url", file_url, needed=True),
            sms.country(countrycode),
            *params.custom(fields),
            Param(name="target", faults=tuple(_one_target(list_id, name))),
            proof="list_id",
        )

    def add_contacts_bulk_progress(self, *, list_id: Id) -> Call[ImportProgress]:
        """Tell how far an import has come (add-contacts-bulk-progress)."""
        return self._asked(
            "add-contacts-bulk-progress",
            _progress,
            params.ident("list_id", list_id, needed=True),
        )


def one_or_all(list_id: object, *, all_lists: bool) -> Param:
    """Judge a list or the wish for all of them, which is never taken from an id of 0."""
    switch = params.flag("all_lists", all_lists)
    if switch.faults:
        return switch
    if all_lists and params.absent(list_id):
        return Param(name="list_id", value=_ALL)
    if all_lists:
        wrong = Fault("list_id", "stands beside all_lists", "leave one of them out", INVALID)
        return Param(name="list_id", faults=(wrong,))
    if params.absent(list_id):
        return Param(name="list_id", faults=(missing("list_id", "or pass all_lists=True"),))
    return params.ident("list_id", list_id, zero="for all lists pass all_lists=True")


def _one_target(list_id: object, name: object) -> Iterator[Fault]:
    if params.absent(list_id) == params.absent(name):
        fix = "give either list_id or the name of a new list"
        yield Fault("list_id", "stands beside name, or both are missing", fix, INVALID)


def _id(row: ContactList) -> str:
    return row.id


def contact_list(tree: Tree) -> ContactList:
    """Read a list."""
    said = fields.plain(tree)
    return ContactList(
        id=reading.required(said, "id"),
        name=fields.text(said, "name"),
        created=fields.utc(said, "created"),
        members_active=fields.number(said, "members_active"),
        members_total=fields.number(said, "members_total"),
        fields=reading.custom(tree),
        raw=tree,
    )


def _added(tree: Tree) -> AddedFields:
    said = fields.plain(tree)
    beside = {name: text for name, text in said.items() if _ADDED.fullmatch(name)}
    return AddedFields(
        id=reading.required(said, "id"), fields={**beside, **reading.custom(tree)}, raw=tree
    )


def _contact(tree: Tree) -> Contact:
    said = fields.plain(tree)
    return Contact(
        list_id=reading.ident(said, "list_id"),
        msisdn=reading.number(said, "msisdn", "mobile"),
        first_name=reading.text(said, "first_name", "firstname"),
        last_name=reading.text(said, "last_name", "lastname"),
        created_at=fields.utc(said, "created_at"),
        status=fields.text(said, "status"),
        fields=reading.custom(tree),
        raw=tree,
    )


def _known(tree: Tree) -> Contact:
    reading.required(fields.plain(tree), "msisdn", "mobile")
    return _contact(tree)


def _left(tree: Tree) -> LeftLists:
    return LeftLists(list_ids=reading.texts(tree, "list_ids"), raw=tree)


def _import(tree: Tree) -> Import:
    return Import(list_id=reading.required(fields.plain(tree), "list_id"), raw=tree)


def _progress(tree: Tree) -> ImportProgress:
    said = fields.plain(tree)
    return ImportProgress(
        list_id=reading.ident(said, "list_id"),
        status=fields.text(said, "status"),
        importlength=fields.number(said, "importlength"),
        completed=fields.number(said, "completed"),
        imported=fields.number(said, "imported"),
        duplicates=fields.number(said, "duplicates"),
        skipped=fields.number(said, "skipped"),
        optout=fields.number(said, "optout"),
        raw=tree,
    )
