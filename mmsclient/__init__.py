"""Asyncio client for MMS and SMS services: every public name, and nothing else."""

from importlib import import_module as _import
from typing import TYPE_CHECKING

from mmsclient.bulk import Bulk
from mmsclient.client import Client, Stats
from mmsclient.engine.gauges import LimiterChange, LimiterStats
from mmsclient.engine.limiter import Limiter
from mmsclient.engine.over_aiohttp import AiohttpTransport
from mmsclient.engine.over_httpx import HttpxTransport
from mmsclient.engine.retry import RetryPolicy
from mmsclient.engine.tokens import Tokens
from mmsclient.errors import (
    AuthenticationError,
    CallError,
    CampaignError,
    ConnectionFailedError,
    Fault,
    InboxError,
    InsufficientCreditError,
    InvalidMessageError,
    ListingError,
    MMSClientError,
    NoReplyError,
    NotFoundError,
    PostbackError,
    QuotaExceededError,
    RefusedError,
    ServiceError,
    ServiceFailedError,
    ThrottledError,
    TransportError,
    UnreadableReplyError,
    UnsupportedError,
)
from mmsclient.events import (
    DeliveryReport,
    Event,
    InboundMessage,
    LinkHit,
    ListAction,
    MmsEncoded,
    MmsEncodingFailed,
    OptIn,
    OptOut,
    PassReport,
    TemplateFailed,
    TemplateReady,
)
from mmsclient.messages import (
    Advice,
    Check,
    Fetched,
    File,
    Media,
    Message,
    Mms,
    SavedMms,
    Slide,
    Sms,
    Weight,
)
from mmsclient.numbers import clean_number
from mmsclient.outcomes import Accepted, DeliveryStatus, Outcome, Page, Refused, Unknown
from mmsclient.paging import Pages, PagesReport
from mmsclient.services.base import Service
from mmsclient.services.skycore import Skycore
from mmsclient.services.skycore.values import (
    CreatedCampaign,
    DeletedTemplate,
    MessagingCampaign,
    MmsDetails,
    MmsTemplate,
    RemovedInboxMessage,
    SavedTemplate,
    ScheduledSend,
    SendingStatistics,
    SubscriberResult,
    SubscriberSend,
    Subscription,
)
from mmsclient.sightings import Sighted, Sighting
from mmsclient.text import Segments, segments
from mmsclient.wire import (
    Call,
    HttpRequest,
    HttpResponse,
    PagedCall,
    Rate,
    RawPostback,
    Timeout,
    Transport,
    Watch,
)

if TYPE_CHECKING:
    from mmsclient.campaigns import (
        Added,
        Campaign,
        CampaignRow,
        CampaignRun,
        CampaignStatus,
        CampaignTemplate,
        Failure,
        Journal,
        LeftAlone,
        MediaFinding,
        MediaLoad,
        Preview,
        Progress,
        Reconciled,
        Remark,
        SqliteJournal,
        Stopped,
        Templates,
        WideTexts,
    )
    from mmsclient.postbacks import FailedEvent, Postbacks, UnreadablePostback, read_inbox
    from mmsclient.services.cellcast import Cellcast
    from mmsclient.services.transmitsms import TransmitSMS

__all__ = [
    "Accepted",
    "Added",
    "Advice",
    "AiohttpTransport",
    "AuthenticationError",
    "Bulk",
    "Call",
    "CallError",
    "Campaign",
    "CampaignError",
    "CampaignRow",
    "CampaignRun",
    "CampaignStatus",
    "CampaignTemplate",
    "Cellcast",
    "Check",
    "Client",
    "ConnectionFailedError",
    "CreatedCampaign",
    "DeletedTemplate",
    "DeliveryReport",
    "DeliveryStatus",
    "Event",
    "FailedEvent",
    "Failure",
    "Fault",
    "Fetched",
    "File",
    "HttpRequest",
    "HttpResponse",
    "HttpxTransport",
    "InboundMessage",
    "InboxError",
    "InsufficientCreditError",
    "InvalidMessageError",
    "Journal",
    "LeftAlone",
    "Limiter",
    "LimiterChange",
    "LimiterStats",
    "LinkHit",
    "ListAction",
    "ListingError",
    "MMSClientError",
    "Media",
    "MediaFinding",
    "MediaLoad",
    "Message",
    "MessagingCampaign",
    "Mms",
    "MmsDetails",
    "MmsEncoded",
    "MmsEncodingFailed",
    "MmsTemplate",
    "NoReplyError",
    "NotFoundError",
    "OptIn",
    "OptOut",
    "Outcome",
    "Page",
    "PagedCall",
    "Pages",
    "PagesReport",
    "PassReport",
    "PostbackError",
    "Postbacks",
    "Preview",
    "Progress",
    "QuotaExceededError",
    "Rate",
    "RawPostback",
    "Reconciled",
    "Refused",
    "RefusedError",
    "Remark",
    "RemovedInboxMessage",
    "RetryPolicy",
    "SavedMms",
    "SavedTemplate",
    "ScheduledSend",
    "Segments",
    "SendingStatistics",
    "Service",
    "ServiceError",
    "ServiceFailedError",
    "Sighted",
    "Sighting",
    "Skycore",
    "Slide",
    "Sms",
    "SqliteJournal",
    "Stats",
    "Stopped",
    "SubscriberResult",
    "SubscriberSend",
    "Subscription",
    "TemplateFailed",
    "TemplateReady",
    "Templates",
    "ThrottledError",
    "Timeout",
    "Tokens",
    "TransmitSMS",
    "Transport",
    "TransportError",
    "Unknown",
    "UnreadablePostback",
    "UnreadableReplyError",
    "UnsupportedError",
    "Watch",
    "Weight",
    "WideTexts",
    "clean_number",
    "read_inbox",
    "segments",
]

__version__ = "0.1.0"

#: Loaded when they are first named: each would cost every program as much as all the rest.
_LATE = {
    "Added": "mmsclient.campaigns",
    "Campaign": "mmsclient.campaigns",
    "CampaignRow": "mmsclient.campaigns",
    "CampaignRun": "mmsclient.campaigns",
    "CampaignStatus": "mmsclient.campaigns",
    "CampaignTemplate": "mmsclient.campaigns",
    "Cellcast": "mmsclient.services.cellcast",
    "FailedEvent": "mmsclient.postbacks",
    "Failure": "mmsclient.campaigns",
    "Journal": "mmsclient.campaigns",
    "LeftAlone": "mmsclient.campaigns",
    "MediaFinding": "mmsclient.campaigns",
    "MediaLoad": "mmsclient.campaigns",
    "Postbacks": "mmsclient.postbacks",
    "Preview": "mmsclient.campaigns",
    "Progress": "mmsclient.campaigns",
    "Reconciled": "mmsclient.campaigns",
    "Remark": "mmsclient.campaigns",
    "SqliteJournal": "mmsclient.campaigns",
    "Stopped": "mmsclient.campaigns",
    "Templates": "mmsclient.campaigns",
    "TransmitSMS": "mmsclient.services.transmitsms",
    "UnreadablePostback": "mmsclient.postbacks",
    "WideTexts": "mmsclient.campaigns",
    "read_inbox": "mmsclient.postbacks",
}

if not TYPE_CHECKING:  # a type checker would take any name for one that is there

    def __getattr__(name: str) -> object:
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(_import(_LATE[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
