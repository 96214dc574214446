"""The agents' machine: the table, and the real keepers of the facts against a model."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from softswitch.apps.queue.agents import AgentState, Facts, Manned, manned, state_of
from softswitch.calls.people import People
from softswitch.calls.standing import Standing
from softswitch.office.codes import Setting
from tests.softswitch.calls.test_standing import OFFICE, Shelf

AGENT = "101"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts(), AgentState.FREE),
        (Facts(is_logged_in=False), AgentState.LOGGED_OUT),
        (Facts(is_absent=True), AgentState.ABSENT),
        (Facts(has_phone=False), AgentState.UNREACHABLE),
        (Facts(is_undisturbed=True), AgentState.DND),
        (Facts(is_paused=True), AgentState.PAUSED),
        (Facts(calls=1), AgentState.TALKING),
        (Facts(calls=2, rung=1), AgentState.TALKING),
        (Facts(calls=1, rung=1), AgentState.RINGING),
        (Facts(is_reserved=True), AgentState.RINGING),
        (Facts(wrap_up_until=11.0), AgentState.WRAP_UP),
        (Facts(wrap_up_until=10.0), AgentState.FREE),
        (Facts(rest_until=11.0), AgentState.RESTING),
        # What he does comes before what he has set.
        (Facts(calls=1, is_paused=True, is_logged_in=False), AgentState.TALKING),
        (Facts(is_paused=True, wrap_up_until=11.0), AgentState.PAUSED),
    ],
)
def test_the_table(facts: Facts, state: AgentState) -> None:
    assert state_of(facts, 10.0) is state


def test_who_mans_a_queue() -> None:
    gone, deaf, busy = Facts(is_logged_in=False), Facts(has_phone=False), Facts(calls=1)
    assert manned([]) is Manned.NOBODY
    assert manned([gone, replace(gone, calls=1)]) is Manned.NOBODY
    assert manned([gone, deaf]) is Manned.UNREACHABLE
    assert manned([deaf, Facts(is_undisturbed=True)]) is Manned.UNREACHABLE
    assert manned([gone, deaf, busy]) is Manned.YES
    assert manned([Facts(is_paused=True)]) is Manned.YES  # he comes back


class AgentsMachine(RuleBasedStateMachine):
    """People and Standing hold the facts; the model is a plain picture of one agent."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.table, self.office = 1000.0, Shelf(), OFFICE
        self.people = People(lambda: self.now)
        self.standing = self._standing()
        self.calls: list[tuple[ExitStack, float | None]] = []  # and wrap-up; None: it only rings
        self.on: set[Setting] = {Setting.AGENT}
        self.has_phone, self.wrap_up_until = True, 0.0

    def _standing(self) -> Standing:
        clock = lambda: datetime.fromtimestamp(1_800_000_000 + self.now, UTC)  # noqa: E731
        return Standing(self.table, lambda: self.office, clock)

    @rule(setting=st.sampled_from([Setting.AGENT, Setting.PAUSE, Setting.DND]), on=st.booleans())
    def sets(self, setting: Setting, on: bool) -> None:
        self.standing.set(AGENT, setting, on)
        (self.on.add if on else self.on.discard)(setting)

    @rule()
    def restarts(self) -> None:
        """What people have set outlives the process."""
        self.standing = self._standing()

    @rule(on=st.booleans())
    def registers(self, on: bool) -> None:
        self.has_phone = on

    @rule()
    def rings(self) -> None:
        self._begin(self.people.all_occupied([AGENT]), None)

    @rule(wrap_up=st.sampled_from([0.0, 15.0]))
    def talks(self, wrap_up: float) -> None:
        self._begin(self.people.occupied(AGENT, wrap_up), wrap_up)

    def _begin(self, occupied: AbstractContextManager[None], wrap_up: float | None) -> None:
        call = ExitStack()
        call.enter_context(occupied)
        self.calls.append((call, wrap_up))

    @rule(which=st.integers(0, 9))
    def hangs_up(self, which: int) -> None:
        if self.calls:
            call, wrap_up = self.calls.pop(which % len(self.calls))
            call.close()
            self.wrap_up_until = max(self.wrap_up_until, self.now + (wrap_up or 0.0))

    @rule(seconds=st.sampled_from([0.5, 5.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def the_model_agrees(self) -> None:
        person = self.people.of(AGENT)
        facts = Facts(
            is_logged_in=self.standing.is_agent(AGENT),
            has_phone=self.has_phone,
            is_undisturbed=self.standing.active(AGENT, Setting.DND) is not None,
            is_paused=self.standing.active(AGENT, Setting.PAUSE) is not None,
            calls=person.calls,
            rung=person.rung,
            wrap_up_until=person.pause_until,
        )
        assert state_of(facts, self.now) is self.expected()

    def expected(self) -> AgentState:
        if any(wrap_up is not None for _, wrap_up in self.calls):
            return AgentState.TALKING
        if self.calls:
            return AgentState.RINGING
        if Setting.AGENT not in self.on:
            return AgentState.LOGGED_OUT
        if not self.has_phone:
            return AgentState.UNREACHABLE
        if Setting.DND in self.on:
            return AgentState.DND
        if Setting.PAUSE in self.on:
            return AgentState.PAUSED
        return AgentState.WRAP_UP if self.now < self.wrap_up_until else AgentState.FREE


class TestAgents(AgentsMachine.TestCase):  # type: ignore[misc]
    settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
