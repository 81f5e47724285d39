"""The codes of API answers as data; postbacks give some of them another meaning, see there."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from mmsclient.errors import (
    AuthenticationError,
    InsufficientCreditError,
    NotFoundError,
    QuotaExceededError,
    RefusedError,
    ServiceError,
    ServiceFailedError,
    ThrottledError,
)

Retry: TypeAlias = Literal["yes", "wait", "read", "maybe", "no"]
"""``yes``: refused before anything happened, repeat after a pause. ``wait``: the same after the
stated or a long pause. ``read``: repeat what only reads or deletes. ``maybe``: the cause can pass
by itself. ``no``: repeating changes nothing."""


@attrs.frozen(kw_only=True)
class Code:
    """One code of an answer."""

    code: str
    meaning: str
    """In this library's words."""
    error: type[ServiceError] = RefusedError
    """What is raised."""
    retry: Retry = "no"
    """What the vendor's documents say about repeating."""
    transient: bool = False
    may_have_happened: bool = False


def _run(first: int, last: int, meaning: str) -> dict[str, Code]:
    named = (f"E{number}" for number in range(first, last + 1))
    return {code: Code(code=code, meaning=meaning) for code in named}


def _refused(meanings: dict[str, str], retry: Retry = "no") -> dict[str, Code]:
    return {
        code: Code(code=code, meaning=meaning, retry=retry) for code, meaning in meanings.items()
    }


def _only(code: str, meaning: str, error: type[ServiceError], retry: Retry = "no") -> Code:
    return Code(code=code, meaning=meaning, error=error, retry=retry)


_REQUEST = {
    "E100": "the request is not valid or incomplete",
    "E101": "the action is missing or unknown",
    "E102": "the user or the key is missing",
    "E103": "the password is missing",
    "E108": "the service could not parse the XML",
}

_ACCOUNT = (
    _only("E104", "the service does not know this key", AuthenticationError),
    _only("E105", "the account has no API rights", AuthenticationError),
    _only("E107", "the account may not use this action", AuthenticationError),
    _only("E109", "API access is not switched on for the account", AuthenticationError),
    _only("E112", "the source address is not on the account's list", AuthenticationError),
    _only("E120", "the account's allowance of requests is used up", QuotaExceededError, "wait"),
    _only("E713", "the account has a billing problem", InsufficientCreditError),
    _only("E241", "there is no such content", NotFoundError),
)

_PASSING = (
    Code(
        code="E106",
        meaning="calls come faster than the account's minimum interval",
        error=ThrottledError,
        retry="wait",
        transient=True,
    ),
    Code(
        code="E113",
        meaning="the throughput of this action is exceeded",
        error=ThrottledError,
        retry="yes",
        transient=True,
    ),
    Code(
        code="E503",
        meaning="internal error of the service; the call may have counted",
        error=ServiceFailedError,
        retry="read",
        transient=True,
        may_have_happened=True,
    ),
    Code(
        code="E618",
        meaning="the carrier look-up failed, nothing was sent",
        error=ServiceFailedError,
        retry="yes",
        transient=True,
    ),
)

_NUMBERS = {
    "E110": "the receiver's number is not valid",
    "E111": "the sender is not valid, or not for this country",
    "E114": "the number is blacklisted",
    "E201": "the receiver's number is missing",
    "E619": "the carrier is not provisioned",
    "E621": "the receiver's number is missing",
    "E623": "too many numbers in one call",
    "E628": "the operator is not supported",
    "E650": "the operator's identifier is missing",
    "E651": "the operator's identifier is not known",
}

