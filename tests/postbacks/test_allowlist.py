"""Who may post: networks that change, and senders behind proxies, whatever the headers say."""

from __future__ import annotations

import logging
import os
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.postbacks import allowlist
from mmsclient.postbacks.allowlist import AllowList, Proxies, address, networks

if TYPE_CHECKING:
    from pathlib import Path

PROXY, SENDER, LIAR = "10.0.0.1", "192.0.2.7", "203.0.113.66"

ADDRESSES = st.ip_addresses()
GARBAGE = st.text(max_size=40)


@given(ADDRESSES, st.integers(0, 65535) | st.none())
def test_an_address_is_read_with_and_without_a_port(
    one: IPv4Address | IPv6Address, port: int | None
) -> None:
    plain = one.ipv4_mapped or one if isinstance(one, IPv6Address) else one
    assert address(f" {one} ") == plain
    bracketed = f"[{one}]" if isinstance(one, IPv6Address) else f"{one}"
    assert address(bracketed if port is None else f"{bracketed}:{port}") == plain


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_itself(one: IPv4Address) -> None:
    assert address(f"::ffff:{one}") == one
    assert address(f"[::ffff:{one}]:443") == one


@given(GARBAGE)
def test_garbage_is_no_address_and_no_error(text: str) -> None:
    found = address(text)
    assert found is None or str(found)


