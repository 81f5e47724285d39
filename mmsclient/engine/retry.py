"""Whether, when and how often a failed attempt is repeated. tenacity stays in this file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import attrs
from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential

from mmsclient.errors import CallError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Bounds on repeats, for one call."""

    attempts: int = 5
    """Attempts in all, where connection or service fail."""
    throttled_attempts: int = 20
    """Attempts in all, where the service refuses calls for rate; the limiter sets their pace."""
    first_wait: float = 0.5
    """Upper bound of the first wait in seconds; it doubles, and each wait is drawn at random."""
    longest_wait: float = 8.0
    """Upper bound of every wait, in seconds."""


def worth_repeating(error: BaseException | None, *, repeatable: bool) -> bool:
    """Return whether *error* lets the call be made again.

    A send that may have happened is never repeated; a call that only reads may be.
    """
    if not (isinstance(error, CallError) and error.transient):
        return False
    return repeatable or not error.may_have_happened


async def repeat(
    first: CallError,
    attempt: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy,
    repeatable: bool,
    deadline: float | None,
    wanted: Callable[[], bool],
) -> T:
    """Await *attempt* again after *first*, until it succeeds or its error or the bounds forbid more.

    The last error is raised as it is. *deadline* is a reading of the loop's clock: no wait is
    begun that would end after it. *wanted* says whether anybody still wants a repeat.
    """
    if not (wanted() and worth_repeating(first, repeatable=repeatable)):
        raise first
    failure: CallError | None = first
    clock = asyncio.get_running_loop().time
    backoff = wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    async def once() -> T:
        nonlocal failure
        if failure is not None:
            failed_first, failure = failure, None
            raise failed_first
        return await attempt()

    failed = {True: 0, False: 0}  # throttled or not, counted apart

    def worth(state: RetryCallState) -> bool:
        failed[_throttled(state)] += 1
        return wanted() and worth_repeating(_error(state), repeatable=repeatable)

    def wait(state: RetryCallState) -> float:
        return 0.0 if _throttled(state) else backoff(state)

    def stop(state: RetryCallState) -> bool:
        bound = policy.throttled_attempts if _throttled(state) else policy.attempts
        late = deadline is not None and clock() + state.upcoming_sleep >= deadline
        return late or failed[_throttled(state)] >= bound

    retrying = AsyncRetrying(retry=worth, wait=wait, stop=stop, sleep=asyncio.sleep, reraise=True)
    return await retrying(once)


def _error(state: RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()


def _throttled(state: RetryCallState) -> bool:
    return isinstance(_error(state), ThrottledError)
