"""The stored templates of an account."""

from __future__ import annotations

import attrs

from mmsclient.simulator.content import Content
from mmsclient.simulator.refusals import Refusal


@attrs.frozen(kw_only=True)
class Template:
    """A stored MMS. Times are seconds of the service's clock."""

    mms_id: str
    content: Content
    created_at: float
    ready_at: float
    """From when it may be sent: encoding takes time."""


class Shelf:
    """The templates of one account, oldest first."""

    def __init__(self) -> None:
        self._templates: dict[str, Template] = {}

    def put(self, template: Template) -> None:
        """Store a template."""
        self._templates[template.mms_id] = template

    def get(self, mms_id: str) -> Template:
        """Return a template, or refuse."""
        if mms_id not in self._templates:
            raise Refusal("no template")
        return self._templates[mms_id]

    def ready(self, mms_id: str, now: float) -> Template:
        """Return a template that may be sent, or refuse."""
        template = self.get(mms_id)
        if now < template.ready_at:
            raise Refusal("encoding", wait=template.ready_at - now)
        return template

    def delete(self, mms_id: str) -> None:
        """Forget a template at once, or refuse."""
        del self._templates[self.get(mms_id).mms_id]

    def newest(self) -> list[Template]:
        """Return all templates, newest first."""
        return list(reversed(self._templates.values()))
