"""Bulk jobs that survive: a journal, runs that resume, and what settles the unknown."""

from mmsclient.campaigns.campaign import Campaign
from mmsclient.campaigns.journal import Journal
from mmsclient.campaigns.media_host import MediaFinding
from mmsclient.campaigns.preview import MediaLoad, Preview, Remark, WideTexts
from mmsclient.campaigns.run import CampaignRun
from mmsclient.campaigns.sqlite import SqliteJournal
from mmsclient.campaigns.templates import LeftAlone, Templates
from mmsclient.campaigns.values import (
    Added,
    CampaignRow,
    CampaignStatus,
    CampaignTemplate,
    Failure,
    Progress,
    Reconciled,
    Stopped,
)

__all__ = [
    "Added",
    "Campaign",
    "CampaignRow",
    "CampaignRun",
    "CampaignStatus",
    "CampaignTemplate",
    "Failure",
    "Journal",
    "LeftAlone",
    "MediaFinding",
    "MediaLoad",
    "Preview",
    "Progress",
    "Reconciled",
    "Remark",
    "SqliteJournal",
    "Stopped",
    "Templates",
    "WideTexts",
]
