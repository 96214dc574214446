"""How the queues stand now, for `softswitch queues`, the panel and the metrics."""

from typing import Any

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.agents import AgentState
from softswitch.apps.queue.figures import QueueDay
from softswitch.control import Verb
from softswitch.office.codes import Setting
from softswitch.office.queue import Queue


def verbs(desk: FrontDesk) -> dict[str, Verb]:
    """What may be asked, by its name."""
    return {"queues": lambda _: {"queues": queues(desk)}}


def queues(desk: FrontDesk) -> list[dict[str, Any]]:
    """Every queue of the office: who waits, who answers, and its figures since midnight."""
    desk.queues.figures.turn(desk.exchange.clock())
    return [_queue(desk, key, rules) for key, rules in desk.office.office.queues.items()]


def _queue(desk: FrontDesk, key: str, rules: Queue) -> dict[str, Any]:
    day, now = desk.queues.figures.queue(key), desk.exchange.now()
    waiting = [guest.place for guest in desk.queues.guests(key)]
    on_phone = [place for place in waiting if not place.is_promised]
    return {
        "queue": key,
        "name": rules.name or key,
        "number": rules.number,
        "waiting": len(on_phone),
        "promised": len(waiting) - len(on_phone),
        "longest_wait": round(max((now - place.since for place in on_phone), default=0.0), 1),
        "estimate": _rounded(desk.queues.expected(key)),
        "today": _day(day, rules, len(on_phone)),
        "agents": [_agent(desk, key, day, one) for one in rules.everybody],
    }


def _day(day: QueueDay, rules: Queue, waiting: int) -> dict[str, Any]:
    level = day.service_level(rules.answer_within)
    return {
        "offered": sum(day.left.values()) + waiting,
        **{how: number for how, number in sorted(day.left.items())},
        "answered": day.answered,
        "abandoned": day.left["abandoned"],
        "returned": day.returned,
        "within": day.within(rules.answer_within),
        "answer_within": rules.answer_within,
        "service_level": None if level is None else round(level, 4),
        "average_wait": _rounded(day.average_wait()),
        "wait_90": _rounded(day.percentile(0.9)),
    }


def _agent(desk: FrontDesk, key: str, day: QueueDay, extension: str) -> dict[str, Any]:
    office, figures = desk.office.office, day.agents.get(extension)
    person, pause = office.people.get(extension), desk.standing.active(extension, Setting.PAUSE)
    state = desk.queues.state(extension, key)
    reason = None if pause is None or pause.target is None else pause.target
    return {
        "extension": extension,
        "name": extension if person is None else person.name,
        "state": state.value,
        "reason": office.pauses.get(reason or "", reason) if state is AgentState.PAUSED else None,
        "answered": 0 if figures is None else figures.answered,
        "missed": 0 if figures is None else figures.missed,
        "talk": 0.0 if figures is None else round(figures.talk, 1),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def measure(desk: FrontDesk) -> None:
    """Set the gauges; asked once a second."""
    now = desk.exchange.now()
    desk.queues.figures.turn(desk.exchange.clock())
    for key, rules in desk.office.office.queues.items():
        since = [one.place.since for one in desk.queues.guests(key) if not one.place.is_promised]
        metrics.queue_longest.labels(key).set(now - min(since, default=now))
        level = desk.queues.figures.queue(key).service_level(rules.answer_within)
        metrics.queue_level.labels(key).set(1.0 if level is None else level)
        states = [desk.queues.state(one, key) for one in rules.everybody]
        for state in AgentState:
            metrics.queue_agents.labels(key, state.value).set(states.count(state))
