"""Clients of other services as their users get them: each sends one message to a given address.

All credentials are made up. Each client is told its address by an option of its own, or where it
has none by the nearest thing; time-outs are set short where there is an option for them.
"""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from benchmarks.frame import peers
from benchmarks.frame.peers import MEDIA, SENDER, TEXT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping

    import trustme

#: Sends one message.
Send: TypeAlias = "Callable[[], Awaitable[object]]"

TO = "12025550143"
#: Seconds that a client is told to wait for an answer.
SHORT = 2


@attrs.frozen
class Sdk:
    """A client in one of its settings."""

    opened: Callable[[str], AbstractAsyncContextManager[Send]]
    """Opens it for a service at the given address."""
    well: str
    """What its service answers when it takes a message."""
    tls: bool = False
    """Whether it knows no other way."""


@functools.cache
def authority() -> trustme.CA:
    """Return who vouches for the services of this process."""
    import trustme

    return trustme.CA()


def tls() -> ssl.SSLContext:
    """Return what a service on 127.0.0.1 needs to speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(context)
    return context


def _in_a_thread(send: Callable[[], object]) -> Send:
    return lambda: asyncio.to_thread(send)


@asynccontextmanager
async def twilio(url: str, **options: Any) -> AsyncIterator[Send]:
    async with peers.twilio(url, timeout=SHORT, **options) as send:
        yield lambda: send(TO)


@asynccontextmanager
async def telnyx(url: str, **options: Any) -> AsyncIterator[Send]:
    from telnyx import DEFAULT_MAX_RETRIES

    given = {"max_retries": DEFAULT_MAX_RETRIES, **options}
    async with peers.telnyx(url, timeout=SHORT, **given) as send:
        yield lambda: send(TO)


@asynccontextmanager
async def vonage(url: str, **options: Any) -> AsyncIterator[Send]:
    from vonage import Auth, HttpClientOptions, Vonage
    from vonage_messages import MmsImage, MmsResource

    host = url.removeprefix("https://").rstrip("/")
    client = Vonage(
        Auth(api_key="k-123", api_secret="s-123"),  # noqa: S106 - made up
        HttpClientOptions(api_host=host, timeout=SHORT, **options),
    )
    image = MmsImage(to=TO, from_=SENDER[1:], image=MmsResource(url=MEDIA, caption=TEXT))
    session = client.http_client._session  # noqa: SLF001 - no option takes an authority
    with authority().cert_pem.tempfile() as bundle, closing(session):
        session.trust_env, session.verify = False, bundle
        yield _in_a_thread(lambda: client.messages.send(image))


@asynccontextmanager
async def boto3(url: str, **retries: Any) -> AsyncIterator[Send]:
    from boto3 import Session
    from botocore.config import Config

    session = Session("k-123", "s-123", region_name="us-east-1")
    config = Config(connect_timeout=SHORT, read_timeout=SHORT, retries=retries or None)
    with closing(
        session.client("pinpoint-sms-voice-v2", endpoint_url=url, config=config)
    ) as client:
        yield _in_a_thread(
            lambda: client.send_text_message(
                DestinationPhoneNumber=f"+{TO}", OriginationIdentity=SENDER, MessageBody=TEXT
            )
        )


@asynccontextmanager
async def sinch(url: str) -> AsyncIterator[Send]:
    from sinch import SinchClient

    client = SinchClient(service_plan_id="p-123", sms_api_token="k-123", sms_region="us")  # noqa: S106 - made up
    client.configuration.sms_origin_with_service_plan_id = url.rstrip("/")
    client.configuration.connection_timeout = SHORT
    with closing(client.configuration.transport.http_session):
        yield _in_a_thread(
            lambda: client.sms.batches.send_sms(to=[f"+{TO}"], from_=SENDER, body=TEXT)
        )


@asynccontextmanager
async def plivo(url: str) -> AsyncIterator[Send]:
    from plivo import RestClient

    class Here(RestClient):  # type: ignore[misc]  # its types are not read
        # The original sets its address anew before each request.
        base_uri = property(lambda _: f"{url}v1/Account", lambda _, __: None)

    with Here("MA" + "X" * 18, "k-123", timeout=SHORT) as client:
        yield _in_a_thread(
            lambda: client.messages.create(
                src=SENDER, dst=f"+{TO}", text=TEXT, type_="mms", media_urls=[MEDIA]
            )
        )


@asynccontextmanager
async def infobip(url: str) -> AsyncIterator[Send]:
    import infobip_api_client as package

    host = package.Configuration(host=url.rstrip("/"), api_key="k-123")
    message = package.SmsMessage(
        sender=SENDER[1:],
        destinations=[package.SmsDestination(to=TO)],
        content=package.SmsMessageContent(package.SmsTextContent(text=TEXT)),
    )
    with package.ApiClient(host) as client:
        api, request = package.SmsApi(client), package.SmsRequest(messages=[message])
        yield _in_a_thread(lambda: api.send_sms_messages(request, _request_timeout=float(SHORT)))
        client.rest_client.pool_manager.clear()


@asynccontextmanager
async def bandwidth(url: str) -> AsyncIterator[Send]:
    import bandwidth as package

    host = package.Configuration(
        host=url.rstrip("/"),
        ignore_operation_servers=True,
        username="u-123",
        password="s-123",  # noqa: S106 - made up
    )
    message = package.MessageRequest(
        application_id="a-123", to=[f"+{TO}"], var_from=SENDER, text=TEXT, media=[MEDIA]
    )
    with package.ApiClient(host) as client:
        api = package.MessagesApi(client)
        yield _in_a_thread(
            lambda: api.create_message("u-123", message, _request_timeout=float(SHORT))
        )
        client.rest_client.pool_manager.clear()


@asynccontextmanager
async def messagebird(url: str) -> AsyncIterator[Send]:
    from messagebird import Client
    from messagebird.http_client import HttpClient

    client = Client("k-123", HttpClient(url, "k-123", "benchmark"))
    yield _in_a_thread(lambda: client.mms_create(SENDER, [TO], TEXT, [MEDIA]))


@asynccontextmanager
async def clicksend(url: str) -> AsyncIterator[Send]:
    import clicksend as package

    host = package.Configuration(
        host=url.rstrip("/"),
        username="u-123",
        password="k-123",  # noqa: S106 - made up
    )
    message = package.SendSmsRequestMessagesInner(body=TEXT, to=f"+{TO}", var_from=SENDER)
    with package.ApiClient(host) as client:
        api, request = package.SmsApi(client), package.SendSmsRequest(messages=[message])
        yield _in_a_thread(
            lambda: api.send_sms(
                "application/json", send_sms_request=request, _request_timeout=float(SHORT)
            )
        )
        client.rest_client.pool_manager.clear()


#: Client, setting, what carries its bytes.
Key: TypeAlias = tuple[str, str, str]
#: The setting of a client that was given no other option than a time-out.
PLAIN = "as it comes"


def _settings(
    client: str,
    over: str,
    opened: Callable[..., AbstractAsyncContextManager[Send]],
    well: Mapping[str, Any] | str,
    *others: Mapping[str, Any],
) -> dict[Key, Sdk]:
    """Return *client* as it comes, and with each of the *others* among its options."""
    said, found = well if isinstance(well, str) else json.dumps(well), {}
    for options in ({}, *others):
        setting = ", ".join(f"{name}={value}" for name, value in options.items()) or PLAIN
        found[client, setting, over] = Sdk(partial(opened, **options), said, over == TLS)
    return found


#: What requests speaks where a client knows no plain HTTP.
TLS = "requests, TLS"

SDKS: Mapping[Key, Sdk] = {
    **_settings("twilio", "aiohttp", twilio, peers.answer("twilio")["body"], {"max_retries": 3}),
    **_settings("telnyx", "httpx", telnyx, peers.answer("telnyx")["body"], {"max_retries": 0}),
    **_settings("vonage", TLS, vonage, {"message_uuid": "m-70143"}, {"max_retries": 0}),
    **_settings("boto3", "urllib3", boto3, {"MessageId": "m-70143"}, {"total_max_attempts": 1}),
    **_settings("sinch", "requests", sinch, {"id": "m-70143", "type": "mt_text", "to": [TO]}),
    **_settings("plivo", "requests", plivo, {"message_uuid": ["m-70143"]}),
    **_settings("infobip", "urllib3", infobip, {"bulkId": "b-70143", "messages": []}),
    **_settings("bandwidth", "urllib3", bandwidth, {"id": "m-70143"}),
    **_settings("messagebird", "requests", messagebird, {"id": "m-70143"}),
    **_settings("clicksend", "urllib3", clicksend, {"http_code": 200}),
}
