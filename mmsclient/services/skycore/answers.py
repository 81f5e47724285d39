"""What an answer says: yes, no and why, or neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import attrs

from mmsclient.errors import CallError, ServiceError, UnreadableReplyError
from mmsclient.services import fields, judge
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.skycore import codes, envelope
from mmsclient.services.skycore.envelope import Nodes
from mmsclient.services.xmltree import XmlError
from mmsclient.wire import HttpResponse

T_co = TypeVar("T_co", covariant=True)

# Codes are shown in the error's text. What looks like none is not: it could hold a number.
_CODE = re.compile(r"(?!.*[0-9]{7})[A-Z][A-Z0-9_-]{0,23}")

_NUMBER = re.compile(r"(?<![\w.,-])([0-9]{1,6}(?:\.[0-9]{1,3})?)(?![.,]?[0-9])\s*([^\W\d_]*)")

#: Seconds in what may stand behind the number; anything else is not read.
_UNITS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
}


@attrs.frozen(kw_only=True)
class Answer:
    """A clear yes: its fields, and the HTTP answer they stand in."""

    operation: str
    tree: Tree = attrs.field(repr=False)
    response: HttpResponse = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Action(Generic[T_co]):
    """One action of the service: what goes out, and how a clear yes is read."""

    name: str
    """The ACTION."""
    operation: str = ""
    """The service's name of the call, where it is not its ACTION."""
    nodes: Nodes = attrs.field(factory=dict, repr=False, hash=False)
    read: Callable[[Answer], T_co] = attrs.field(repr=False)
    repeatable: bool = False
    results: str | None = None
    """Blocks that stand for a STATUS, where the answer has one result per recipient."""
    settled: Mapping[str, T_co] = attrs.field(factory=dict, repr=False, hash=False)
    """Codes that are no failure here, such as those of an empty list, and what they mean."""
    settled_again: Mapping[str, T_co] = attrs.field(factory=dict, repr=False, hash=False)
    """The same, once an earlier attempt may have been carried out."""

    @property
    def called(self) -> str:
        """The service's name of the call."""
        return self.operation or self.name


def decode(action: Action[T_co], response: HttpResponse, *, again: bool = False) -> T_co:
    """Read the answer to *action*, or raise the CallError that it stands for."""
    settled = {**action.settled, **action.settled_again} if again else action.settled
    try:
        return action.read(judged(response, action.called, results=action.results))
    except ServiceError as error:
        if error.code is not None and error.code in settled:
            return settled[error.code]
        raise
    except FieldError as error:
        shape = f"the answer cannot be read: {error}"
    raise judge.unreadable(response, action.called, shape)


def judged(response: HttpResponse, operation: str, *, results: str | None = None) -> Answer:
    """Return the answer if it is a clear yes, or raise what else it is.

    A failure code in the body decides first, then 429, then 5xx. Yes and no in one body, a yes
    with a status that is not 2xx, or neither, is an UnreadableReplyError: the outcome is open.
    """
    try:
        tree = _flat(envelope.parse(response.body, "RESPONSE"))
        result = results is not None and bool(fields.rows(tree, results))
        yes, no = _says(tree)
    except XmlError as error:
        raise judge.by_status(response, operation, reason=f"the answer {error}") from None
    except FieldError as error:
        raise judge.by_status(response, operation, reason=f"in the answer, {error}") from None
    objection = _objection(yes=yes or result, no=no, response=response, operation=operation)
    if objection:
        raise objection
    if no:
        raise failure(tree, response, operation)
    return Answer(operation=operation, tree=tree, response=response)


def error_in(block: Tree, response: HttpResponse, operation: str) -> CallError | None:
    """Return the error that the result of one recipient stands for; None for a clear yes."""
    yes, no = _says(block)
    objection = _objection(yes=yes, no=no, response=response, operation=operation)
    return failure(block, response, operation) if no and not objection else objection


def _says(tree: Tree) -> tuple[bool, bool]:
    """Return whether the fields hold a yes, and whether they hold a no."""
    status = (fields.text(tree, "STATUS") or "").lower()
    if status == "failure":
        return False, True  # whatever the code looks like
    return status == "success", _code_as_said(tree) is not None


def _code_as_said(tree: Tree) -> str | None:
    """Return the code, once for repeats that are equal; any other shape is a FieldError."""
    if "ERRORCODE" not in tree:
        return None
    return (fields.agreed(tree, "ERRORCODE") or "").strip() or fields.text(tree, "ERRORCODE")


def _objection(*, yes: bool, no: bool, response: HttpResponse, operation: str) -> CallError | None:
    """Return the error for what is neither a clear yes nor a clear no."""
    if yes and no:
        return judge.unreadable(response, operation, "the answer says both yes and no")
    if yes and not judge.succeeded(response):
        reason = "the answer says yes under an HTTP status that says no"
        return judge.unreadable(response, operation, reason)
    return None if yes or no else judge.by_status(response, operation)


def failure(tree: Tree, response: HttpResponse, operation: str) -> CallError:
    """Return the error for a clear no: by its code, else by the HTTP status."""
    code, description = _code(tree), _description(tree)
    by_code = code is not None
    if not by_code and judge.verdict(response)[0] is not UnreadableReplyError:
        error = judge.by_status(response, operation)
        error.description = description
        return error
    row = codes.lookup(code or "")
    return row.error(
        row.meaning if by_code else "the service refuses the call and names no code",
        operation=operation,
        code=code,
        description=description,
        http_status=response.status,
        retry_after=_retry_after(row.code, description, response),
        raw=response.body,
        transient=row.transient,
        may_have_happened=row.may_have_happened,
        # Without a code nothing says that this message is to blame.
        concerns=None if by_code else "account",
    )


def _code(tree: Tree) -> str | None:
    # A code of another shape counts as none: it must not make a clear no an open question.
    code = (fields.agreed(tree, "ERRORCODE") or "").strip().upper()
    return code if _CODE.fullmatch(code) else None


def _description(tree: Tree) -> str | None:
    try:
        return fields.words(tree, "ERRORINFO")
    except FieldError:
        return None  # the code says enough: a strange text must not hide the no


def _retry_after(code: str, description: str | None, response: HttpResponse) -> float | None:
    seconds = judge.retry_after(response)
    if seconds is None and code == "E106":
        # "minimum interval between calls, X seconds": X stands in the text only.
        return _seconds(description or "")
    return seconds


def _seconds(said: str) -> float | None:
    found = _NUMBER.findall(said)
    if len(found) != 1:
        return None
    number, unit = found[0]
    scale = _UNITS.get(unit.lower())
    return None if scale is None else float(number) * scale


def _flat(tree: Tree) -> Tree:
    """Return the fields with those of SENDING blocks beside them.

    Answers of 2013 put the result into such blocks, and said Success above a block with a code.
    """
    blocks = fields.rows(tree, "SENDING")
    if not blocks:
        return tree
    failed = [block for block in blocks if str(block.get("ERRORCODE") or "").strip()]
    if not failed:
        return {**tree, **blocks[0]}
    # A code that cannot be read says nothing: then it is as it is said above.
    said = "Failure" if fields.agreed(failed[0], "ERRORCODE") else tree.get("STATUS")
    status = failed[0].get("STATUS", said) if len(failed) == len(blocks) else "Success"
    return {**tree, **failed[0], "STATUS": status}