@pytest.mark.parametrize(
    "text",
    [
        *("", "unknown", "_hidden", "testclient", "[]", ":", "1:2", "192.0.2.7 192.0.2.8"),
        *("192.0.2.7:", "192.0.2.7:x", "192.0.2.7:123456", "192.0.2.7:٣", "192.0.2.07"),
        *("192.0.2.7/32", "[2001:db8::1", "[2001:db8::1]x", "[2001:db8::1]443"),
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert address(text) is None


def test_a_zone_says_nothing_about_who_it_is() -> None:
    assert address("fe80::1%eth0") == ip_address("fe80::1")


# -- behind proxies -----------------------------------------------------------------------------


def sender(trusted: int | list[str], peer: str | None, *forwarded: str) -> str | None:
    found = Proxies.of(trusted).sender(peer, forwarded)
    return None if found is None else str(found)


def test_without_trusted_proxies_the_header_is_not_even_read() -> None:
    assert sender(0, LIAR, SENDER) == LIAR
    assert sender(0, None, SENDER) is None
    assert sender(["10.0.0.0/8"], LIAR, SENDER) == LIAR


def test_a_number_of_proxies_counts_from_the_right() -> None:
    assert sender(1, PROXY, f"{LIAR}, {SENDER}") == SENDER
    assert sender(2, PROXY, f"{LIAR}, {SENDER}, 10.0.0.2") == SENDER
    assert sender(2, PROXY, f"{LIAR}, {SENDER}", "10.0.0.2") == SENDER
    assert sender(1, None, SENDER) == SENDER, "a proxy at the other end of a Unix socket"
    assert sender(2, PROXY, SENDER) is None
    assert sender(1, PROXY) is None
    assert sender(1, PROXY, f"{SENDER}, unknown") is None


def test_networks_of_proxies_are_passed_by_up_to_the_first_that_is_none() -> None:
    ours = ["10.0.0.0/8", "2001:db8::/32"]
    assert sender(ours, PROXY, f"{LIAR}, {SENDER}, 10.9.9.9") == SENDER
    assert sender(ours, "::ffff:10.0.0.1", f"{LIAR},{SENDER}:4711,[2001:db8::5]:80") == SENDER
    assert sender(ours, PROXY, f"{SENDER}, garbage, 10.0.0.2") is None
    assert sender(ours, PROXY, "10.0.0.3, 10.0.0.2") is None, (
        "nobody is left who could have sent it"
    )
    assert sender(ours, PROXY) is None
    assert sender(ours, "/run/app.sock", SENDER) is None


@given(st.lists(GARBAGE, max_size=60), st.integers(1, 5))
def test_what_a_liar_writes_in_front_changes_nothing(lies: list[str], hops: int) -> None:
    proxies = [f"10.0.0.{n}" for n in range(1, hops)]
    told = ", ".join([*lies, SENDER, *proxies])
    assert sender(hops, "10.9.9.9", told) == SENDER
    assert sender(["10.0.0.0/8"], "10.9.9.9", told) == SENDER


@given(st.lists(GARBAGE, max_size=5), st.integers(0, 5), GARBAGE | st.none())
def test_no_header_is_an_error(values: list[str], count: int, peer: str | None) -> None:
    for trusted in (Proxies.of(count), Proxies.of(["10.0.0.0/8", "::/0"])):
        found = trusted.sender(peer, values)
        assert found is None or str(found)


def test_a_long_chain_is_not_walked_to_its_end() -> None:
    assert sender(["10.0.0.0/8"], PROXY, ", ".join([SENDER, *["10.0.0.2"] * 100_000])) is None


# -- the list -----------------------------------------------------------------------------------


def test_networks_are_read_or_refused_with_what_to_write() -> None:
    assert networks(["192.0.2.0/24", "2001:db8::/32"], what="allow") == (
        ip_network("192.0.2.0/24"),
        ip_network("2001:db8::/32"),
    )
    assert networks(["::ffff:192.0.2.0/120"], what="allow") == (ip_network("192.0.2.0/24"),)
    assert networks([ip_network("192.0.2.7")], what="allow") == (ip_network("192.0.2.7/32"),)
    with pytest.raises(ValueError, match=r"did you mean 192\.0\.2\.0/24"):
        networks(["192.0.2.1/24"], what="allow")
    with pytest.raises(ValueError, match="write one such as"):
        networks(["everybody"], what="allow")


def test_another_list_counts_from_then_on_and_a_wrong_one_changes_nothing() -> None:
    allowed = AllowList([SENDER])
    assert ip_address(SENDER) in allowed
    allowed.replace([PROXY])
    assert ip_address(SENDER) not in allowed
    for wrong in ([], ["x"], PROXY):
        with pytest.raises((TypeError, ValueError)):
            allowed.replace(wrong)
    assert ip_address(PROXY) in allowed


def test_a_function_is_asked_each_time_and_believed_while_it_makes_sense(
    caplog: pytest.LogCaptureFixture,
) -> None:
    given: list[list[str]] = [[SENDER]]

    def ask() -> list[str]:
        return given[-1]

    allowed = AllowList(ask)
    given.append([PROXY])
    assert ip_address(PROXY) in allowed
    assert ip_address(SENDER) not in allowed
    given.append(["what"])
    assert ip_address(PROXY) in allowed
    given.clear()
    assert ip_address(PROXY) in allowed
    assert "IndexError" in caplog.text


def test_a_function_may_return_its_own_list_which_changes() -> None:
    given = [SENDER]
    allowed = AllowList(lambda: given)
    assert ip_address(SENDER) in allowed
    given[:] = [PROXY]
    assert ip_address(PROXY) in allowed
    assert ip_address(SENDER) not in allowed


def test_a_function_that_raises_does_not_flood_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [[SENDER]]
    allowed = AllowList(lambda: given[0])
    given.clear()
    for _ in range(50):
        assert ip_address(SENDER) in allowed
    assert caplog.text.count("IndexError") == 1
    monkeypatch.setattr(allowlist, "QUIET", 0.0)
    assert ip_address(SENDER) in allowed
    assert caplog.text.count("IndexError") == 2


def test_a_file_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(allowlist, "LOOK", 0.0)
    file = tmp_path / "networks.txt"
    with pytest.raises(FileNotFoundError):
        AllowList(file)
    file.write_text(f"# of the service\n{SENDER}/32  # the first\n\n")
    allowed = AllowList(file)
    assert ip_address(SENDER) in allowed
    file.write_text(f"{PROXY}\n{LIAR}\n")
    assert ip_address(LIAR) in allowed
    assert ip_address(SENDER) not in allowed
    file.write_text("garbage, of another length\n")
    assert ip_address(LIAR) in allowed
    file.unlink()
    assert ip_address(LIAR) in allowed
    assert caplog.text.count("the last one stays") == 2
    assert caplog.records[0].levelno == logging.ERROR
    other = tmp_path / "other"
    other.write_text(f"{SENDER}\n")
    os.replace(other, file)  # noqa: PTH105 - as deployments do it
    assert ip_address(SENDER) in allowed
