"""The runner: follows outcomes, notes them, and never lets go of a caller."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.loader import parse_office
from softswitch.office.queue import Priority
from softswitch.routing.caller import (
    CallerFailed,
    CallerGone,
    HangupReason,
    QueueOutcome,
    QueueResult,
    RingKind,
    RingOutcome,
    RingTarget,
    VoicemailOutcome,
)
from softswitch.routing.runner import MAX_STEPS, RouteResult, run
from softswitch.routing.verbs.base import End

GRAPH = parse_office("""
office: {name: Office, safe: message}
people:
  101: {name: Anna}
  102: {name: Piotr}
groups: {team: {ring: [102, 101], how: in_order}}
queues: {desk: {agents: [101]}}
mailboxes: {office: {mail: a@b.example}}
hours: {office: "Mo-Fr 08:00-16:00; PH off"}
routes:
  welcome: {play: [welcome, closed], then: opening}
  opening: {hours: office, open: menu, closed: message}
  menu: {menu: menu_main, 1: desk, 2: team, 3: all, 0: menu, 9: refuse, no_key: desk}
  desk: {queue: desk, priority: high, key_5: message}
  team: {ring: team, for: 15s}
  all: {ring: [team, 102], for: 25s, busy: desk}
  refuse: {hangup: busy}
  message: {voicemail: office}