_CONTENT = {
    "E223": "more than one object in a slide",
    "E224": "an object stands with audio, video or an image",
    "E225": "too many slides",
    "E226": "audio and video stand in one slide",
    "E227": "video and an image stand in one slide",
    "E228": "a text is too long",
    "E229": "the content is not allowed",
    "E230": "the duration of a slide is not valid",
    "E301": "the name is missing",
    "E302": "there are no slides",
    "E303": "a slide is empty",
    "E304": "the subject is missing",
    "E311": "the name is missing",
    "E312": "there are no slides",
    "E313": "a slide is empty",
    "E314": "the subject is missing",
    "E331": "an image is too big",
    "E332": "an audio file is too big",
    "E333": "a video is too big",
    "E334": "the text of a slide is too long",
    "E335": "a vCard is too big",
    "E336": "an iCal file is too big",
    "E337": "a PDF is too big",
    "E338": "a wallet pass is too big",
    "E341": "an image is damaged",
    "E343": "a video needs codecs the service does not have",
    "E361": "the content type of an image is not known",
    "E362": "the content type of an audio file is not known",
    "E363": "the content type of a video is not known",
    "E617": "the life of the fallback link is not valid",
    "E622": "the fallback text is missing",
    "E629": "the content type is not recognised",
    "E655": "FORCE_SEND_AS_SMS is neither true nor false",
    "E712": "the text is missing",
}

_MEDIA_HOST = {
    "E351": "the service could not fetch an image",
    "E352": "the service could not fetch an audio file",
    "E353": "the service could not fetch a video",
    "E355": "the service could not fetch a vCard",
    "E356": "the service could not fetch an iCal file",
    "E357": "the service could not fetch a PDF",
    "E358": "the service could not fetch a wallet pass",
}

_TEMPLATES = {
    "E200": "the account has no templates",
    "E211": "the start date is not valid",
    "E212": "the page number is not valid",
    "E213": "the number of items per page is not valid",
    "E214": "the start date is not valid",
    "E405": "the account has no campaigns",
    "E620": "the template's id is missing",
    "E625": "the template's id is not valid",
    "E627": "the service id is missing or not valid",
}

_LISTS = {
    "E170": "the campaign's name is missing",
    "E171": "the brand's name is missing",
    "E173": "the mailing address is missing",
    "E624": "the campaign to send to is missing",
    "E714": "the campaign is missing or not valid",
    "E715": "the number is not subscribed in this campaign",
    "E718": "the campaign reference is missing",
    "E721": "the campaign reference is not valid",
    "E901": "the number to subscribe is missing",
    "E902": "the campaign is missing",
    "E903": "the campaign is not valid",
    "E904": "the number could not be subscribed, the service gives no cause",
    "E905": "the number could not be unsubscribed, the service gives no cause",
}

_REPORTS = {
    "E506": "a date of the report is missing or badly formed",
    "E507": "a date of the report is missing or badly formed",
    "E508": "a date of the report is missing or badly formed",
    "E509": "the period of the report is too long",
    "E640": "the inbox identifier is missing",
    "E641": "the inbox identifier is not valid",
    "E642": "the inbox message has no content",
}

#: "Messaging API v1 Introduction", "Send MMS API" and the pages of the other actions.
CODES: dict[str, Code] = {
    **_run(150, 154, "the user could not be created"),
    **_run(400, 404, "an e-mail action failed"),
    **_run(406, 406, "an e-mail action failed"),
    **_run(911, 918, "an e-mail action failed"),
    **_run(630, 633, "a barcode database action failed"),
    **_run(801, 839, "a wallet pass was refused"),
    **_run(840, 869, "a field of the wallet pass is not dynamic"),
    **_run(870, 899, "a location of the wallet pass was refused"),
    **_run(950, 999, "a beacon of the wallet pass was refused"),
    **_refused(_REQUEST | _NUMBERS | _CONTENT | _TEMPLATES | _LISTS | _REPORTS),
    **_refused(_MEDIA_HOST, "maybe"),
    **_refused({"E172": "the campaign was not created, internal error"}, "maybe"),
    **_refused({"E643": "the inbox content could not be removed"}, "maybe"),
    **_refused({"E510": "the report is asked for too soon after the last"}, "wait"),
    **_refused({"E626": "the template is still being encoded"}, "wait"),
    **{row.code: row for row in (*_ACCOUNT, *_PASSING)},
}

_UNKNOWN = Code(code="", meaning="the service refuses the call with a code that is not documented")


def lookup(code: str) -> Code:
    """Return what *code* means in an answer; one that is not documented is a plain refusal."""
    return CODES.get(code) or attrs.evolve(_UNKNOWN, code=code)
