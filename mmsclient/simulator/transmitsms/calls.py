"""Every call of the service, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.actions import TRANSMITSMS
from mmsclient.simulator.transmitsms import (
    clients,
    history,
    imports,
    keywords,
    leased,
    lists,
    members,
    reports,
    responses,
    sends,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

_ROOMS = (
    clients,
    history,
    imports,
    keywords,
    leased,
    lists,
    members,
    reports,
    responses,
    sends,
    texts,
)


def _find(name: str) -> Callable[[Ask], Body]:
    wanted = name.replace("-", "_")
    [found] = [vars(room)[wanted] for room in _ROOMS if wanted in vars(room)]
    run: Callable[[Ask], Body] = found
    return run


#: Each is a function of one of the rooms, under the same name.
CALLS: Mapping[str, Callable[[Ask], Body]] = {name: _find(name) for name in TRANSMITSMS}
