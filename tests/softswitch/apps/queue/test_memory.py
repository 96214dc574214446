"""What agents did before a restart, as the event log tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from softswitch.apps.queue.memory import KINDS, Memory
from softswitch.store.event import Event

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def memory(*told: tuple[float, str, str, dict[str, Any]]) -> Memory:
    """Of these events: second, call, kind, data."""
    found = Memory(lambda queue: {"desk": 20.0}.get(queue, 0.0))
    for seconds, call, kind, data in told:
        assert kind in KINDS or kind == "route.entered"
        found.see(Event(call, at(seconds), kind, data))
    return found


def rings(*who: str, queue: str = "desk") -> dict[str, Any]:
    return {"who": list(who), "kind": "queue", "key": queue}


def answered(who: str, queue: str = "desk") -> dict[str, Any]:
    return {"queue": queue, "outcome": "answered", "who": who, "waited": 3.0}


def test_a_talk_of_a_queue_ends_in_wrap_up() -> None:
    found = memory(
        (0, "a", "call.started", {"direction": "in", "number": "+48600100200"}),
        (1, "a", "ring.started", rings("101")),
        (4, "a", "queue.left", answered("101")),
        (4, "a", "bridge.started", {"who": "101"}),
        (60, "a", "bridge.ended", {"who": "101", "seconds": 56}),
        (61, "a", "call.ended", {}),
    )
    assert found.idle_since == {"101": at(60)}, "the client's number is nobody of the office"
    assert found.wraps_up_until == {"101": at(80)}
    assert found.rounds == {"desk": "101"}


def test_who_was_rung_beside_the_one_who_answered_is_free_at_that_moment() -> None:
    found = memory(
        (0, "a", "ring.started", rings("101", "102")),
        (5, "a", "queue.left", answered("102")),
        (90, "a", "bridge.ended", {"who": "102"}),
    )
    assert found.idle_since == {"101": at(5), "102": at(90)}
    assert found.rounds == {}, "all together is nobody's turn"


def test_ringing_ends_with_a_refusal_or_with_the_caller() -> None:
    found = memory(
        (0, "a", "ring.started", rings("101")),
        (9, "a", "ring.failed", {"who": ["101"], "outcome": "no_answer"}),
        (9, "a", "ring.started", rings("102")),
        (12, "a", "queue.left", {"queue": "desk", "outcome": "abandoned"}),
        (50, "a", "call.ended", {}),  # he has left a message meanwhile
    )
    assert found.idle_since == {"101": at(9), "102": at(12)}
    assert found.wraps_up_until == {}
    assert found.rounds == {"desk": "102"}


def test_a_talk_that_a_kill_cut_off() -> None:
    """`call.ended` is written at the next start, with the time of the last event."""
    found = memory(
        (0, "a", "ring.started", rings("101")),
        (2, "a", "queue.left", answered("101")),
        (2, "a", "bridge.started", {"who": "101"}),
        (2, "a", "call.ended", {"reason": "interrupted"}),
    )
    assert found.idle_since == {"101": at(2)}
    assert found.wraps_up_until == {"101": at(22)}


def test_calls_of_ones_own_and_promises() -> None:
    found = memory(
        (0, "a", "call.started", {"direction": "internal", "number": "101"}),
        (7, "a", "bridge.started", {"who": "103"}),
        (30, "a", "call.ended", {}),
        (40, "b", "call.started", {"direction": "out", "number": "102"}),
        (40, "b", "queue.returned", {"queue": "desk", "who": "102", "promised": "z"}),
        (70, "b", "call.ended", {}),
    )
    assert found.idle_since == {"101": at(30), "103": at(30), "102": at(70)}
    assert found.wraps_up_until == {"102": at(90)}
    assert found.rounds == {"desk": "102"}


def test_the_newest_counts_in_whatever_order_calls_are_read() -> None:
    late = ((100.0, "b", "ring.started", rings("102")), (110.0, "b", "call.ended", {}))
    early = ((0.0, "a", "ring.started", rings("101")), (9.0, "a", "call.ended", {}),
             (10.0, "c", "ring.started", rings("102")), (11.0, "c", "call.ended", {}))  # fmt: skip
    for told in ((*early, *late), (*late, *early)):
        found = memory(*told)
        assert found.rounds == {"desk": "102"}
        assert found.idle_since == {"101": at(9), "102": at(110)}


def test_odd_events_are_passed_over() -> None:
    found = memory(
        (0, "a", "route.entered", {"node": "desk"}),
        (0, "a", "ring.started", {"who": [1, None], "kind": "queue", "key": 7}),
        (0, "a", "queue.left", {}),
        (0, "a", "bridge.ended", {}),
        (0, "a", "call.ended", {}),
    )
    assert not found.rounds and not found.wraps_up_until


def test_a_ring_for_a_promise_that_nobody_answered_counts() -> None:
    found = memory(
        (0, "a", "call.started", {"direction": "in", "number": "+48600100200"}),
        (9, "a", "call.ended", {}),
        (50, "a", "promise.rang", {"who": ["101"], "queue": "desk", "outcome": "no_answer"}),
        (70, "a", "promise.rang", {"who": ["102", "103"], "queue": "desk", "outcome": "busy"}),
    )
    assert found.idle_since == {"101": at(50), "102": at(70), "103": at(70)}
    assert found.rounds == {"desk": "101"}
    assert not found.wraps_up_until
