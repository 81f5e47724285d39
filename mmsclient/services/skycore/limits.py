"""The published limits of Messaging API v1, each with the page that states it."""

from __future__ import annotations

from datetime import timedelta

SLIDES = 9
"""Slides of an MMS ("Send MMS API")."""
TEMPLATE_SLIDES = 8
"""Slides of a template ("Save MMS")."""
SLIDE_TEXT = 5000
"""Characters of text in a slide ("Send MMS API")."""
SUBJECT = 80
"""Characters of a subject that are kept ("Send MMS API")."""
SUBJECT_ADVISED = 40
"""Characters of a subject that deliver best ("Send MMS API")."""
FALLBACK_ADVISED = 110
"""Characters of a fallback text that deliver best ("Send MMS API")."""
SMS_TEXT = 160
"""Characters of an SMS ("Send SMS")."""
FROM_MASK = 11
"""Characters of an alphanumeric sender ("Send SMS")."""
REFERENCE = 64
"""Characters of CLIENT_REFERENCE ("Send MMS API")."""
LINK_LIFE = timedelta(days=365)
"""How long the content behind a fallback link lives at most ("Send MMS API")."""
QUEUE_LIFE = timedelta(days=3)
"""After so long the queue is emptied: until then a message that is stuck can still leave."""
ITEMS_PER_PAGE = 100
"""Templates on a page unless asked otherwise ("Get MMS Templates")."""
BASE64_GROWTH = 1.37, 814
"""What travels is about (texts and attachments) x 1.37 + 814 bytes ("Send MMS API")."""

HIGHEST_WHOLE = 999_999
"""Nothing is published: a number of more digits is a mistake in any field."""
