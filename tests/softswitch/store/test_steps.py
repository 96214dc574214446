"""A story's steps: what belongs together is one step, and nothing is left out."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.store.event import Event
from softswitch.store.steps import MAX_STEPS, StepKind, steps
from tests.softswitch.store.stories import answered_in_queue, ended, event, started
from tests.softswitch.store.test_fold import odd_events


def test_the_steps_of_a_queued_call() -> None:
    story = steps(answered_in_queue())
    assert [step.kind for step in story] == [
        StepKind.STARTED,
        StepKind.HEARD,
        StepKind.DECIDED,
        StepKind.PRESSED,
        StepKind.QUEUED,
        StepKind.RANG,
        StepKind.RANG,
        StepKind.TALKED,
        StepKind.HELD,
        StepKind.ENDED,
    ]
    queued, first, second, talked, held = story[4:9]
    assert (queued.subject, queued.position, queued.seconds) == ("clients", 2, 42.0)
    assert (first.who, first.seconds, first.outcome) == (("101",), 20.0, "no_answer")
    assert (second.seconds, second.outcome, second.answered_by) == (19.0, "answered", "102")
    assert (talked.seconds, talked.offset) == (190.0, 50.0)
    assert (held.who, held.seconds) == (("102",), 15.0)


def test_the_end_ends_what_was_going_on() -> None:
    story = [started(), event("ring.started", 2, who=["101", "102"], kind="group"), ended(9)]
    rang = steps(story)[1]
    assert (rang.seconds, rang.outcome) == (7.0, None)


def test_a_hold_ends_with_its_talk() -> None:
    story = [
        started(),
        event("bridge.started", 2, who="102"),
        event("hold", 10, by="102"),
        event("bridge.ended", 190, who="102", seconds=188.0),
        event("hold.returned", 190, by="102"),
        ended(300),
    ]
    (held,) = [step for step in steps(story) if step.kind is StepKind.HELD]
    assert held.seconds == 180.0


def test_one_of_several_answers() -> None:
    story = [
        started(),
        event("ring.started", 2, who=["101", "102"], kind="group", key="320"),
        event("call.answered", 6, who="102", after=4.0),
    ]
    rang = steps(story)[1]
    assert (rang.outcome, rang.answered_by, rang.seconds) == ("answered", "102", 4.0)


def test_a_queue_that_refused_at_the_door_is_a_step() -> None:
    refused = event("queue.left", 3, queue="reception", outcome="full", waited=0.0)
    step = steps([started(), refused])[1]
    assert (step.kind, step.subject, step.outcome) == (StepKind.QUEUED, "reception", "full")


def test_an_unknown_event_is_told_and_not_lost() -> None:
    step = steps([started(), event("transfer.started", 3, to="110")])[1]
    assert (step.kind, step.subject, step.data["to"]) == (StepKind.OTHER, "transfer.started", "110")


def test_no_events_no_steps() -> None:
    assert steps([]) == []


def test_steps_are_bounded() -> None:
    story = (event("hold", second, by=str(second)) for second in range(MAX_STEPS * 2))
    assert len(steps(story)) == MAX_STEPS


@settings(max_examples=200, deadline=None)
@given(st.lists(odd_events(), max_size=30))
def test_no_order_and_no_data_raise(story: list[Event]) -> None:
    for step in steps(story):
        assert step.offset >= 0
        assert step.seconds is None or step.seconds >= 0
        assert isinstance(step.at + timedelta(0), type(step.at))


def test_a_parked_caller_is_fetched_and_nobody_rang_for_it() -> None:
    story = steps(
        [
            started(),
            event("park.started", 5, slot="701", by="102"),
            event(
                "park.ended", 40, slot="701", by="102", outcome="fetched", who="104", seconds=35.0
            ),
            event("call.answered", 40, who="104", after=0.0),
            event("bridge.started", 40, who="104"),
        ]
    )
    assert [step.kind for step in story[1:]] == [StepKind.PARKED, StepKind.TALKED]
    parked = story[1]
    assert (parked.subject, parked.who, parked.seconds) == ("701", ("102",), 35.0)
    assert (parked.outcome, parked.answered_by) == ("fetched", "104")


def test_ringing_that_a_colleague_took() -> None:
    story = steps(
        [
            started(),
            event("ring.started", 2, who=["102"], kind="person", key="102"),
            event("pickup", 6, by="104", of="102"),
            event("call.answered", 6, who="104", after=4.0),
        ]
    )
    assert [step.kind for step in story[1:]] == [StepKind.RANG]
    assert (story[1].outcome, story[1].answered_by) == ("picked_up", "104")


def test_a_colleague_took_who_only_waited() -> None:
    story = steps(
        [
            started(),
            event("queue.entered", 2, queue="reception", position=1),
            event("pickup", 6, by="104", of="reception"),
            event("queue.left", 6, queue="reception", outcome="answered", waited=4.0),
            event("call.answered", 6, who="104", after=4.0),
        ]
    )
    assert [step.kind for step in story[1:]] == [StepKind.QUEUED, StepKind.PICKED_UP]
    assert story[2].who == ("104",)
