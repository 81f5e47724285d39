"""The calls that the simulator keeps: which, how many, how much of each, and never a credential."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
import rawcalls
import rawcellcast
import rawtransmit
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rawcalls import SMS, ask_raw, document

from mmsclient.simulator import Account, Simulator, documents
from mmsclient.simulator.documents import HIDDEN, Documents
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator.documents import Document

KEY, SECRET = 'k&1 "ü<2', "s%3:+4/ß"


def simulator(**terms: Any) -> Simulator:
    return Simulator(rate=None, accounts=[Account(key=KEY, secret=SECRET)], **terms)


def kept(sim: Simulator, row: int = -1) -> Document:
    serial = sim._vendor.register.rows[row].document
    found = sim._vendor.documents.get(serial or 0)
    assert found is not None
    return found


def everything(found: Document) -> str:
    headers = [f"{name}: {value}" for name, value in found.headers]
    return "\n".join([found.method, found.target, *headers, found.body, found.answer])


async def test_each_service_s_call_is_kept_as_it_came_without_its_credential() -> None:
    sim = simulator()
    assert (await rawcalls.ask(sim, "sendSMS", SMS)).code == "accepted"
    sent = kept(sim)
    assert (sent.method, sent.target, sent.status, sent.cut) == ("POST", "/skycore/", 200, False)
    assert f"<API_KEY>{HIDDEN}</API_KEY>" in sent.body
    assert "<TEXT>Fresh at 7</TEXT>" in sent.body
    assert "TRACKINGID" in sent.answer

    assert (await rawtransmit.ask(sim, "send-sms", rawtransmit.SMS)).code == "SUCCESS"
    form = kept(sim)
    assert form.target == "/transmitsms/send-sms.json"
    assert dict(form.headers)["authorization"] == HIDDEN
    assert "message=Fresh+at+7" in form.body


@pytest.mark.parametrize("word", [KEY, SECRET])
async def test_a_credential_is_found_in_every_spelling(word: str) -> None:
    sim = simulator()
    spellings = {word, escape(word), quote(word), quote(word, safe=""), quote_plus(word)}
    spellings |= {json.dumps(word)[1:-1], quote_plus(word).lower()} - {word.lower()}
    for spelling in spellings - {word}:
        await rawtransmit.ask(sim, "send-sms", {**rawtransmit.SMS, "message": f"is {spelling}."})
        assert spelling not in everything(kept(sim))
    await rawtransmit.get(sim, "send-sms", **rawtransmit.SMS, note=word)
    shown = everything(kept(sim))
    assert not any(spelling in shown for spelling in spellings)
    assert f"note={HIDDEN}" in shown


@pytest.mark.parametrize(
    "node",
    [
        "<API_KEY>{}</API_KEY>",
        "<api_key >{}</api_key >",
        '<API_KEY a="1"><![CDATA[{}]]></API_KEY>',
        "<API_KEY>\n  {}\n</API_KEY>",
    ],
)
async def test_the_key_s_node_is_emptied_whatever_stands_in_it(node: str) -> None:
    sim = Simulator(accounts=[Account(key="k-123")])
    body = document(sim, "sendSMS", SMS).decode()
    written = body.replace("<API_KEY>k-123</API_KEY>", node.format("k-123"))
    assert written != body or node == "<API_KEY>{}</API_KEY>"
    assert (await ask_raw(sim, written.encode())).code == "accepted"
    assert "k-123" not in everything(kept(sim))
    assert HIDDEN in kept(sim).body


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("word", ["k-123", "<!-- -->k-123"])
async def test_the_key_is_found_in_other_encodings(encoding: str, word: str) -> None:
    sim = Simulator(accounts=[Account(key="k-123")])
    body = document(sim, "sendSMS", SMS).decode()
    written = body.replace("<API_KEY>k-123", f"<API_KEY>{word}").encode(encoding)
    assert (await ask_raw(sim, written)).code == "accepted"
    assert "k-123" not in everything(kept(sim)).replace("\0", "")
    assert f"<API_KEY>{HIDDEN}</API_KEY>" in kept(sim).body
    assert "<TEXT>Fresh at 7</TEXT>" in kept(sim).body


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("https://hooks.example.net/in/0123456789abcdef", ["0123456789abcdef"]),
        ("https://hooks.example.net/0123456789abcdef/?ref=7", ["0123456789abcdef"]),
        ("http://[::1]:8000/~123456789abcdef#x", ["%7E123456789abcdef", "~123456789abcdef"]),
        ("https://hooks.example.net/0123456789abcde", []),
        ("https://hooks.example.net/0123456789abcdef/dlr", []),
        ("https://a-long-host-name.example.net/", []),
        ("https://a-long-host-name.example.net?x=/0123456789abcdef", []),
        ("", []),
    ],
)
def test_a_receiver_s_secret_is_the_last_part_of_its_path(address: str, secrets: list[str]) -> None:
    assert documents.path_secrets([address]) == secrets


async def test_of_an_upload_only_the_size_is_kept() -> None:
    sim = rawcellcast.simulator()
    assert (await rawcellcast.send_mms(sim)).code == "SUCCESS"
    body = kept(sim).body
    assert f"({len(rawcellcast.PNG)} bytes)" in body
    assert "PNG\r\n" not in body
    assert "Rye & spelt" in body
    assert dict(kept(sim).headers)["appkey"] == HIDDEN


async def test_all_messages_of_a_call_share_its_document_and_refused_calls_have_none() -> None:
    sim = simulator()
    await rawtransmit.ask(sim, "send-sms", {**rawtransmit.SMS, "to": "12025550143,12025550144"})
    await rawcalls.ask(sim, "sendSMS", {**SMS, "TO": "12"})
    await rawcalls.ask(sim, "getMMSTemplates")
    assert [row.document for row in sim._vendor.register.rows] == [1, 1]
    assert sim._vendor.documents.get(2) is None


def keep(kept: Documents, body: bytes, account: Account, answer: bytes = b"") -> Document:
    serial = kept.keep(
        account,
        method="POST",
        target="/",
        headers={"content-type": "text/xml"},
        body=body,
        response=HttpResponse(200, {}, answer),
    )
    found = kept.get(serial)
    assert found is not None
    return found


def test_what_is_long_is_cut_and_a_key_at_the_cut_is_cut_away_whole() -> None:
    account = Account(key="k-" + "1" * 50, secret="s-" + "2" * 50)
    for before in range(documents.LONGEST - 60, documents.LONGEST + 60, 7):
        found = keep(Documents(), b"." * before + account.key.encode() + b"." * 100, account)
        assert len(found.body) <= documents.LONGEST
        assert "k-1" not in found.body
        assert found.cut is (before + 100 + len(HIDDEN) > documents.LONGEST)
    edge = documents.LONGEST + documents._MARGIN
    found = keep(Documents(), b"." * (edge - 10) + account.key.encode(), account)
    assert set(found.body) == {"."}
    assert keep(Documents(), b"x", account, b"y" * 20_000).cut


def test_so_many_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 3)
    book, account = Documents(), Account()
    for _ in range(5):
        keep(book, b"x", account)
    assert [book.get(n) is not None for n in range(1, 6)] == [False, False, True, True, True]
    monkeypatch.setattr(documents, "ROOM", 950)
    keep(book, b"x" * 900, account)
    assert [book.get(n) is not None for n in (4, 5, 6)] == [False, True, True]
    keep(book, b"x" * 900, account)
    assert book.get(6) is None
    assert book._size == len(book.get(7) or ())


@settings(deadline=None)
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(["text/xml", "multipart/form-data; boundary=é", ""]),
)
@example(body=b'--x\r\nfilename="a"\r\n\r\n', kind="multipart/form-data; boundary=x")
def test_no_body_is_too_strange_to_be_kept(body: bytes, kind: str) -> None:
    book = Documents()
    response = HttpResponse(200, {}, body)
    headers = {"content-type": kind}
    serial = book.keep(
        Account(), method="POST", target="/", headers=headers, body=body, response=response
    )
    assert book.get(serial) is not None


def test_nothing_private_is_in_its_repr() -> None:
    found = keep(Documents(), b"<TO>12025550143</TO>", Account())
    assert "12025550143" not in repr(found)
