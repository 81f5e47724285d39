"""What an answer says: yes, no and why, or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

import attrs

from mmsclient.errors import CallError, NotFoundError, ServiceError
from mmsclient.services import jsontree, judge
from mmsclient.services.cellcast import signs
from mmsclient.services.cellcast.bodies import Body
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.jsontree import JsonError
from mmsclient.wire import HttpResponse

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True)
class Answer:
    """A clear yes: its fields, and the HTTP answer they stand in."""

    operation: str
    tree: Tree = attrs.field(repr=False)
    response: HttpResponse = attrs.field(repr=False)
    envelopes: tuple[Any, ...] = attrs.field(default=(), repr=False)
    """What stands in a bare list; each is to be judged by itself."""


@attrs.frozen(kw_only=True)
class Action(Generic[T_co]):
    """One call of the service: what goes out, and how a clear yes is read."""

    name: str
    """The service's name of the call."""
    path: str
    """Where, below the account's address."""
    method: Literal["GET", "POST", "DELETE"] = "GET"
    query: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    body: Body | None = attrs.field(default=None, repr=False)
    read: Callable[[Answer], T_co] = attrs.field(repr=False)
    sends: bool = False
    """Whether the send contract judges the answer: only a proof is a yes."""
    changes: bool = False
    """Whether the call changes something: silence is no yes."""
    bare_list: bool = False
    """Whether a list of envelopes is what is expected."""
    harmless: bool = False
    """Whether a POST may be repeated."""
    settled: Mapping[str, T_co] = attrs.field(factory=dict, repr=False, hash=False)
    """Codes that are no failure here, such as that of an empty list, and what they mean."""
    gone: T_co | None = attrs.field(default=None, repr=False)
    """What "not found" means once an earlier attempt may have been carried out."""

    @property
    def repeatable(self) -> bool:
        """Whether repeating does no harm."""
        return self.harmless or self.method != "POST"


def decode(action: Action[T_co], response: HttpResponse, *, again: bool = False) -> T_co:
    """Read the answer to *action*, or raise the CallError that it stands for."""
    try:
        return action.read(_opened(action, response))
    except NotFoundError as error:
        if again and action.gone is not None:
            return action.gone
        return _settled(action, error)
    except ServiceError as error:
        return _settled(action, error)
    except FieldError as error:
        shape = f"the answer cannot be read: {error}"
    raise judge.unreadable(response, action.name, shape)


def _settled(action: Action[T_co], error: ServiceError) -> T_co:
    if error.code is not None and error.code in action.settled:
        return action.settled[error.code]
    raise error


def _opened(action: Action[Any], response: HttpResponse) -> Answer:
    try:
        tree = jsontree.parse(response.body)
    except JsonError as error:
        raise signs.by_status(response, action.name, reason=f"the answer {error}") from None
    if action.bare_list and isinstance(tree, list):
        items = tuple(tree)
        return Answer(operation=action.name, tree={}, response=response, envelopes=items)
    if not isinstance(tree, Mapping):
        raise signs.by_status(response, action.name, reason="the answer is no block of fields")
    answer = judged(tree, response, action.name, careful=action.sends or action.changes)
    if action.changes and not signs.read(tree, response).yes:
        raise judge.unreadable(response, action.name, "the answer says neither yes nor no")
    return answer


def judged(tree: Tree, response: HttpResponse, operation: str, *, careful: bool) -> Answer:
    """Return the answer if it is a clear yes, or raise what else it is.

    Of a read any sign of failure makes a failure, and without a sign of either it is a success.
    Of a send, and of all that changes something (*careful*), yes and no in one body, a yes with a
    status that is not 2xx, and a word that nobody published under a status that leaves it open,
    leave the outcome open; whether there is a proof of a yes is for the caller to say.
    """
    found = signs.read(tree, response)
    if careful and found.yes:
        if found.no:
            raise judge.unreadable(response, operation, "the answer says both yes and no")
        if not judge.succeeded(response):
            reason = "the answer says yes under an HTTP status that says no"
            raise judge.unreadable(response, operation, reason)
    if careful and found.no and not found.firm and signs.leaves_open(found.status):
        reason = "the answer holds a word that is not documented; whether it is a no is open"
        raise judge.unreadable(response, operation, reason)
    if found.no:
        raise signs.failure(found, response, operation)
    if not judge.succeeded(response):
        raise signs.by_status(response, operation, description=found.description)
    return Answer(operation=operation, tree=tree, response=response)


def envelope(item: Any, answer: Answer) -> Answer:
    """Return one envelope of a bare list as an answer of its own, or raise what else it is."""
    if not isinstance(item, Mapping):
        reason = "an envelope of the answer is no block of fields"
        raise signs.by_status(answer.response, answer.operation, reason=reason)
    return judged(item, answer.response, answer.operation, careful=True)


def insist_on_all(answer: Answer, asked: int) -> None:
    """Raise unless there is an envelope for each of the *asked* items.

    Where the list does not tell, it must not hide what the HTTP status says of the whole call.
    """
    response = answer.response
    whole = len(answer.envelopes) == asked
    if whole and judge.succeeded(response):
        return
    found = [signs.read(item, response) for item in answer.envelopes if isinstance(item, Mapping)]
    if whole and any(each.yes or each.no for each in found):
        return
    reason = "the list of envelopes does not answer the list of messages"
    if any(each.yes for each in found):
        raise judge.unreadable(response, answer.operation, reason)
    raise signs.by_status(response, answer.operation, reason=reason)


def error_of(read: Callable[[], T_co], answer: Answer) -> T_co | CallError:
    """Return what *read* returns, or the error that it raises, as a value."""
    try:
        return read()
    except CallError as error:
        return error.with_traceback(None)
    except FieldError as error:
        shape = f"the answer cannot be read: {error}"
        return judge.unreadable(answer.response, answer.operation, shape)
