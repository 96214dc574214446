"""The ladder as SVG: well-formed whatever strangers send, and no two words meet."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unicodedata import east_asian_width
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.trace.drawing import svg
from softswitch.trace.ladder import Ladder, Note, build
from softswitch.trace.message import Direction, TracedMessage
from tests.softswitch.trace.ladders import START, Wire, plain_call

SVG = "{http://www.w3.org/2000/svg}"
LETTER, HEIGHT = 7.23, 11.0  # DejaVu Sans Mono at 12 px


@dataclass
class Box:
    left: float
    right: float
    bottom: float
    text: str

    def meets(self, other: "Box") -> bool:
        is_beside = self.right <= other.left or other.right <= self.left
        return not is_beside and abs(self.bottom - other.bottom) < HEIGHT


def boxes(picture: str) -> list[Box]:
    found = []
    for text in ElementTree.fromstring(picture).iter(f"{SVG}text"):
        shown = "".join(text.itertext())
        width = LETTER * sum(2 if east_asian_width(one) in "WF" else 1 for one in shown)
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        left = x - width / 2 if text.attrib.get("text-anchor") == "middle" else x
        found.append(Box(left, left + width, y, shown))
    return found


def check(ladder: Ladder) -> str:
    picture = svg(ladder, "Call <1> & more")
    found = boxes(picture)
    width = float(re.search(r"width='(\d+)'", picture)[1])  # type: ignore[index]
    for number, one in enumerate(found):
        assert one.left >= 0 and one.right <= width, one
        for other in found[number + 1 :]:
            assert not one.meets(other), (one, other)
    return picture


def test_a_plain_call() -> None:
    ladder = build(plain_call())
    assert ladder is not None
    picture = check(ladder)
    words = {box.text for box in boxes(picture)}
    assert {"softswitch", "+48600100200 Jan", "101", "INVITE 101 (sound)"} <= words
    assert "200 OK (sound) ×3 … 7.502" in words
    assert "prefers-color-scheme: dark" in picture and "<script" not in picture
    hints = [one.text or "" for one in ElementTree.fromstring(picture).iter(f"{SVG}title")]
    assert any("m=audio 4000 RTP/AVP 8" in hint for hint in hints)


NAMES = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
USERS = st.sampled_from([f"10{number}" for number in range(6)])


@st.composite
def messages(draw: st.DrawFn) -> list[TracedMessage]:
    legs = {
        user: Wire(
            f"leg {user}", f'"{draw(NAMES)}" <sip:{user}@x>', "<sip:1@x>", f"192.0.2.{user}:5060",
            ours=draw(st.booleans()),
        )
        for user in draw(st.lists(USERS, min_size=1, unique=True))
    }  # fmt: skip
    found = []
    for number in range(draw(st.integers(1, 25))):
        leg = legs[draw(st.sampled_from(sorted(legs)))]
        way = draw(st.sampled_from(Direction))
        first = draw(
            st.sampled_from(["INVITE sip:+48221234567890@x", "SIP/2.0 486 ", "BYE sip:1@x"])
        )
        first += draw(NAMES).replace("\r", "").replace("\n", "") if "SIP/" in first else ""
        found.append(leg.say(number * draw(st.floats(0, 400)), way, first, f"{number} INVITE"))
    return found


@given(messages(), st.lists(st.tuples(st.floats(0, 900), NAMES), max_size=5))
@settings(max_examples=60)
def test_words_never_meet(found: list[TracedMessage], notes: list[tuple[float, str]]) -> None:
    start = datetime.fromtimestamp(START / 1_000_000, UTC)
    marks = [Note(start + timedelta(seconds=at), text) for at, text in notes]
    ladder = build(found, marks, left_out=len(notes))
    assert ladder is not None
    check(ladder)
