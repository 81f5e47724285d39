"""The rest: the report of all traffic, and the files of inbound messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from mmsclient.errors import Fault
from mmsclient.services import fields
from mmsclient.services.skycore import check, rules
from mmsclient.services.skycore.answers import Action, Answer
from mmsclient.services.skycore.values import RemovedInboxMessage, SendingStatistics

if TYPE_CHECKING:
    from collections.abc import Iterator


def get_sending_statistics(
    *, start_date: datetime, end_date: datetime
) -> Action[SendingStatistics]:
    """Return the action that asks for the report of all traffic in a period."""
    check.insist(_period(start_date, end_date))
    return Action(
        # The page is called getSendingStatistics, the action on it getSendingStatus.
        name="getSendingStatus",
        operation="getSendingStatistics",
        nodes={"START_DATE": _stamp(start_date), "END_DATE": _stamp(end_date)},
        read=_statistics,
        repeatable=True,
    )


def remove_mms_inbox_message(mms_inbox_id: str) -> Action[RemovedInboxMessage]:
    """Return the action that removes the files of an inbound MMS."""
    check.insist(rules.needed("mms_inbox_id", mms_inbox_id, "E640"))
    gone = RemovedInboxMessage(id=mms_inbox_id)
    return Action(
        name="removeMMSInboxMessage",
        nodes={"MMSINBOXID": mms_inbox_id},
        read=partial(_removed, mms_inbox_id),
        repeatable=True,
        # Gone, or empty, after an attempt whose answer was lost: it was that attempt.
        settled_again={"E641": gone, "E642": gone},
    )


def _period(start: object, end: object) -> Iterator[Fault]:
    wrong = [
        *rules.moment("start_date", start, "E506"),
        *rules.moment("end_date", end, "E507"),
    ]
    yield from wrong
    if wrong or not (isinstance(start, datetime) and isinstance(end, datetime)):
        return
    if end < start:
        yield Fault("end_date", "lies before start_date", "exchange them", "E508")


def _stamp(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def _statistics(answer: Answer) -> SendingStatistics:
    # The name of the field is not shown on the page.
    return SendingStatistics(url=next(_addresses(answer.tree), None), raw=answer.tree)


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.strip().startswith(("http://", "https://")):
        yield value.strip()
    elif isinstance(value, list):
        for each in value:
            yield from _addresses(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _addresses(each)


def _removed(mms_inbox_id: str, answer: Answer) -> RemovedInboxMessage:
    found = fields.text(answer.tree, "MMSINBOXID")
    return RemovedInboxMessage(id=found or mms_inbox_id, raw=answer.tree)
