"""The published limits of the Cellcast APIs, each with the page that states it."""

from __future__ import annotations

from datetime import timedelta

NUMBERS = 1000
"""Numbers of a call ("Send an SMS with Cellcast API"), and items of bulk-send-sms, whose own limit
is not stated."""
GSM_TEXT = 918
"""Places of an SMS in the GSM alphabet ("SMS RESTful API Details")."""
UNICODE_TEXT = 402
"""Places of an SMS outside of it: six parts of 67 ("SMS RESTful API Details")."""
SENDER = 11
"""Characters of a sender that is a name ("Send an SMS with Cellcast API")."""
SENDER_DIGITS = 16
"""Digits of a sender that is a number ("Send an SMS with Cellcast API")."""
SENDER_WRITTEN = 40
"""Characters of a sender as it is written, with the punctuation of a number; nothing is published."""
NZ_SENDER = 4
"""Digits of a New Zealand short code ("Send to New Zealand")."""
DELAY = 1440
"""Minutes that a text can be held back ("Send an SMS with Cellcast API")."""
GATEWAY_DELAY = 86_400_000
"""The same in milliseconds, at the Bearer API ("Quick Send SMS")."""
MMS_SUBJECT = 40
"""Characters of a subject ("Send an MMS with Cellcast API")."""
MMS_TEXT = 1000
"""Characters of an MMS text ("Send an MMS with Cellcast API")."""
MMS_BYTES = 380_000
"""Bytes of a whole MMS: 380 KB are published, and whether a KB has 1,000 or 1,024 is not said."""
GATEWAY_MEDIA = 230_000
"""Bytes of a file at the Bearer API ("Send MMS"): 230 KB, read in the same way."""
BUSINESS_NAME = 3, 11
"""Characters of a business name, least and most ("Custom Business Name")."""

SETTLES_AFTER = timedelta(days=3)
"""Nothing is published of how long a message can wait: as long as at services of its kind."""
HIGHEST_WHOLE = 999_999
"""Nothing is published: a number of more digits is a mistake in any field."""
CALLBACK_ITEMS = 10_000
"""Items of a callback; nothing is published, and calls have 1000 numbers at most."""
CALLBACK_BYTES = 1_000_000
"""Bytes of a callback; nothing is published, and an item has some hundreds."""
LARGEST_PAGE = 1000
"""Rows of a page at the Bearer API; nothing is published, examples ask for 100."""
