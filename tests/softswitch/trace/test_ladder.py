"""Ladders of messages typed by hand: who takes part, what is one arrow, what stands beside it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from softswitch.trace.ladder import Ladder, Mark, Note, build
from softswitch.trace.message import TracedMessage
from softswitch.trace.participants import Known
from softswitch.trace.reading import read
from tests.softswitch.trace.ladders import CLIENT, IN, OUT, PHONE, START, Wire, plain_call, sdp


def built(messages: list[TracedMessage], known: Known | None = None) -> Ladder:
    ladder = build(messages, known=known)
    assert ladder is not None
    return ladder


def test_participants_are_named_by_what_is_known() -> None:
    known = Known({"101": "Anna Zielińska"}, "operator")
    one, other = built(plain_call(), known).participants
    assert one.who == "+48600100200 Jan (operator)"
    assert one.detail == "203.0.113.5:5060 UDP"
    assert other.who == "101 Anna Zielińska"
    assert other.detail == "192.0.2.10:5062 UDP, Yealink T46"


def test_repeats_are_one_arrow() -> None:
    arrows = built(plain_call()).arrows
    assert [arrow.label for arrow in arrows] == [
        "INVITE +48221234567 (sound)",
        "100 Trying",
        "INVITE 101 (sound)",
        "180 Ringing",
        "200 OK (sound)",
        "ACK",
        "200 OK (sound)",
        "ACK",
        "BYE [Bye]",
        "200 OK (BYE)",
        "BYE",
        "481 No such call (BYE)",
    ]
    assert arrows[6].repeats == "×3 … 7.502"
    assert [arrow.is_failure for arrow in arrows] == [False] * 11 + [True]
    assert [arrow.participant for arrow in arrows] == [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0]


def test_order_of_arrival_does_not_matter() -> None:
    messages = plain_call()
    assert built(messages) == built(messages[::-1])


def test_notes_stand_where_they_belong() -> None:
    at = datetime.fromtimestamp(START / 1_000_000, UTC)
    notes = [Note(at + timedelta(seconds=2), "pressed 1"), Note(at, "called us")]
    ladder = build(plain_call(), notes)
    assert ladder is not None
    marks = [row for row in ladder.rows if isinstance(row, Mark)]
    assert marks == [Mark(0.0, "called us"), Mark(2.0, "pressed 1")]
    assert [isinstance(row, Mark) for row in ladder.rows[:4]] == [False, True, False, True]


def test_words_of_every_kind_of_message() -> None:
    leg = Wire("a", "<sip:102@x>", "<sip:101@x>", PHONE, ours=False)
    messages = [
        leg.say(0, IN, "INVITE sip:101@x", "1 INVITE"),
        leg.say(1, OUT, "SIP/2.0 200 OK", "1 INVITE"),
        leg.say(2, IN, "INVITE sip:101@x", "2 INVITE", body=sdp(direction="sendonly")),
        leg.say(3, IN, "REFER sip:101@x", "3 REFER", "Refer-To: <sip:104@x?Replaces=1>"),
        leg.say(4, OUT, "NOTIFY sip:102@x", "1 NOTIFY", body="SIP/2.0 180 Ringing\r\n", kind="a/b"),
        leg.say(5, OUT, "NOTIFY sip:102@x", "2 NOTIFY"),
        leg.say(6, IN, "complete rubbish", "3 X"),
        leg.say(7, OUT, "CANCEL sip:102@x", "1 CANCEL", "Reason: Q.850;cause=16"),
    ]
    messages[6] = TracedMessage(
        messages[6].at, IN, "udp", "", PHONE, 3, b"rubb\x07ish\r\nCall-ID: a\r\n\r\n"
    )
    assert [arrow.label for arrow in built(messages).arrows] == [
        "INVITE 101",
        "200 OK",
        "re-INVITE (hold)",
        "REFER to 104",
        "NOTIFY 180 Ringing",
        "NOTIFY",
        "rubb\x07ish",
        "CANCEL [Q.850;cause=16]",
    ]


def test_two_legs_of_one_phone_are_one_column() -> None:
    ours = Wire("a", "<sip:102@x>", "<sip:1@x>", PHONE, ours=True)
    theirs = Wire("b", "<sip:102@x>", "<sip:104@x>", PHONE, ours=False)
    elsewhere = Wire("c", "<sip:102@x>", "<sip:1@x>", "192.0.2.77:5060", ours=True)
    messages = [
        ours.say(0, OUT, "INVITE sip:q8s@192.0.2.10", "1 INVITE"),
        theirs.say(1, IN, "INVITE sip:104@x", "1 INVITE"),
        elsewhere.say(2, OUT, "INVITE sip:zz@192.0.2.77", "1 INVITE"),
    ]
    ladder = built(messages)
    assert [one.label for one in ladder.participants] == ["102", "102"]
    assert [arrow.participant for arrow in ladder.arrows] == [0, 0, 1]


def test_a_new_connection_is_no_new_participant() -> None:
    first = Wire("a", "<sip:102@x>", "<sip:1@x>", "192.0.2.10:40001", ours=True, transport="tls")
    second = Wire("b", "<sip:102@x>", "<sip:4@x>", "192.0.2.10:40002", ours=False, transport="tls")
    ladder = built(
        [
            first.say(0, OUT, "INVITE sip:1@x", "1 INVITE"),
            second.say(1, IN, "INVITE sip:4@x", "1 INVITE"),
        ]
    )
    assert len(ladder.participants) == 1


def test_a_provider_that_answers_from_elsewhere_is_one_participant() -> None:
    leg = Wire("a", "<sip:+48600100200@x>", "<sip:1@x>", CLIENT, ours=False)
    invite = leg.say(0, IN, "INVITE sip:1@x", "1 INVITE")
    leg.remote = "203.0.113.99:5080"
    ladder = built([invite, leg.say(1, IN, "BYE sip:1@x", "2 BYE")])
    assert [one.address for one in ladder.participants] == [CLIENT]


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_nothing_is_raised_for_rubbish(texts: list[bytes]) -> None:
    messages = [
        TracedMessage(START + number, IN, "udp", "", PHONE, len(one), one)
        for number, one in enumerate(texts)
    ]
    for message in messages:
        read(message)
    assert sum(arrow.count for arrow in built(messages).arrows) == len(texts)
