"""One call for several receivers of one text, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import Fault, InvalidMessageError, RefusedError
from mmsclient.messages import Message
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown
from mmsclient.services import fields, judge
from mmsclient.services.transmitsms import limits, params, reading, sms
from mmsclient.services.transmitsms.answers import LeftOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mmsclient.services.transmitsms.answers import Answer

_ODD = "the service names this number as left out and counts it as taken"
_SHORT = (
    "the service took fewer numbers than it was given and does not name the others: "
    "get_sms_sent tells which"
)


def form(forms: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the one form that stands for several, which differ in the number only."""
    numbers = [each["to"] for each in forms]
    alike = {tuple(sorted({**each, "to": ""}.items())) for each in forms}
    wrong = ""
    if len(alike) != 1:
        wrong = "differ in more than the number" if alike else "are none"
    elif len(set(numbers)) < len(numbers):
        wrong = "have a number in common"
    elif len(numbers) > limits.RECIPIENTS:
        wrong = f"are more than {limits.RECIPIENTS}"
    if wrong:
        raise InvalidMessageError([Fault("messages", wrong, "group them by batch_key")])
    return {**forms[0], "to": ",".join(numbers)}


@attrs.frozen(kw_only=True)
class Batch:
    """The messages of one call, and their numbers as they were sent."""

    messages: tuple[Message, ...] = attrs.field(repr=False)
    numbers: tuple[str, ...] = attrs.field(repr=False)

    def outcomes(self, answer: Answer) -> list[Outcome]:
        """Return what became of each message, in order.

        A number that the answer names is refused, all others are accepted if the service counts
        as many. If it counts fewer, some were skipped in silence: then none of them is known.
        """
        message_id = sms.message_id(answer)
        left = LeftOut.named_in(answer.tree)
        named = {
            **dict.fromkeys(among(self.numbers, left.fails), "the service cannot send there"),
            **dict.fromkeys(among(self.numbers, left.optouts), "this number opted out"),
        }
        count = reading.whole(fields.plain(answer.tree), "recipients")
        rest = len(self.numbers) - len(named)
        # A single number that is bad is an error of the whole call, so it needs no count.
        taken = len(self.numbers) == 1 if count is None else count >= rest
        odd = count is not None and count > rest

        def outcome(message: Message, number: str) -> Outcome:
            if number in named and not odd:
                return Refused(message=message, error=_refusal(named[number], answer))
            if number in named or not taken:
                reason = _ODD if number in named else _SHORT
                error = judge.unreadable(answer.response, answer.operation, reason)
                return Unknown(message=message, error=error)
            return accepted(message, number, message_id, answer)

        return [
            outcome(message, number)
            for message, number in zip(self.messages, self.numbers, strict=True)
        ]

    def only(self, answer: Answer) -> Accepted:
        """Return the acceptance of a single message, or raise why there is none."""
        (outcome,) = self.outcomes(answer)
        if isinstance(outcome, Accepted):
            return outcome
        raise outcome.error


def accepted(message: Message, number: str, message_id: str, answer: Answer) -> Accepted:
    """Return the outcome of a message that was taken."""
    return Accepted(
        id=message_id,
        to=number,
        message=message,
        reference=message.reference,
        raw=answer.tree,
    )


def among(numbers: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return which of *numbers* are named, also in the form of their own country.

    That form has a 0 for the country code, or nothing where JSON took it for a number. One that
    could be several of the numbers is none of them.
    """
    whole, found = set(numbers), set()
    for name in names:
        digits = _digits(name)
        short = digits.lstrip("0")
        if digits in whole:
            found.add(digits)
        elif len(short) >= limits.TELLING_DIGITS:
            close = [number for number in numbers if number.endswith(short)]
            found.update(close if len(close) == 1 else ())
    return found


def _digits(name: str) -> str:
    try:
        return params.digits_of(name, local=True)
    except InvalidMessageError:
        return ""


def _refusal(reason: str, answer: Answer) -> RefusedError:
    return RefusedError(
        reason,
        operation=answer.operation,
        http_status=answer.response.status,
        raw=answer.response.body,
    )
