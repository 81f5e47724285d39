"""A phone inside the simulator, and what its owner can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.numbers import clean_number
from mmsclient.simulator.inbound import Draft
from mmsclient.simulator.vendor import Vendor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.simulator.content import Delivery
    from mmsclient.simulator.sent import Sent


def _digits(number: str) -> str:
    return clean_number(number, field="number")


@attrs.frozen
class Handset:
    """A phone: what it received, and what its owner can do."""

    number: str = attrs.field(converter=_digits, repr=False)
    _vendor: Vendor = attrs.field(repr=False)

    @property
    def messages(self) -> list[Delivery]:
        """What it received, in order."""
        with self._vendor.lock:
            self._vendor.settle()
            return list(self._vendor.network.by_number.get(self.number, ()))

    def opt_out(self) -> None:
        """Want no more messages from anybody: leave all lists, without a word by SMS.

        No call can subscribe this number to those lists again.
        """
        with self._vendor.lock:
            self._vendor.opt_out(self.number)

    def reply(
        self, text: str = "", *, subject: str | None = None, files: Iterable[str] = ()
    ) -> str:
        """Answer the message it received last, and return the identifier the service gives it.

        ``STOP`` and its like opt out of everything from that account. With a *subject* or *files*,
        by their addresses, the answer is an MMS, which opts out of nothing.

        Raises:
            LookupError: it has received nothing yet.
        """
        with self._vendor.lock:
            answered, pictures = self._last(), tuple(files)
            draft = Draft(
                service=answered.message.service,
                kind="mms" if subject or pictures else "sms",
                sender=self.number,
                to=answered.message.sender,
                text=text,
                subject=subject,
                files=pictures,
                answers=answered,
            )
            return self._vendor.receive(self._vendor.books[answered.account], draft).id

    def send_sms(
        self, text: str, *, to: str | None = None, account: int = 0, service: str | None = None
    ) -> str:
        """Send an SMS that answers nothing, and return the identifier the service gives it.

        Args:
            text: the text.
            to: a number or code of the account; any of its own, where left out.
            account: which account, counted from 0.
            service: through which service; the one the account called last, where left out.
        """
        with self._vendor.lock:
            book = self._vendor.books[account]
            draft = Draft(
                service=service or book.service,
                sender=self.number,
                to=to or book.own_number(),
                text=text,
            )
            return self._vendor.receive(book, draft).id

    def send_mms(
        self,
        text: str = "",
        *,
        subject: str | None = None,
        files: Iterable[str] = (),
        to: str | None = None,
        account: int = 0,
        service: str = "skycore",
    ) -> str:
        """Send an MMS to an account, and return the identifier that its inbox gives it."""
        with self._vendor.lock:
            book = self._vendor.books[account]
            draft = Draft(
                service=service,
                kind="mms",
                sender=self.number,
                to=to or book.own_number(),
                text=text,
                subject=subject,
                files=tuple(files),
            )
            return self._vendor.receive(book, draft).id

    def open_link(self) -> None:
        """Open the tracked link of the last message that has one.

        Raises:
            LookupError: no message has one.
        """
        with self._vendor.lock:
            self._vendor.hit(self._last(linked=True))

    def _last(self, *, linked: bool = False) -> Sent:
        self._vendor.settle()
        rows = self._vendor.register.at_handset(self.number)
        found = [row for row in rows if row.message.tracked or not linked]
        if not found:
            missing = "no message with a tracked link" if linked else "nothing to reply to"
            raise LookupError(f"this handset has received {missing}")
        return found[-1]
