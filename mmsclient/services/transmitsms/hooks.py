"""Callback addresses that go with an account's messages, and the reference that they bring back.

``{reference}`` as the value of a parameter stands for the reference of each message. The service
keeps the caller's own parameters, in front of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from mmsclient.services import references
from mmsclient.services.settings import address
from mmsclient.services.transmitsms import callbacks

if TYPE_CHECKING:
    import attrs

    from mmsclient.messages import Message

EXAMPLE = "https://hooks.example.net/dlr?ref={reference}"
PLACEHOLDER = "{reference}"

_PAIR = re.compile(r"([A-Za-z0-9_-]+)=\{reference\}")

_address = address(EXAMPLE, query=True)


def hook(account: Any, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse an address that cannot be called, or whose reference could not be found again."""
    if value is None:
        return
    _address(account, field, value)
    said = str(value)
    if set("{}") & set(said.replace(PLACEHOLDER, "", 1)):
        raise ValueError(f"{field.name} holds braces besides one {PLACEHOLDER}: write {EXAMPLE}")
    if PLACEHOLDER not in said:
        return
    name = parameter(said)
    if name is None:
        rule = f"holds {PLACEHOLDER} elsewhere than as the value of a parameter"
        raise ValueError(f"{field.name} {rule}: write {EXAMPLE}")
    if name in callbacks.NAMES:
        rule = "gives the reference the name of a parameter of the service's own"
        raise ValueError(f"{field.name} {rule}: write {EXAMPLE}")
    names = [each for each, _ in parse_qsl(urlsplit(said).query, keep_blank_values=True)]
    if names.count(name) > 1:
        raise ValueError(f"{field.name} has the parameter of the reference twice: leave one out")


def parameter(address: str | None) -> str | None:
    """Return the name of the parameter that an address has for the reference."""
    pairs = urlsplit(address or "").query.split("&")
    return next((found[1] for pair in pairs if (found := _PAIR.fullmatch(pair))), None)


def reference(message: Message) -> str | None:
    """Return the reference of a message as an address carries it."""
    return references.carried(message.reference, references.is_plain)


def filled(message: Message, **addresses: str | None) -> dict[str, str]:
    """Return the addresses that are set, with the reference of a message in them."""
    given = {name: address for name, address in addresses.items() if address}
    if not any(PLACEHOLDER in address for address in given.values()):
        return given
    said = quote(reference(message) or "", safe="")
    return {name: address.replace(PLACEHOLDER, said) for name, address in given.items()}


def parameters(*addresses: str | None) -> set[str]:
    """Return the names of the parameters that addresses have for the reference."""
    return {name for address in addresses if (name := parameter(address))}


def returned(found: callbacks.Pairs, address: str | None) -> str | None:
    """Return the reference that a callback to an address brings back; None where there is none."""
    name = parameter(address)
    return next((said for each, said in found if each == name), None) or None
