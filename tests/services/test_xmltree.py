"""Reading XML: the short way for plain answers gives what the long way gives."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.services import xmltree

NAMES = st.sampled_from(["STATUS", "Status", "TO", "p:TO", "A-B", "é", "x1"])
TEXTS = st.one_of(
    st.sampled_from(["", " ", "\n", "a&b", "<", "]]>", "é€😀", " x ", "\r\n", "0"]),
    st.text(max_size=6).filter(lambda text: text.isprintable()),
)


def element(name: str, inside: str, attribute: str = "") -> str:
    return f"<{name}{attribute}>{inside}</{name}>"


LEAVES = st.builds(
    element,
    NAMES,
    TEXTS.map(escape),
    st.sampled_from(["", "", "", ' a="1"', ' xmlns="u"', ' xmlns:p="u"']),
)
NODES = st.one_of(LEAVES, LEAVES, st.builds(element, NAMES, LEAVES), st.just("<TO/>"))
DOCUMENTS = st.builds(
    element,
    st.sampled_from(["RESPONSE", "RESPONSE", "RESPONSE", "response", "OTHER"]),
    st.lists(st.one_of(NODES, NODES, NODES, TEXTS.map(escape)), max_size=6).map("".join),
    st.sampled_from(["", "", "", ' a="1"']),
)


def long_way(document: bytes) -> object:
    try:
        tree = xmltodict.parse(document, strip_whitespace=False)
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return "not read"
    cased = xmltree._cased(tree, str.upper)
    inside = cased.get("RESPONSE", "not read")
    return {} if inside is None or (isinstance(inside, str) and inside != "not read") else inside


@given(DOCUMENTS)
def test_plain_answers_are_read_as_any_other_document(text: str) -> None:
    document = text.encode()
    try:
        found: object = xmltree.parse(document, "RESPONSE", case=str.upper)
    except xmltree.XmlError:
        found = "not read"
    assert found == long_way(document)


def test_the_short_way_is_taken() -> None:
    answer = b"<RESPONSE><STATUS>Success</STATUS><TO>12025550143</TO>\n<NOTE></NOTE></RESPONSE>\n"
    assert xmltree._flat(answer, "RESPONSE", str.upper) == {
        "STATUS": "Success",
        "TO": "12025550143",
        "NOTE": None,
    }


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE RESPONSE [<!ENTITY a "b">]><RESPONSE>&a;</RESPONSE>',
        "<!DOCTYPE R [<!ENTITY a 'b'>]><RESPONSE>&a;</RESPONSE>".encode("utf-16"),
        b"<RESPONSE>" + b"<A>" * 33 + b"</A>" * 33 + b"</RESPONSE>",
    ],
)
def test_what_is_hostile_never_takes_it(document: bytes) -> None:
    with pytest.raises(xmltree.XmlError):
        xmltree.parse(document, "RESPONSE")
