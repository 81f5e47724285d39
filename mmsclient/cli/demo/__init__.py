"""``mmsclient demo``: a bulk campaign over real HTTP against a strict pretend service."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from mmsclient.cli.demo import cast
from mmsclient.cli.progress import LOOK, Board, Tally
from mmsclient.cli.say import DONE, INTERRUPTED, REFUSED, out
from mmsclient.cli.simulate import needed
from mmsclient.client import Client
from mmsclient.engine.limiter import Limiter
from mmsclient.engine.over_httpx import HttpxTransport

if TYPE_CHECKING:
    from rich.console import Console

    from mmsclient.cli.demo.result import Result
    from mmsclient.outcomes import Outcome
    from mmsclient.services.skycore import Skycore
    from mmsclient.simulator import Simulator

#: Seconds that the pretend network takes at most, in each direction.
JITTER = 0.02
#: Calls the other process makes at most while it waits to get in the way.
INTRUSION = 40

Calls = Annotated[
    int | None, typer.Option("--rate", min=1, help="Calls the service permits a second. [15]")
]
Recipients = Annotated[
    int, typer.Option("--recipients", min=cast.FEWEST, max=50_000, help="How many people.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Play the same trouble again.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines, also on a terminal.")]


def demo(
    context: typer.Context,
    *,
    rate: Calls = None,
    recipients: Recipients = 300,
    seed: Seed = None,
    plain: Plain = False,
) -> None:
    """Watch a campaign go out at exactly the permitted rate. Needs no account.

    Exit codes: 0 every promise was kept, 1 one was broken, 2 usage, 130 interrupted,
    70 a defect of mmsclient.
    """
    needed()
    calls = rate or max(1, round(context.obj.rate or 15))
    chance = random.Random(seed)  # noqa: S311 - a play
    try:
        result = asyncio.run(_play(calls, recipients, chance, out(plain=plain)))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(DONE if result.holds else REFUSED)


async def _play(rate: int, count: int, chance: random.Random, console: Console) -> Result:
    from mmsclient.cli.demo.result import Result, show  # noqa: PLC0415 - needs the extra
    from mmsclient.simulator import Simulator  # noqa: PLC0415 - needs the extra

    _introduce(rate, count, console)
    people = cast.numbers(count, chance)
    clock = asyncio.get_running_loop().time
    seed = chance.randrange(2**32)
    async with Simulator(rate=rate, rule="sliding", jitter=JITTER, seed=seed) as sim:
        began = clock()
        outcomes, throttled = await _campaign(sim, people, console)
        took = clock() - began
        result = Result.of(sim, outcomes, recipients=count, throttled=throttled, took=took)
    show(result, console)
    return result


def _introduce(rate: int, count: int, console: Console) -> None:
    console.print(Text("mmsclient demo", style="bold"))
    console.print(
        f"A pretend service on this machine permits {rate:,} calls a second and refuses every one"
        f" more.\n{count:,} MMS go to it over real HTTP: some numbers are bad, a connection breaks,"
        " another process interferes.\n",
        soft_wrap=False,
    )


async def _campaign(
    sim: Simulator, people: list[str], console: Console
) -> tuple[list[Outcome], int]:
    tally = Tally(len(people))
    outcomes: list[Outcome] = []
    service = sim.skycore()
    # Strict: no call of ours can be over the limit, so each refusal is the other process's doing.
    limiter = Limiter(service.rate, policy="strict")
    async with Client(service, limiter=limiter) as client:
        board = Board(tally, lambda: client.stats, console)
        other = asyncio.create_task(_interfere(sim, client, tally, board))
        try:
            async with board.shown(), client.send_many(cast.messages(people)) as stream:
                async for outcome in stream:
                    outcomes.append(outcome)
                    tally.add(outcome)
        finally:
            other.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await other
        return outcomes, client.stats.throttled


async def _interfere(sim: Simulator, client: Client[Skycore], tally: Tally, board: Board) -> None:
    """Use the same account from elsewhere, without any limit, until the campaign has felt it."""
    while tally.done < (tally.total or 0) / 3:  # noqa: ASYNC110 - a look now and then will do
        await asyncio.sleep(LOOK)
    board.note("another process makes calls on the same account, at no rate of its own")
    service, transport = sim.skycore(), HttpxTransport()
    request = service.get_messaging_campaigns().page(1).request
    try:
        for _ in range(INTRUSION):
            if client.stats.throttled:
                return
            await transport.exchange(request, lambda: None)
            await asyncio.sleep(service.rate.interval / 2)
    finally:
        await transport.aclose()
