"""What an answer says: yes, no and why, or neither."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from mmsclient.errors import CallError, RefusedError, UnreadableReplyError
from mmsclient.services import fields, judge
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.transmitsms import codes, envelope, reading
from mmsclient.services.transmitsms.envelope import BodyError
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.services.transmitsms.envelope import Form

T_co = TypeVar("T_co", covariant=True)

# Codes are shown in the error's text. What looks like none is not: it could hold a number.
_CODE = re.compile(r"(?!.*[0-9]{7})[A-Z][A-Z0-9_-]{0,39}")


@attrs.frozen(kw_only=True)
class Answer:
    """A clear yes: its fields, and the HTTP answer they stand in."""

    operation: str
    tree: Tree = attrs.field(repr=False)
    response: HttpResponse = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Action(Generic[T_co]):
    """One call of the service: what goes out, and how a clear yes is read."""

    name: str
    form: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    read: Callable[[Answer], T_co] = attrs.field(repr=False)
    repeatable: bool = False
    """Whether it only reads."""
    proof: str | None = None
    """The field that proves a yes by itself: the id of what was made, or SUCCESS_FLAG."""


#: The field by which calls that make nothing say yes, or no.
SUCCESS_FLAG = "success"
#: What it says for yes: cancel-sms ``OK``, the calls about e-mail ``true``.
_YES = frozenset({"ok", "true", "yes", "1"})


def decode(action: Action[T_co], response: HttpResponse, *, form: Form = "json") -> T_co:
    """Read the answer to *action*, which asked for *form*, or raise what it stands for."""
    try:
        return action.read(judged(action, response, form))
    except FieldError as error:
        shape = f"the answer cannot be read: {error}"
    raise judge.unreadable(response, action.name, shape)


def judged(action: Action[Any], response: HttpResponse, form: Form) -> Answer:
    """Return the answer if it is a clear yes, or raise what else it is.

    A documented code that says no decides first, then the status. What only reads needs no sign
    beyond a status of success: some pages print answers without the error block. For all else a
    yes needs the word SUCCESS or the proof, and a status that agrees.
    """
    try:
        tree = envelope.parse(response.body, form)
    except BodyError as error:
        raise judge.by_status(response, action.name, reason=f"the answer {error}") from None
    proven = not action.repeatable and _proves(tree, action.proof)
    try:
        code = _code(tree)
    except FieldError as error:
        reason = f"in the answer, {error}"
        if proven:
            raise judge.unreadable(response, action.name, reason) from None
        raise judge.by_status(response, action.name, reason=reason) from None
    no = code is not None and code != codes.SUCCESS
    if no and proven:
        raise judge.unreadable(response, action.name, "the answer says both yes and no")
    if no:
        raise failure(tree, code or "", response, action)
    objection = _objection(action, response, yes=proven or code is not None)
    if objection:
        raise objection
    return Answer(operation=action.name, tree=tree, response=response)


def _objection(action: Action[Any], response: HttpResponse, *, yes: bool) -> CallError | None:
    """Return the error for what is no clear yes, though nothing in it says no."""
    good = judge.succeeded(response)
    if action.repeatable or not yes:
        return None if good and action.repeatable else judge.by_status(response, action.name)
    reason = "the answer says yes under an HTTP status that says no"
    return None if good else judge.unreadable(response, action.name, reason)


def _code(tree: Tree) -> str | None:
    """Return the code in the error block, which a success has too; None where there is no block."""
    inside = tree.get("error")
    if not inside or (isinstance(inside, str) and not inside.strip()):
        return None
    if not isinstance(inside, Mapping):
        raise FieldError("error", "one block of fields")
    # The code table of one page has a blank in BAD _MOBILE.
    code = "".join(fields.required(inside, "code").split()).upper()
    if not _CODE.fullmatch(code):
        raise FieldError("error.code", "a code")
    return code


def _proves(tree: Tree, name: str | None) -> bool:
    if name is None:
        return False
    found = reading.texts(tree, name)
    if name == SUCCESS_FLAG:
        return any(said.lower() in _YES for said in found)
    return any(said.strip("0") for said in found)


def failure(tree: Tree, code: str, response: HttpResponse, action: Action[Any]) -> CallError:
    """Return the error for a no: by its code, or by a status that knows better.

    A status that says neither yes nor no knows better only where a repeat could do harm: there a
    code that nobody documents is no certain refusal.
    """
    row, description, operation = codes.lookup(code), _description(tree), action.name
    by_status = judge.verdict(response)[0]
    if not row.firm and by_status is UnreadableReplyError and not action.repeatable:
        reason = "the answer has a code that is not documented, under a status that is no refusal"
        error: CallError = judge.unreadable(response, operation, reason)
        error.code, error.description = code, description
        return error
    if not row.firm and by_status not in {UnreadableReplyError, RefusedError}:
        error = judge.by_status(response, operation)
        error.code, error.description = code, description
        return error
    return row.error(
        row.meaning,
        operation=operation,
        code=code,
        description=description,
        http_status=response.status,
        retry_after=judge.retry_after(response),
        raw=response.body,
        concerns=row.concerns,
    )


def _description(tree: Tree) -> str | None:
    """Return the description; as JSON where it is a block, such as that of RECIPIENTS_ERROR."""
    said = fields.child(tree, "error").get("description")
    if isinstance(said, Mapping | list):
        return json.dumps(said, default=str)
    return fields.plain({"it": said}).get("it")


@attrs.frozen(kw_only=True)
class LeftOut:
    """The numbers that an answer names as not served, as the service writes them."""

    fails: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Not valid."""
    optouts: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Opted out."""

    @classmethod
    def of(cls, error: CallError) -> LeftOut:
        """Read them from an error of ``send_sms``; none where it names none."""
        try:
            tree = envelope.parse(error.raw)
            return cls.named_in(fields.child(fields.child(tree, "error"), "description"))
        except (BodyError, FieldError):
            return cls()

    @classmethod
    def named_in(cls, tree: Tree) -> LeftOut:
        """Read them from the fields of an answer."""
        return cls(fails=_numbers(tree, "fails"), optouts=_numbers(tree, "optouts"))


def _numbers(tree: Tree, name: str) -> tuple[str, ...]:
    # 0 and false stand for none, as everywhere on the wire.
    found = reading.texts(tree, name)
    return tuple(said for said in found if said.strip("0") and said.lower() != "false")
