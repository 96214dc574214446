"""`softswitch queues` as a person reads it."""

from typing import Any

from rich.console import Console

from softswitch.commands.queues import queues_view

AGENT = {"extension": "101", "name": "Anna", "answered": 2, "missed": 1, "talk": 65.0}
QUEUE: dict[str, Any] = {
    "queue": "desk",
    "name": "Recepcja",
    "number": "300",
    "waiting": 2,
    "promised": 1,
    "longest_wait": 75.2,
    "estimate": 180.0,
    "today": {
        "offered": 6, "answered": 2, "abandoned": 1, "called_back": 1, "full": 0, "within": 1,
        "answer_within": 20.0, "service_level": 0.25, "average_wait": 12.0, "wait_90": 22.0,
    },
    "agents": [
        {**AGENT, "state": "paused", "reason": "obiad"},
        {**AGENT, "state": "wrap_up", "reason": None},
    ],
}  # fmt: skip


def shown(found: list[dict[str, Any]]) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(queues_view(found))
    return " ".join(capture.get().split())


def test_the_view() -> None:
    text = shown([QUEUE])
    assert "desk 300 2 + 1 to call 1:15 3:00 6 2 1 called back 1 25% in 20s 0:12 0:22" in text
    assert "101 Anna paused (obiad) 2 1 1:05" in text
    assert "101 Anna wrap up 2 1 1:05" in text


def test_an_office_without_queues() -> None:
    assert shown([]) == "the office has no queues"
