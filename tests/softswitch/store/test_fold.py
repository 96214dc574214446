"""Events in, row out: every result, and no input that breaks it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.store.event import Event
from softswitch.store.fold import Folding, Result, fold
from tests.softswitch.store.stories import START, answered_in_queue, ended, event, started


def test_a_call_answered_in_a_queue() -> None:
    row = fold(answered_in_queue())
    assert row.result is Result.TALKED
    assert (row.started, row.ended) == (START, START + timedelta(seconds=240))
    assert row.answered == START + timedelta(seconds=50)
    assert (row.number, row.name, row.called) == ("+48600100200", "Jan Kowalski", "+48221234567")
    assert (row.handled_by, row.queue, row.trunk) == ("102", "clients", "operator")
    assert (row.wait, row.talk) == (50.0, 190.0)
    assert (row.ended_by, row.reason) == ("caller", "hung up")


def ring(outcome: str) -> list[Event]:
    return [
        event("ring.started", 1, who=["101"], kind="person", key="101"),
        event("ring.failed", 20, who=["101"], outcome=outcome),
    ]


QUEUED = event("queue.entered", 2, queue="reception", position=1)


@pytest.mark.parametrize(
    ("between", "end", "result"),
    [
        ([QUEUED], ended(60), Result.ABANDONED),
        (ring("no_answer"), ended(60), Result.ABANDONED),
        (ring("no_answer"), ended(60, by="switch"), Result.NO_ANSWER),
        (ring("busy"), ended(60, by="switch"), Result.BUSY),
        (ring("declined"), ended(60, by="switch"), Result.BUSY),
        (ring("unreachable"), ended(60, by="switch"), Result.UNREACHABLE),
        ([event("queue.left", 9, queue="q", outcome="full")], ended(9, by="switch"), Result.BUSY),
        (
            [event("voicemail.stored", 9, mailbox="m", message="m1", seconds=4)],
            ended(10),
            Result.MESSAGE,
        ),
        ([event("prompt.played", 1, prompt="closed")], ended(9, by="switch"), Result.ANNOUNCEMENT),
        ([], ended(1, by="switch", status=404, reason="Not Found"), Result.FAILED),
        ([], ended(1, by="switch", status=486), Result.BUSY),
        ([], ended(1, by="switch"), Result.FAILED),
        (
            [event("bridge.started", 2, who="101")],
            ended(9, by="switch", reason="interrupted"),
            Result.INTERRUPTED,
        ),
        # Answered and bridged never: the caller heard no human.
        ([event("call.answered", 5, who="101", after=5)], ended(5), Result.ABANDONED),
        # The application says the end of a talk that could not begin.
        ([event("bridge.ended", 5, who="101", seconds=0.0)], ended(5), Result.ABANDONED),
    ],
)
def test_results(between: list[Event], end: Event, result: Result) -> None:
    assert fold([started(), *between, end]).result is result


HANDED = event("transfer", 20, by="101", to="300", how="blind")
CLIENT, COLLEAGUE = "+48600100200", "101"


@pytest.mark.parametrize(
    ("between", "end", "result"),
    [
        ([HANDED, QUEUED], ended(60), Result.ABANDONED),
        ([HANDED, *ring("no_answer")], ended(60), Result.ABANDONED),
        (
            [HANDED, event("voicemail.stored", 30, mailbox="m", message="m1", seconds=4)],
            ended(60),
            Result.MESSAGE,
        ),
        ([HANDED, event("bridge.started", 30, who="101", led=CLIENT)], ended(60), Result.TALKED),
        (
            [event("hold", 19, by="101"), HANDED, event("conference.left", 50, met=True)],
            ended(60),
            Result.TALKED,
        ),
        ([HANDED, event("conference.left", 50, met=False)], ended(60), Result.ABANDONED),
        ([event("park.started", 20, slot="701", by="101")], ended(60), Result.ABANDONED),
        ([event("hold", 20, by="101")], ended(60), Result.ABANDONED),
        ([event("hold", 20, by="101"), event("resume", 30, by="101")], ended(60), Result.TALKED),
        # Who holds and hangs up, and a client who holds us, have ended the talk themselves.
        ([event("hold", 20, by="101")], ended(60, by="callee"), Result.TALKED),
        ([event("hold", 20, by="caller")], ended(60), Result.TALKED),
        ([event("hold.returned", 200, by="101"), QUEUED], ended(260), Result.ABANDONED),
        # He leaves while a colleague is asked, and the two talk on without him.
        (
            [
                event("consultation.started", 20, by="101", to="102", of=CLIENT),
                event("bridge.started", 30, who="102", led=COLLEAGUE),
            ],
            ended(60, by="callee"),
            Result.ABANDONED,
        ),
    ],
)
def test_who_is_left_waiting_after_a_talk(between: list[Event], end: Event, result: Result) -> None:
    talk = [
        event("bridge.started", 10, who="101", led=CLIENT),
        event("bridge.ended", 20, who="101", seconds=10.0),
    ]
    row = fold([started(number=CLIENT), *talk, *between, end])
    assert row.result is result
    assert row.talk >= 10.0 and row.handled_by


def test_a_colleague_is_not_called_back() -> None:
    begin = started(direction="internal", number="110", called="101")
    story = [begin, event("bridge.started", 10, who="101"), HANDED, QUEUED, ended(60)]
    assert fold(story).result is Result.TALKED


def test_a_talk_without_its_end_lasts_until_the_calls_end() -> None:
    row = fold([started(), event("bridge.started", 10, who="101"), ended(25)])
    assert (row.talk, row.wait, row.handled_by) == (15.0, 10.0, "101")


def test_the_last_person_who_talked_handled_it_and_talks_add_up() -> None:
    story = [
        started(),
        event("bridge.started", 10, who="101"),
        event("bridge.ended", 20, who="101", seconds=10.0),
        event("bridge.started", 21, who="110"),
        event("bridge.ended", 51, who="110", seconds=30.0),
        ended(51, by="callee"),
    ]
    row = fold(story)
    assert (row.handled_by, row.talk, row.wait, row.ended_by) == ("110", 40.0, 10.0, "callee")


def test_of_a_call_that_goes_out_the_one_who_dialled_handled_it() -> None:
    begin = started(direction="out", number="101", name="Anna", called="+48600100200")
    row = fold([begin, event("bridge.started", 9, who="+48600100200"), ended(30)])
    assert row.handled_by == "101"


def test_a_call_in_progress_has_no_result() -> None:
    row = fold(answered_in_queue()[:6])
    assert (row.result, row.ended, row.wait) == (None, None, 10.0)


def test_no_events_are_no_call() -> None:
    with pytest.raises(ValueError, match="without events"):
        fold([])


def test_a_folding_keeps_no_event() -> None:
    folding = Folding("c1")
    folding.add(started())
    for second in range(10_000):
        folding.add(event("hold", second, by="101"))
        folding.add(event("bridge.started", second, who=str(second)))
    assert len(folding._talks) <= 64


KINDS = sorted({one.kind for one in answered_in_queue()} | {"voicemail.stored", "odd", "hold"})
odd_values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
)
odd_data = st.dictionaries(
    st.sampled_from(["who", "seconds", "queue", "outcome", "by", "status", "reason", "direction"]),
    odd_values,
)


@st.composite
def odd_events(draw: st.DrawFn) -> Event:
    data: dict[str, Any] = draw(odd_data)
    moment = START + timedelta(seconds=draw(st.floats(-1e6, 1e6)))
    return Event("c1", moment, draw(st.sampled_from(KINDS)), data)


@settings(max_examples=200, deadline=None)
@given(st.lists(odd_events(), min_size=1, max_size=30))
def test_no_order_and_no_data_raise(story: list[Event]) -> None:
    row = fold(story)
    assert row.wait >= 0
    assert row.talk >= 0
    assert (row.result is None) == (row.ended is None)


talks = st.lists(
    st.tuples(st.sampled_from(["101", "102", "110"]), st.integers(0, 3600), st.integers(0, 60)),
    max_size=10,
)


@settings(max_examples=100, deadline=None)
@given(talks)
def test_talk_is_the_sum_of_the_talks_and_the_wait_ends_with_the_first(
    parts: list[tuple[str, int, int]],
) -> None:
    story, now = [started()], 0.0
    first: float | None = None
    for who, length, pause in parts:
        now += pause
        first = now if first is None else first
        story.append(event("bridge.started", now, who=who))
        now += length
        story.append(event("bridge.ended", now, who=who, seconds=float(length)))
    row = fold([*story, ended(now)])
    assert row.talk == sum(length for _, length, _ in parts)
    assert row.wait == (now if first is None else first)
    assert row.result is (Result.TALKED if parts else Result.ABANDONED)
    assert row.wait + row.talk <= now or not parts
