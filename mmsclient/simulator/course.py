"""How far one call has come: let in, counted, carried out; what every wire needs of that."""

from __future__ import annotations

import math

import attrs

from mmsclient.simulator.accounts import Book
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.vendor import Vendor
from mmsclient.wire import HttpResponse


@attrs.frozen(kw_only=True)
class Done:
    """What the service made of a call, for the ledger and for the caller."""

    response: HttpResponse
    verdict: str
    account: int | None = None
    refused_for_rate: bool = False
    counted: bool = False


@attrs.define
class Course:
    """The course of one call."""

    vendor: Vendor = attrs.field(repr=False)
    book: Book | None = None
    queued: bool = False
    """Whether its messages wait, being over the throughput."""
    counted: bool = False
    late: bool = False
    """Whether the account's limit refused it."""

    def meter(self, book: Book) -> None:
        """Count the call against the account's limit and its allowance, or refuse."""
        self.book = book
        try:
            self.queued = self.vendor.meter(book)
        except Refusal:
            self.late = True
            self.counted = self.vendor.limits.count_refused
            raise
        self.counted = not self.queued
        book.count_call()

    def done(self, response: HttpResponse, verdict: str) -> Done:
        """Return what became of the call."""
        return Done(
            response=response,
            verdict=verdict,
            account=self.book.index if self.book else None,
            refused_for_rate=self.late,
            counted=self.counted,
        )


def too_many(wait: float | None) -> HttpResponse:
    """Return what a server in front says to calls over the limit."""
    headers = {"content-type": "text/plain", "retry-after": str(max(1, math.ceil(wait or 0.0)))}
    return HttpResponse(429, headers, b"Too many requests.\n")
