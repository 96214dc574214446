"""The ladder in the terminal, letter by letter, wide and narrow."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from softswitch.commands.ladder import ladder_dict, ladder_view
from softswitch.trace.ladder import Ladder, Note, build
from softswitch.trace.message import TracedMessage
from softswitch.trace.participants import Known
from tests.softswitch.trace.ladders import IN, START, Wire, plain_call

WIDE = """\
Messages since 2026-03-01 09:00:00.000000 UTC
  A  +48600100200 Jan (operator): 203.0.113.5:5060 UDP
  B  101 Anna: 192.0.2.10:5062 UDP, Yealink T46

         +48600100200  softswitch    101
   0.000 ├────────────►│             │             INVITE +48221234567 (sound)
   0.001 │◄────────────┤             │             100 Trying
   1.000 │             │             │             · pressed 1 in menu
   2.500 │             ├────────────►│             INVITE 101 (sound)
   2.520 │             │◄────────────┤             180 Ringing
   6.000 │             │◄────────────┤             200 OK (sound)
   6.001 │             ├────────────►│             ACK
   6.002 │◄────────────┤             │             200 OK (sound) ×3 … 7.502
   7.600 ├────────────►│             │             ACK
   9.000 │             │◄────────────┤             BYE [Bye]
   9.001 │             ├────────────►│             200 OK (BYE)
   9.002 │◄────────────┤             │             BYE
   9.050 ├────────────►│             │             481 No such call (BYE)
7 messages in the middle were not kept"""

NARROW = """\
         A    us   101
   0.000 ├───►│    │    INVITE +4822123…
   0.001 │◄───┤    │    100 Trying
   1.000 │    │    │    · pressed 1 in …
   2.500 │    ├───►│    INVITE 101 (sou…
   2.520 │    │◄───┤    180 Ringing
   6.000 │    │◄───┤    200 OK (sound)
   6.001 │    ├───►│    ACK
   6.002 │◄───┤    │    200 OK (sound) …
   7.600 ├───►│    │    ACK"""


def ladder() -> Ladder:
    at = datetime.fromtimestamp(START / 1_000_000, UTC)
    notes = [Note(at + timedelta(seconds=1), "pressed 1 in menu")]
    found = build(plain_call(), notes, Known({"101": "Anna"}, "operator"), left_out=7)
    assert found is not None
    return found


def shown(width: int, what: Ladder | None = None, *, full: bool = False) -> list[str]:
    console = Console(width=width, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(ladder_view(what or ladder(), width, full=full, zone=UTC))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_wide() -> None:
    assert shown(100) == WIDE.splitlines()


def test_narrow() -> None:
    lines = shown(40)
    start = next(number for number, line in enumerate(lines) if " us " in line)
    assert lines[start : start + 10] == NARROW.splitlines()


@pytest.mark.parametrize("width", [30, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in shown(width))


def test_an_arrow_crosses_the_lines_between() -> None:
    legs = [
        Wire(f"leg{n}", f"<sip:10{n}@x>", "<sip:1@x>", f"192.0.2.{n}:5060", ours=False)
        for n in range(4)
    ]
    found = build([leg.say(n, IN, "INVITE sip:1@x", "1 INVITE") for n, leg in enumerate(legs)])
    assert found is not None
    assert shown(100, found)[-2:] == [
        "   2.000 │          │◄─────────┼──────────┤          │          INVITE 1",
        "   3.000 │          │◄─────────┼──────────┼──────────┤          INVITE 1",
    ]


def test_full_shows_each_text() -> None:
    lines = shown(120, full=True)
    assert any("203.0.113.5:5060 → 192.0.2.1:5060 UDP, " in line for line in lines)
    assert "         m=audio 4000 RTP/AVP 8" in lines


def test_strangers_cannot_write_to_the_terminal() -> None:
    leg = Wire("a", '"\x1b[31m[red]" <sip:1@x>', "<sip:2@x>", "192.0.2.1:5060", ours=False)
    message = leg.say(0, IN, "INVITE sip:2@x", "1 INVITE", "X: \x1b]0;owned\x07")
    found = build([message])
    assert found is not None
    text = "\n".join(shown(100, found, full=True))
    assert "\x1b" not in text and "\x07" not in text


def test_json() -> None:
    told = json.loads(json.dumps(ladder_dict(ladder())))
    assert [one["number"] for one in told["participants"]] == ["+48600100200", "101"]
    repeated = told["messages"][6]
    assert (repeated["count"], repeated["last"], repeated["from_switch"]) == (3, 7.502, True)
    assert told["messages"][0]["text"].startswith("INVITE sip:+48221234567@x SIP/2.0\r\n")
    assert told["notes"] == [{"offset": 1.0, "text": "pressed 1 in menu"}]


def test_many_participants_keep_to_the_page() -> None:
    legs = [
        Wire(f"leg{n}", f"<sip:1{n:02}@x>", "<sip:1@x>", f"192.0.2.{n}:5060", ours=True)
        for n in range(30)
    ]
    messages: list[TracedMessage] = [
        leg.say(n, IN, "SIP/2.0 486 Busy Here", "1 INVITE") for n, leg in enumerate(legs)
    ]
    found = build(messages)
    assert found is not None
    assert all(len(line) <= 100 for line in shown(100, found))
