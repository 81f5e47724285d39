"""Templates: saveMMS, getMMSTemplates, getMMSIDDetails, deleteMMSID, getMmsIds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mmsclient.outcomes import Page
from mmsclient.services import fields
from mmsclient.services.skycore import check, listings, nodes, rules
from mmsclient.services.skycore.answers import Action, Answer
from mmsclient.services.skycore.values import (
    DeletedTemplate,
    MmsDetails,
    MmsTemplate,
    SavedTemplate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mmsclient.errors import Fault
    from mmsclient.messages import Slide
    from mmsclient.services.fields import Tree


def save_mms(
    *,
    name: str,
    slides: Iterable[Slide],
    subject: str | None,
    fallback_text: str | None,
    disable_fallback_sms: bool,
    disable_fallback_sms_link: bool,
) -> Action[SavedTemplate]:
    """Return the action that stores a template."""
    kept: Any = tuple(slides) if _iterable(slides) else slides
    check.insist(
        check.template(
            name=name,
            slides=kept,
            subject=subject,
            fallback_text=fallback_text,
            disable_fallback_sms=disable_fallback_sms,
            disable_fallback_sms_link=disable_fallback_sms_link,
        )
    )
    return Action(
        name="saveMMS",
        nodes=nodes.given(
            SUBJECT=subject,
            NAME=name,
            FALLBACKSMSTEXT=fallback_text,
            DISABLEFALLBACKSMS=nodes.yes(disable_fallback_sms),
            DISABLEFALLBACKSMSLINK=nodes.yes(disable_fallback_sms_link),
            SLIDE=nodes.slides(kept),
        ),
        read=_saved,
    )


def listing_faults(start_date: object, items_per_page: object) -> tuple[Fault, ...]:
    """Return what is wrong with a question for templates."""
    start = () if start_date is None else rules.moment("start_date", start_date, "E214")
    return (*start, *rules.whole("items_per_page", items_per_page, "E213"))


def get_mms_templates(
    page: int, *, start_date: datetime | None, items_per_page: int
) -> Action[Page[MmsTemplate]]:
    """Return the action that lists one page of templates, newest first."""
    check.insist(rules.whole("page", page, "E212"))
    empty: Page[MmsTemplate] = Page(items=(), number=page)
    return Action(
        name="getMMSTemplates",
        nodes=nodes.given(
            START_DATE=nodes.moment(start_date),
            PAGE_NUMBER=str(page),
            ITEMS_PER_PAGE=str(items_per_page),
        ),
        read=partial(_templates, page, items_per_page),
        repeatable=True,
        # No such page: behind the first it is the end of the list.
        settled=dict.fromkeys(("E200", "E212") if page > 1 else ("E200",), empty),
    )


def get_mmsid_details(mms_id: str) -> Action[MmsDetails]:
    """Return the action that tells all about one template."""
    check.insist(rules.needed("mms_id", mms_id, "E620"))
    return Action(name="getMMSIDDetails", nodes={"MMSID": mms_id}, read=_details, repeatable=True)


def delete_mmsid(mms_id: str) -> Action[DeletedTemplate]:
    """Return the action that deletes a template."""
    check.insist(rules.needed("mms_id", mms_id, "E620"))
    return Action(
        name="deleteMMSID",
        nodes={"MMSID": mms_id},
        read=partial(_deleted, mms_id),
        repeatable=True,
        # Gone after an attempt whose answer was lost: it was that attempt.
        settled_again={"E241": DeletedTemplate(id=mms_id)},
    )


def get_mms_ids() -> Action[Page[SavedTemplate]]:
    """Return the action that lists the ids of all templates."""
    return Action(
        name="getMmsIds",
        read=_ids,
        repeatable=True,
        settled={"E200": listings.whole(())},
    )


def _iterable(value: object) -> bool:
    return hasattr(value, "__iter__")


def _saved(answer: Answer) -> SavedTemplate:
    return SavedTemplate(id=fields.required(answer.tree, "MMSID"), raw=answer.tree)


def _deleted(mms_id: str, answer: Answer) -> DeletedTemplate:
    return DeletedTemplate(id=fields.text(answer.tree, "MMSID") or mms_id, raw=answer.tree)


def _ids(answer: Answer) -> Page[SavedTemplate]:
    listed = (fields.text(answer.tree, "MMSIDS") or "").split(",")
    found = (SavedTemplate(id=name.strip()) for name in listed if name.strip())
    return listings.whole(found, raw=answer.tree)


def _templates(page: int, asked: int, answer: Answer) -> Page[MmsTemplate]:
    found = listings.blocks(answer.tree, "MMS_TEMPLATE")
    # The service may give fewer rows than asked for: a full page is what it says one is.
    told = fields.number(fields.plain(answer.tree), "ITEMS_PER_PAGE")
    full = min(asked, told) if told and told > 0 else asked
    return Page(
        items=listings.readable(found, _template),
        number=page,
        # A page that is not full is the last, rows that cannot be read included.
        count=page if 0 < len(found) < full else None,
        # Whether this counts the page or the whole list is not clear: nothing stops by it.
        total=fields.number(answer.tree, "TOTAL_RESULTS"),
        raw=answer.tree,
    )


def _template(row: Tree) -> MmsTemplate:
    return MmsTemplate(**_described(row))


def _details(answer: Answer) -> MmsDetails:
    return MmsDetails(**_described(answer.tree))


def _described(row: Tree) -> dict[str, Any]:
    return {
        "id": fields.required(row, "MMSID"),
        "name": fields.text(row, "NAME"),
        "subject": fields.words(row, "SUBJECT"),
        # With underscores in listings, without in requests: both are read.
        "fallback_text": fields.words(row, "FALLBACK_SMS_TEXT")
        or fields.words(row, "FALLBACKSMSTEXT"),
        "created": fields.moment(row, "DATE_CREATED"),
        "slides": fields.number(row, "TOTAL_SLIDES"),
        "size": fields.number(row, "SIZE"),
        "poster_url": fields.text(row, "POSTER_URL"),
        "raw": row,
    }
