"""getSendingStatus and removeMMSInboxMessage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mmsclient.simulator.skycore.codes import RefusedError

if TYPE_CHECKING:
    from mmsclient.simulator.skycore.ask import Ask
    from mmsclient.simulator.skycore.xml import Fields

#: Longer periods are refused; the service publishes no figure.
LONGEST_PERIOD = timedelta(days=31)

_FORM = "%Y-%m-%d %H:%M:%S"


def get_sending_status(ask: Ask) -> Fields:
    """Give a link to a report of all traffic in a period."""
    start, end = ask.need("START_DATE", "E506"), ask.need("END_DATE", "E507")
    period = _date(end) - _date(start)
    if period < timedelta():
        raise RefusedError("E508")
    if period > LONGEST_PERIOD:
        raise RefusedError("E509")
    return [("URL", f"https://reports.example.net/{ask.vendor.new_number()}.csv")]


def _date(text: str) -> datetime:
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise RefusedError("E508") from error


def remove_mms_inbox_message(ask: Ask) -> Fields:
    """Drop the stored files of an inbound MMS."""
    identifier = ask.need("MMSINBOXID", "E640")
    ask.vendor.remove_from_inbox(ask.book, identifier)
    return [("MMSINBOXID", identifier)]
