"""The fast transport, on aiohttp: a fifth of the work that httpx makes of an exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.engine.transport import LARGEST_ANSWER, missing, shared_ssl_context
from mmsclient.wire import HttpRequest, HttpResponse, Timeout

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


class AiohttpTransport:
    """Moves bytes over aiohttp, for thousands of calls a second; in the extra ``fast``.

    It belongs to the event loop that first uses it.

    Args:
        timeout: bounds on connecting, writing and reading.
        ssl_context: trust of your own, such as a private authority or a client certificate.
        largest_answer: bytes, after decompression; more is no whole answer.
    """

    def __init__(
        self,
        *,
        timeout: Timeout | float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        try:
            # As late as this: it takes as long as all the rest together.
            from mmsclient.engine.aiohttp_carrier import Carrier  # noqa: PLC0415 - late, see above
        except ModuleNotFoundError as error:
            if error.name != "aiohttp":
                raise
            raise missing("aiohttp", "fast") from None
        self._carrier = Carrier(
            timeout=Timeout() if timeout is None else Timeout.of(timeout),
            ssl_context=ssl_context or shared_ssl_context(),
            largest_answer=largest_answer,
        )

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer; *leaving* is called at its first byte."""
        return await self._carrier.exchange(request, leaving)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._carrier.aclose()
