"""What runs in processes that are killed: a campaign, begun or gone on with by the same lines."""

from __future__ import annotations

from typing import Any

import mmsclient as mms

#: Nobody waits long in tests.
BOUNDS = mms.Timeout(connect=2.0, read=0.3, total=5.0)
QUICK = mms.RetryPolicy(first_wait=0.005, longest_wait=0.02)

SERVICES: dict[str, Any] = {
    "skycore": mms.Skycore,
    "transmitsms": mms.TransmitSMS,
    "cellcast": mms.Cellcast,
}


def messages(count: int, *, kind: str = "Sms", first: str = "1202555") -> list[mms.Message]:
    """Return messages to so many numbers; an MMS has a reference of its own."""
    if kind == "Sms":
        return [
            mms.Sms(to=f"{first}{n:04}", sender="70707", text="Fresh at 7") for n in range(count)
        ]
    slides = [mms.Slide(text="Rye & spelt")]
    return [
        mms.Mms(
            to=f"{first}{n:04}",
            sender="70707",
            name="menu",
            subject="Fresh",
            slides=slides,
            reference=f"order {n}",
        )
        for n in range(count)
    ]


async def campaign(
    *,
    journal: str,
    service: str,
    account: dict[str, Any],
    count: int,
    kind: str = "Sms",
    first: str = "1202555",
    in_flight: int = 8,
    batch: int = 1,
    rate: int = 1000,
) -> None:
    job = mms.Campaign(journal)
    await job.add(messages(count, kind=kind, first=first))
    client = mms.Client(
        SERVICES[service](**account),
        limiter=mms.Limiter(rate, policy="nominal"),
        timeout=BOUNDS,
        retry=QUICK,
        transport=mms.HttpxTransport(timeout=BOUNDS),
    )
    async with client, job.run(client, max_in_flight=in_flight * batch, batch=batch) as outcomes:
        async for _ in outcomes:
            pass
