"""Calls as their events, for tests of everything that reads them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from softswitch.store.event import Event

START = datetime(2026, 11, 4, 9, 30, 0, tzinfo=UTC)


def event(kind: str, second: float = 0.0, call: str = "c1", /, **data: Any) -> Event:
    return Event(call, START + timedelta(seconds=second), kind, data)


def started(call: str = "c1", second: float = 0.0, **data: Any) -> Event:
    known = {"direction": "in", "number": "+48600100200", "name": "Jan Kowalski"}
    known |= {"called": "+48221234567", "trunk": "operator"}
    return event("call.started", second, call, **(known | data))


def ended(second: float, call: str = "c1", **data: Any) -> Event:
    known = {"by": "caller", "status": None, "reason": "hung up"}
    return event("call.ended", second, call, **(known | data))


def answered_in_queue(call: str = "c1") -> list[Event]:
    """Greeting, menu, queue; 101 does not answer, 102 does; 190 seconds of talk."""
    return [
        started(call),
        event("prompt.played", 0.5, call, prompt="welcome"),
        event("route.left", 5, call, node="opening", verb="hours", outcome="open"),
        event("menu.key", 8, call, node="menu", key="2"),
        event("queue.entered", 8, call, queue="clients", position=2),
        event("ring.started", 10, call, who=["101"], kind="queue", key="clients"),
        event("ring.failed", 30, call, who=["101"], outcome="no_answer"),
        event("ring.started", 31, call, who=["102"], kind="queue", key="clients"),
        event("queue.left", 50, call, queue="clients", outcome="answered", waited=42.0),
        event("call.answered", 50, call, who="102", after=42.0),
        event("bridge.started", 50, call, who="102"),
        event("hold", 60, call, by="102"),
        event("resume", 75, call, by="102"),
        event("bridge.ended", 240, call, who="102", seconds=190.0),
        ended(240, call),
    ]
