"""What the groups of calls stand on: how a call and a listing are made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

import attrs

from mmsclient.outcomes import Page
from mmsclient.services import fields
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.transmitsms import limits, params, reading
from mmsclient.services.transmitsms.answers import Action, Answer
from mmsclient.services.transmitsms.values import RawAnswer
from mmsclient.wire import PagedCall

if TYPE_CHECKING:
    from mmsclient.messages import Message
    from mmsclient.services.transmitsms.params import Param
    from mmsclient.wire import Call

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Style: TypeAlias = Literal["plain", "array"]
"""How custom fields come: as names and values, or as a list of both."""


@attrs.frozen(kw_only=True)
class Listing(Generic[T_co]):
    """A call that is paged."""

    name: str
    form: Mapping[str, str] = attrs.field(repr=False, hash=False)
    rows: str
    """The field that holds the rows; each call has its own."""
    total: str = "total"
    read: Callable[..., T_co] = attrs.field(repr=False)
    """Reads a row."""
    about: str | None = None
    """The block that speaks of all rows, where there is one: what reads a row is given it too."""
    key: Callable[[Any], Hashable] | None = attrs.field(default=None, repr=False)


class Calls(ABC):
    """What groups of calls need of the service value, which knows address, credential and form."""

    __slots__ = ()

    @abstractmethod
    def _call(self, action: Action[T], *, carries: tuple[Message, ...] = ()) -> Call[T]:
        """Return the call that carries out *action*."""

    @abstractmethod
    def _style(self, asked: Style | None) -> Param:
        """Judge how custom fields are to come."""

    def _asked(
        self,
        name: str,
        read: Callable[[Tree], T],
        *given: Param,
    ) -> Call[T]:
        """Return a call that only reads."""
        form = params.form(*given)
        action = Action(name=name, form=form, read=_tree(read), repeatable=True)
        return self._call(action)

    def _done(
        self, name: str, read: Callable[[Tree], T], *given: Param, proof: str | None = None
    ) -> Call[T]:
        """Return a call that changes something: it is never repeated by itself."""
        return self._call(
            Action(name=name, form=params.form(*given), read=_tree(read), proof=proof)
        )

    def _pages(self, listing: Listing[T]) -> PagedCall[T]:
        return PagedCall(operation=listing.name, page=partial(self._page, listing), key=listing.key)

    def _page(self, listing: Listing[T], number: int) -> Call[Page[T]]:
        form = {**listing.form, **params.form(params.whole("page", number, needed=True))}
        read = partial(_read_page, listing, number)
        return self._call(Action(name=listing.name, form=form, read=read, repeatable=True))


def page_size(value: object) -> Param:
    """Judge ``max``, the rows on a page."""
    return params.whole("max", value, highest=limits.PAGE)


def style(asked: object, default: Style) -> Param:
    """Judge how custom fields are to come; the plain form is what comes unasked."""
    param = params.choice("response_style", asked or default, ("plain", "array"))
    return attrs.evolve(param, value=None) if param.value == "plain" else param


def confirmed(tree: Tree) -> RawAnswer:
    """Read the answer to what makes nothing: some calls say ``success`` beside the code."""
    if fields.plain(tree).get("success", "").lower() in {"false", "no", "0"}:
        raise FieldError("success", "true")
    return RawAnswer(raw=tree)


def raw(tree: Tree) -> RawAnswer:
    """Keep an answer of which no page says what stands in it."""
    return RawAnswer(raw=tree)


def _tree(read: Callable[[Tree], T]) -> Callable[[Answer], T]:
    return lambda answer: read(answer.tree)


def _read_page(listing: Listing[T], asked: int, answer: Answer) -> Page[T]:
    told, read = reading.block(answer.tree, "page"), listing.read
    if listing.about is not None:
        read = partial(read, about=reading.block(answer.tree, listing.about))
    number = fields.number(told, "number")
    return Page(
        items=reading.readable(answer.tree, listing.rows, read),
        number=asked if number is None else number,
        count=fields.number(told, "count"),
        total=fields.number(fields.plain(answer.tree), listing.total),
        raw=answer.tree,
    )
