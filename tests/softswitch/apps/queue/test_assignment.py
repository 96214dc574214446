"""The waiting callers' machine, against a plain picture of who is where.

Two queues with three agents, of whom one answers for both. Hypothesis lets callers come, be rung
for, answered, picked up, put back by an agent who hung up in the whisper, promised a call, let go
and hang up, in any order, also in orders that make no sense: a step that there is not must change
nothing.
"""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from softswitch.apps.queue.agents import AgentState, Facts, Manned, state_of
from softswitch.apps.queue.assignment import NOBODY_PATIENCE, Assignment
from softswitch.apps.queue.line import CallerState, Waiting
from softswitch.office.queue import Priority, Queue, QueueStrategy

AGENTS = {"desk": ("101", "102"), "vip": ("102", "103")}
EVERYBODY = ("101", "102", "103")
PLACES = 4
WAITING, OFFERED, ANSWERED, LEFT = CallerState
IN_LINE = (WAITING, OFFERED)


def queue(key: str, how: QueueStrategy, priority: Priority) -> Queue:
    return Queue(agents=AGENTS[key], how=how, priority=priority, places=PLACES)


class CallersMachine(RuleBasedStateMachine):
    """`states`: the picture. A caller is WAITING, OFFERED, ANSWERED or LEFT; only LEFT is final."""

    callers = Bundle("callers")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.busy: dict[str, Waiting] = {}  # who talks, with whom
        self.here = dict.fromkeys(EVERYBODY, True)
        self.states: dict[Waiting, CallerState] = {}
        self.rung: dict[Waiting, tuple[str, ...]] = {}

    @initialize(how=st.sampled_from(QueueStrategy), better=st.sampled_from(Priority))
    def opens(self, how: QueueStrategy, better: Priority) -> None:
        rules = {"desk": queue("desk", how, Priority.NORMAL), "vip": queue("vip", how, better)}
        self.rules = rules
        self.queues = Assignment(self._facts, lambda: 0.5, lambda _queue, _agent: 0)
        self.queues.use(rules)

    def _facts(self, agent: str, is_reserved: bool) -> Facts:
        talks = int(agent in self.busy)
        return Facts(is_logged_in=self.here[agent], is_reserved=is_reserved, calls=talks)

    # --- what happens ---

    @rule(target=callers, key=st.sampled_from(sorted(AGENTS)), priority=st.integers(-1, 1),
          is_promised=st.booleans())  # fmt: skip
    def comes(self, key: str, priority: int, is_promised: bool) -> Waiting:
        on_phone = [one for one in self._line(key) if not one.is_promised]
        assert self.queues.is_full(key) is (len(on_phone) >= PLACES)
        if self.queues.is_full(key) and not is_promised:
            return multiple()  # type: ignore[return-value]
        self.now += 1.0
        place = Waiting(f"c{self.now}", priority, self.now, key, is_promised=is_promised)
        position = self.queues.join(place, self.rules[key])
        self.states[place] = WAITING
        assert position == self._line(key).index(place) + 1
        return place

    @rule()
    def agents_are_rung(self) -> None:
        free = {one for one in EVERYBODY if self._is_free(one)}
        for place in self.queues.offers(self.now):
            assert self.states[place] is WAITING
            assert place.agents and set(place.agents) <= free & set(AGENTS[place.queue])
            free -= set(place.agents)
            self.states[place], self.rung[place] = OFFERED, place.agents
        for place, state in self.states.items():  # nobody waits beside a free agent
            assert state is not WAITING or not free & set(AGENTS[place.queue])

    @rule(place=callers)
    def it_rings_out(self, place: Waiting) -> None:
        if self.states[place] is OFFERED:
            self.queues.failed(place)
            self.states[place] = WAITING
            del self.rung[place]

    @rule(place=callers, which=st.integers(0, 2))
    def somebody_answers(self, place: Waiting, which: int) -> None:
        """Of those who are rung; or a colleague picks up who only waits."""
        agents = self.rung.get(place) or tuple(one for one in EVERYBODY if self._is_free(one))
        is_possible = self.states[place] in IN_LINE and bool(agents)
        if not agents:
            return
        assert self.queues.answered(place) is is_possible
        if is_possible:
            self.busy[agents[which % len(agents)]] = place
            self.states[place] = ANSWERED
            self.rung.pop(place, None)

    @rule(place=callers)
    def he_hangs_up_in_the_whisper(self, place: Waiting) -> None:
        """The agent; the caller has his old place again."""
        if self.states[place] is ANSWERED:
            self._gives_back(place)
            self.states[place] = WAITING
        self.queues.again(place, self.rules[place.queue])

    @rule(place=consumes(callers))
    def the_caller_is_gone(self, place: Waiting) -> None:
        """He hung up, pressed a key, waited too long, or his talk is over; told twice, at times."""
        self._gives_back(place)
        if self.states[place] is not ANSWERED:
            self.states[place] = LEFT
        self.queues.leave(place)
        self.rung.pop(place, None)
        self.queues.leave(place)
        self.queues.failed(place)
        if self.states[place] is LEFT:
            assert not self.queues.answered(place)

    @rule(place=callers, priority=st.integers(-1, 1))
    def the_office_ranks_him_anew(self, place: Waiting, priority: int) -> None:
        self.queues.rank(place, priority)

    @rule(agent=st.sampled_from(EVERYBODY), is_here=st.booleans())
    def an_agent_comes_or_goes(self, agent: str, is_here: bool) -> None:
        self.here[agent] = is_here

    @rule()
    def nobody_comes_back(self) -> None:
        """Whoever is on the phone of a queue that all have left goes, and nobody else."""
        self.queues.exits(self.now)
        self.now += NOBODY_PATIENCE
        leaving = {place for place, _ in self.queues.exits(self.now)}
        assert leaving == {
            place
            for place, state in self.states.items()
            if state in IN_LINE and not place.is_promised and self._is_deserted(place.queue)
        }
        for place, why in self.queues.exits(self.now):
            assert why is Manned.NOBODY
            self.queues.leave(place)
            self.states[place] = LEFT
            self.rung.pop(place, None)

    # --- the picture ---

    def _gives_back(self, place: Waiting) -> None:
        self.busy = {agent: with_whom for agent, with_whom in self.busy.items()
                     if with_whom is not place}  # fmt: skip

    def _is_deserted(self, key: str) -> bool:
        return not any(self.here[agent] for agent in AGENTS[key])

    def _is_free(self, agent: str) -> bool:
        is_rung = any(agent in agents for agents in self.rung.values())
        return self.here[agent] and not is_rung and agent not in self.busy

    def _line(self, key: str) -> list[Waiting]:
        inside = [one for one, state in self.states.items() if state in IN_LINE]
        mine = [one for one in inside if one.queue == key]
        return sorted(mine, key=lambda one: (-one.priority, one.since))

    @invariant()
    def the_picture_is_right(self) -> None:
        for place, state in self.states.items():
            assert place.state is state
            assert bool(place.agents) is (state is OFFERED)
            assert place.agents == self.rung.get(place, ())

    @invariant()
    def the_lines_are_right(self) -> None:
        if not self.states:
            return
        for key in AGENTS:
            line = self._line(key)
            assert self.queues.line(key) == line
            assert [self.queues.position(one) for one in line] == list(range(1, len(line) + 1))
        rank: Callable[[Waiting], tuple[int, float]] = lambda one: (  # noqa: E731
            -one.priority - self.rules[one.queue].priority.rank, one.since
        )  # fmt: skip
        everybody = [one for key in AGENTS for one in self._line(key)]
        assert list(self.queues) == sorted(everybody, key=rank)

    @invariant()
    def nobody_stays_reserved(self) -> None:
        if not self.states:
            return
        assert self.queues.dump()["reserved"] == sum(map(len, self.rung.values()))
        for agent in EVERYBODY:
            state = state_of(self.queues.facts(agent), self.now)
            is_rung = any(agent in agents for agents in self.rung.values())
            assert (state is AgentState.RINGING) is (is_rung and agent not in self.busy)


class TestCallers(CallersMachine.TestCase):  # type: ignore[misc]
    settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
