"""Who plays in the demo: recipients of whom some bring trouble."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from mmsclient.messages import Mms, Slide

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

#: What people leave in lists of numbers. All are refused before any call is made.
BAD = ("0012025550143", "202555", "+1 202 555 01x4", "02025550143")

#: Last four digits that the simulator's table gives a meaning, and how many of each take part:
#: blacklisted, carrier not provisioned, taken but the connection breaks, look-up fails once.
TROUBLE = {"0193": 3, "0197": 1, "0198": 1, "0191": 1, "0192": 1}

#: Fewer than this have no place for all the trouble.
FEWEST = 20


def numbers(count: int, random: Random) -> list[str]:
    """Return *count* different numbers in random order: no telephone has any of them."""
    areas = [str(area) for area in range(201, 990) if area % 100 != 11]
    random.shuffle(areas)
    trouble = [end for end, times in TROUBLE.items() for _ in range(times)]
    special = [f"1{area}555{end}" for area, end in zip(areas, trouble, strict=False)]
    plain = islice(_plain(areas), count - len(BAD) - len(special))
    cast = [*BAD, *special, *plain]
    random.shuffle(cast)
    return cast


def _plain(areas: list[str]) -> Iterator[str]:
    for last, area in product(range(80), areas):
        yield f"1{area}55501{last:02d}"


def messages(recipients: list[str]) -> Iterator[Mms]:
    """Yield the campaign, lazily, as a real one would come from a file or a database."""
    picture = Slide(image="https://media.example.net/menu.png", text="Fresh at 7, see you!")
    for place, to in enumerate(recipients):
        yield Mms(
            to=to,
            sender="70707",
            subject="Fresh at 7",
            name="menu-07",
            slides=(picture,),
            fallback_text="Fresh at 7, see you!",
            reference=f"demo-{place}",
        )