""").graph


class Scripted:
    """A caller whose answers are given beforehand; notes all that is asked of him."""

    number = "+48600100200"
    name = None
    called = "+48221234567"
    language = "pl"

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.asked: list[tuple[object, ...]] = []
        self.notes: list[tuple[str, dict[str, object]]] = []
        self.on: set[str] = set()
        self.at = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Warsaw"))

    def _answer(self, what: str, *asked: object) -> object:
        self.asked.append((what, *asked))
        answer = self.answers.get(what)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def now(self) -> datetime:
        return self.at

    def switches(self) -> dict[str, datetime | None]:
        return dict.fromkeys(self.on)

    def turn(self, switch: str, is_on: bool, seconds: float | None) -> None:
        self.asked.append(("turn", switch, is_on, seconds))
        (self.on.add if is_on else self.on.discard)(switch)

    def note(self, kind: str, /, **data: object) -> None:
        self.notes.append((kind, data))

    async def answer(self) -> None:
        self._answer("answer")

    async def play(self, prompt: str) -> None:
        self._answer("play", prompt)

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        return self._answer("collect", prompt, keys, first)  # type: ignore[return-value]

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        return self._answer("ring", target, seconds)  # type: ignore[return-value]

    async def queue(
        self, queue: str, priority: Priority, keys: frozenset[str], callback: str | None
    ) -> QueueResult:
        return self._answer("queue", queue, priority, keys)  # type: ignore[return-value]

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        return self._answer("voicemail", mailbox) or VoicemailOutcome.STORED  # type: ignore[return-value]

    async def hangup(self, reason: HangupReason) -> None:
        self._answer("hangup", reason)


def way(result: RouteResult) -> list[str]:
    return [f"{step.node}:{step.outcome}" for step in result.steps]


async def test_a_caller_who_chooses_and_is_answered() -> None:
    caller = Scripted(collect="1", queue=QueueResult(QueueOutcome.ANSWERED))
    result = await run(GRAPH, "welcome", caller)
    assert result.end is End.TALK and result.is_accepted
    assert way(result) == ["welcome:then", "opening:open", "menu:1", "desk:answered"]
    assert caller.asked == [
        ("play", "welcome"),
        ("play", "closed"),
        ("collect", "menu_main", frozenset("01239"), 5.0),
        ("queue", "desk", Priority.HIGH, frozenset("5")),
    ]


async def test_what_is_noted() -> None:
    caller = Scripted(collect=["7", "9"])
    await run(GRAPH, "menu", caller)
    assert caller.notes == [
        ("route.entered", {"node": "menu", "verb": "menu"}),
        ("menu.key", {"node": "menu", "key": "7"}),
        ("menu.key", {"node": "menu", "key": "9"}),
        ("route.left", {"node": "menu", "verb": "menu", "outcome": "9"}),
        ("route.entered", {"node": "refuse", "verb": "hangup"}),
        ("route.left", {"node": "refuse", "verb": "hangup", "outcome": "refused"}),
    ]
    assert ("hangup", HangupReason.BUSY) in caller.asked


@pytest.mark.parametrize(
    ("keys", "outcome", "heard"),
    [
        ([None, None, None], "no_key", 3),
        (["7", "8", "*"], "wrong_key", 3),
        (["7", None, "2"], "2", 3),
        ([None, None, "7"], "wrong_key", 3),
        (["2"], "2", 1),
    ],
)
async def test_a_menu_repeats_and_then_leads_on(
    keys: list[str | None], outcome: str, heard: int
) -> None:
    queue = QueueResult(QueueOutcome.ANSWERED)
    caller = Scripted(collect=keys, queue=queue, ring=RingOutcome.ANSWERED)
    result = await run(GRAPH, "menu", caller)
    assert result.steps[0].outcome == outcome
    assert sum(asked[0] == "collect" for asked in caller.asked) == heard


async def test_who_is_rung() -> None:
    caller = Scripted(ring=[RingOutcome.BUSY], queue=QueueResult(QueueOutcome.KEY, "5"))
    result = await run(GRAPH, "all", caller)
    people = RingTarget(RingKind.PEOPLE, "team,102", ("102", "101"))
    assert caller.asked[0] == ("ring", people, 25.0)
    assert way(result) == ["all:busy", "desk:key_5", "message:stored"]
    await run(GRAPH, "team", caller)
    group = RingTarget(RingKind.GROUP, "team", ("102", "101"), in_order=True)
    assert ("ring", group, 15.0) in caller.asked
    await run(GRAPH, "person 101", caller)
    person = RingTarget(RingKind.PERSON, "101", ("101",))
    assert ("ring", person, 20.0) in caller.asked


async def test_closed_at_night() -> None:
    caller = Scripted()
    caller.at = caller.at.replace(hour=20)
    assert way(await run(GRAPH, "opening", caller)) == ["opening:closed", "message:stored"]


async def test_an_outcome_without_a_target_leads_to_the_safe_place() -> None:
    caller = Scripted(ring=RingOutcome.DECLINED)
    assert way(await run(GRAPH, "team", caller)) == ["team:declined", "message:stored"]


async def test_a_failure_leads_to_the_safe_place() -> None:
    caller = Scripted(play=CallerFailed("no such file"))
    assert way(await run(GRAPH, "welcome", caller)) == ["welcome:failed", "message:stored"]
    assert ("route.left", {
        "node": "welcome", "verb": "play", "outcome": "failed", "reason": "no such file",
    }) in caller.notes  # fmt: skip


async def test_when_the_safe_place_fails_too_it_ends() -> None:
    caller = Scripted(play=CallerFailed("x"), voicemail=CallerFailed("x"))
    result = await run(GRAPH, "welcome", caller)
    assert result.end is End.LOST and not result.is_accepted


async def test_who_plays_with_a_menu_is_led_to_the_safe_place() -> None:
    result = await run(GRAPH, "menu", Scripted(collect="0"))
    assert result.end is End.MESSAGE
    assert len(result.steps) == MAX_STEPS + 1


@pytest.mark.parametrize("what", ["play", "collect", "queue", "voicemail"])
async def test_a_caller_who_hangs_up(what: str) -> None:
    caller = Scripted(**{"collect": "1", "queue": QueueResult(QueueOutcome.FULL)})
    caller.answers[what] = CallerGone()
    with pytest.raises(CallerGone):
        await run(GRAPH, "welcome", caller)
