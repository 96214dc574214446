"""The calls' table and a call's story as a person reads them."""

import csv
import json
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType

from softswitch.commands.calls_view import (
    call_dict,
    call_story,
    calls_csv,
    calls_table,
    story_dict,
)
from softswitch.store.event import Event
from softswitch.store.fold import fold
from softswitch.store.history import StoredCall
from tests.softswitch.store.stories import START, answered_in_queue, ended, event, started

WARSAW = ZoneInfo("Europe/Warsaw")
NAMES = {"101": "Anna Zielińska", "102": "Piotr Wójcik"}


def shown(what: RenderableType, width: int = 160) -> str:
    console = Console(width=width, no_color=True, force_terminal=False, record=True)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def stored(events: list[Event]) -> StoredCall:
    return StoredCall(fold(events), tuple(events))


def story(events: list[Event]) -> list[str]:
    lines = shown(call_story(stored(events), names=NAMES, zone=WARSAW)).splitlines()
    return [" ".join(line.split()) for line in lines]


def test_a_story_reads_as_one_would_tell_it() -> None:
    assert story(answered_in_queue()) == [
        "Wednesday, 4 November 2026, 10:30:00 CET c1",
        "0:00 +48600100200 (Jan Kowalski) called +48221234567 by the trunk operator",
        '0:00 heard "welcome"',
        "0:05 opening hours said open",
        "0:08 pressed 2 in menu",
        "0:08 waited 0:42 in queue clients, position 2",
        "0:10 101 Anna Zielińska rang 20 s, no answer",
        "0:31 102 Piotr Wójcik rang 19 s, answered",
        "0:50 talked 3:10 with 102 Piotr Wójcik",
        "1:00 on hold 0:15, by 102 Piotr Wójcik",
        "4:00 the caller hung up",
        "Result: talked 3:10 with 102 Piotr Wójcik, waited 0:50",
    ]


def test_a_message_and_a_group() -> None:
    lines = story(
        [
            started(number=None, name=None, trunk=None, called="300"),
            event("ring.started", 1, who=["101", "102"], kind="group", key="300"),
            event("ring.failed", 21, who=["101", "102"], outcome="no_answer"),
            event("ring.failed", 21, who=["110"], outcome="unreachable"),
            event("queue.left", 22, queue="reception", outcome="full", waited=0.0),
            event("voicemail.stored", 50, mailbox="reception", message="m1", seconds=24.0),
            event("recording.notice", 51, who=["110"], outcome="heard", policy="p"),
            event("recording.started", 51, recording="c1-1", policy="p"),
            event("transfer.odd", 52, to="110"),
            ended(55, by="switch", reason=None),
        ]
    )
    assert lines[1:] == [
        "0:00 number withheld called 300",
        "0:01 101 Anna Zielińska and 102 Piotr Wójcik rang 20 s, no answer",
        "0:21 110: no phone registered",
        "0:22 waited 0:00 in queue reception: the queue was full",
        "0:50 left a message of 0:24 in mailbox reception",
        "0:51 110 was told of the recording",
        "0:51 recorded 0:04 as c1-1",
        "0:52 transfer.odd: to 110",
        "0:55 the telephone system ended the call",
        "Result: left a message, waited 0:55, message m1",
        "Recording: c1-1",
    ]


def test_a_call_in_progress_and_one_cut_off() -> None:
    going = [started(), event("ring.started", 3, who=["101"], kind="person", key="101")]
    assert story(going)[2:] == ["0:03 101 Anna Zielińska rang …", "Result: in progress"]
    cut = [started(), ended(3, by="switch", reason="interrupted")]
    assert story(cut)[2:] == [
        "0:03 cut off: the telephone system was stopped",
        "Result: cut off by a restart, waited 0:03",
    ]


def test_the_table() -> None:
    lines = shown(calls_table([fold(answered_in_queue())], names=NAMES, zone=WARSAW)).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "time who called handled by wait talk result id",
        "2026-11-04 10:30 → +48600100200 (Jan Kowalski) +48221234567 102 Piotr Wójcik "
        "0:50 3:10 talked c1",
    ]
    assert shown(calls_table([])).strip() == "no calls"


def test_strangers_cannot_paint_the_terminal() -> None:
    name = "[red]Zły[/red] \x1b[2J\x1b]0;title\x07 \udc80\nsecond"
    rows = [fold([started(name=name), event("menu.key", 1, node="[/]", key="[bold]"), ended(2)])]
    for output in (
        shown(calls_table(rows, zone=WARSAW), 300),
        shown(call_story(StoredCall(rows[0], (started(name=name),)), zone=WARSAW), 300),
    ):
        assert "[red]Zły[/red]" in output
        assert "\x1b" not in output
        assert "\x07" not in output


def test_dicts_are_json() -> None:
    call = stored(answered_in_queue())
    row = json.loads(json.dumps(call_dict(call.row)))
    assert row["result"] == "talked"
    assert row["ended"] == (START + timedelta(seconds=240)).isoformat()
    told = json.loads(json.dumps(story_dict(call)))
    assert told["steps"][4]["text"] == "waited 0:42 in queue clients, position 2"
    assert told["events"][0]["kind"] == "call.started"
    assert len(told["events"]) == len(call.events)


def test_parked_fetched_and_picked_up() -> None:
    lines = story(
        [
            started(),
            event("ring.started", 1, who=["102"], kind="person", key="102"),
            event("pickup", 4, by="101", of="102"),
            event("call.answered", 4, who="101", after=3.0),
            event("bridge.started", 4, who="101"),
            event("bridge.ended", 14, who="101", seconds=10.0),
            event("park.started", 14, slot="701", by="101"),
            event(
                "park.ended", 44, slot="701", by="101", outcome="fetched", who="102", seconds=30.0
            ),
            event("call.answered", 44, who="102", after=0.0),
            event("bridge.started", 44, who="102"),
            event("bridge.ended", 64, who="102", seconds=20.0),
            ended(64),
        ]
    )
    assert "0:01 102 Piotr Wójcik rang 3 s, picked up by 101 Anna Zielińska" in lines
    assert "0:14 parked 0:30 at 701 by 101 Anna Zielińska, fetched by 102 Piotr Wójcik" in lines
    assert lines[-1] == "Result: talked 0:30 with 102 Piotr Wójcik, waited 0:04"


def test_a_note_stands_in_the_story() -> None:
    told = story([*answered_in_queue(), event("call.noted", 300, by="anna", text="oddzwonić w pt")])
    assert "5:00 anna noted: oddzwonić w pt" in told


def test_a_spreadsheet_runs_nothing_of_a_strangers() -> None:
    events = [started(name='=HYPERLINK("http://evil")', number="+48600100200"), ended(5)]
    text = calls_csv([fold(events)])
    (row,) = csv.DictReader(StringIO(text))
    assert row["number"] == "+48600100200"
    assert row["name"].startswith("'=HYPERLINK")
    assert row["result"] == "abandoned" and row["handled_by"] == ""
