"""The published limits of the REST API, each with the call whose page states it."""

from __future__ import annotations

from datetime import timedelta

RECIPIENTS = 500
"""Numbers in one call (send-sms; older pages say 1,000 and 10,000)."""
TEXT = 612
"""Characters of a text, in any alphabet (send-sms)."""
PARTS = 4
"""SMS that a text of the GSM alphabet may take, and an e-mail (send-sms, add-email).

None are published for texts of other alphabets."""
SENDER_NAME = 11
"""Characters of an alphanumeric sender (send-sms)."""
FIELDS = 10
"""Custom fields of a list, besides first and last name (add-list)."""
KEYWORD_REFERENCE = 100
"""Characters of a keyword's reference (add-keyword)."""
API_SECRET = 255
"""Characters of a client's secret (add-client)."""
PAGE = 100
"""Rows on a page at most (all paged calls); the service's own default is 10."""
COUNTED = timedelta(days=7)
"""The longest time between start and end (get-sms-sent-count)."""
REPORTED = timedelta(days=30)
"""The longest time between start and end (get-message-report)."""
GIVEN_UP = timedelta(hours=72)
"""When the system expires what is not delivered (send-sms)."""
REPORTED_AGAIN = timedelta(days=1, hours=1, minutes=6)
"""How long a callback that nobody takes is repeated: after 1 and 5 minutes, 1 hour, 24 hours."""
REMEMBERED = timedelta(days=366)
"""How far back replies are kept: "the last 12 months" (get-sms-responses)."""

AMOUNT = 64
"""Characters of an amount that is read or sent; our own, published ones have less than ten."""
LOCAL_DIGITS = 3, 15
"""Digits of a number in the form of its country; nothing is published, E.164 ends at 15."""
TELLING_DIGITS = 7
"""Digits by which a number without its country code is still told from all others; our own."""
ID_DIGITS = 18
"""Nothing is published: an id of more digits is a mistake."""
HIGHEST_WHOLE = 999_999
"""Nothing is published: a number of more digits is a mistake in any field."""
