"""Contents that are saved at the service once, and sent from there to many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

from mmsclient.campaigns.values import CampaignTemplate
from mmsclient.errors import (
    CallError,
    CampaignError,
    InvalidMessageError,
    RefusedError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from mmsclient.campaigns.journal import Journal
    from mmsclient.campaigns.values import Repeated
    from mmsclient.client import Client
    from mmsclient.messages import Mms, SavedMms
    from mmsclient.services.base import Service
    from mmsclient.wire import Call

#: Contents that are looked at, those that most rows share.
MOST = 1000
#: Contents left as they are that are listed.
LISTED = 100


@runtime_checkable
class StoresTemplates(Protocol):
    """What a service has that saves contents and sends them from there."""

    def as_template(self, message: Mms) -> Call[Any]:
        """Return the call that saves a content and gives its ``id``, or raise why none can."""
        ...

    def by_template(self, message: Mms, template: str) -> SavedMms:
        """Return what sends the template in place of *message*."""
        ...

    def template_waits(self, message: Mms) -> bool:
        """Whether it may be sent only once TemplateReady has come."""
        ...


@attrs.frozen(kw_only=True)
class LeftAlone:
    """A content that goes on being sent as it is."""

    rows: int
    first: str = attrs.field(repr=False)
    """The reference of the first of its rows."""
    reason: str
    """Why no template stands for it."""


@attrs.frozen(kw_only=True)
class Templates:
    """What became of the contents of a campaign, this time and before."""

    templates: tuple[CampaignTemplate, ...]
    """All templates of the campaign."""
    saved: int
    """Templates saved this time."""
    rows: int
    """Rows that send a template from this time on."""
    left: tuple[LeftAlone, ...] = ()
    """The first hundred contents that could have been saved, were it not for something."""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Ids of templates with audio or video that rows wait to be sent from.

        They may be sent once ``TemplateReady`` has come for them; before that the service refuses
        (E626), and a run refuses the row for good.
        """
        return tuple(each.id for each in self.templates if each.id and each.waits and each.rows)


async def savable(journal: Journal, service: Service, *, at_least: int) -> list[int]:
    """Return, for each content that a template could stand for, how many rows have it."""
    if not isinstance(service, StoresTemplates):
        return []
    shared = await journal.repeated(at_least, MOST)
    return [each.rows for each in shared if _fits(service, each.message)]


def _fits(service: StoresTemplates, message: Mms) -> bool:
    try:
        service.as_template(message)
    except InvalidMessageError:
        return False
    return True


async def use(journal: Journal, client: Client[Service], *, at_least: int) -> Templates:
    """Save contents and let their rows send the templates; the journal is held meanwhile."""
    service = client.service
    if not isinstance(service, StoresTemplates):
        raise UnsupportedError(service.name, "templates of MMS")
    begun = (await journal.status(0.0)).service
    if begun not in {None, service.name}:
        raise CampaignError(f"begun with {begun}, not with {service.name}: it stays with that")
    saved = rows = 0
    left: list[LeftAlone] = []
    for each in await journal.repeated(at_least, MOST):
        try:
            template = each.template or await _save(journal, client, service, each)
        except (InvalidMessageError, RefusedError) as error:
            if error.concerns != "message":
                raise
            if len(left) < LISTED:
                first = each.message.reference or ""
                left.append(LeftAlone(rows=each.rows, first=first, reason=str(error)))
            continue
        saved += each.template is None
        message = service.by_template(each.message, template)
        rows += await journal.use_template(each.content, template, message)
    templates = tuple(await journal.templates())
    return Templates(templates=templates, saved=saved, rows=rows, left=tuple(left))


async def _save(
    journal: Journal, client: Client[Service], service: StoresTemplates, each: Repeated
) -> str:
    call = service.as_template(each.message)
    await journal.begin_template(each.content, waits=service.template_waits(each.message))
    try:
        return str((await client.call(call)).id)
    except CallError as error:
        if not error.may_have_happened:
            await journal.drop_template(each.content)
        raise
