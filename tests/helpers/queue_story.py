"""A day at the queues by chance, in virtual time: the pure machine in a world that a dice moves.

`QueueStory(seed).run()` lets callers come, wait, give up and ask to be called back; agents answer,
let it ring, talk, log out (of one queue or all), take a break, lose their phone; the office changes
its queues meanwhile, and the switch dies and starts again with what its event log knows.
After every step the promises are checked:

- no agent is rung for two, nor rung when he is not free
- no free agent while somebody waits whom he may serve
- nobody is overtaken by a later caller of the same priority
- every caller is in exactly one place: waits, talks, has talked, or has left
- the figures are those that the event log says
- a restart loses no promised place, no figure and no turn of a round
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from math import inf
from typing import Any

from softswitch.apps.callbacks.seeing import REQUESTED
from softswitch.apps.queue.agents import AgentState, Facts, Manned, state_of
from softswitch.apps.queue.assignment import Assignment
from softswitch.apps.queue.figures import Figures
from softswitch.apps.queue.line import CallerState, Waiting
from softswitch.apps.queue.memory import Memory
from softswitch.apps.queue.promise import RETURNED
from softswitch.apps.queue.recall import place_of
from softswitch.office.queue import Priority, Queue, QueueStrategy, Tier
from softswitch.store.event import Event
from softswitch.store.fold import INTERRUPTED

AGENTS = ("101", "102", "103", "104", "105")
QUEUES = ("reception", "clients", "payroll")
BEGINNING = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SECONDS, CALLERS = 600.0, 14
RESTARTS = 0.5  # of all stories
REST = 5.0
EXACT = 1e-5  # the log tells microseconds


@dataclass(slots=True)
class Agent:
    """What is true of one."""

    is_logged_in: bool = True
    has_phone: bool = True
    is_paused: bool = False
    is_undisturbed: bool = False
    talks: int = 0
    rung: int = 0
    wrap_up_until: float = 0.0
    rest_until: float = 0.0
    idle_since: float = -inf
    left: frozenset[str] = frozenset()

    def facts(self, now: float, is_reserved: bool) -> Facts:
        return Facts(
            is_logged_in=self.is_logged_in,
            left=self.left,
            has_phone=self.has_phone,
            is_paused=self.is_paused,
            is_undisturbed=self.is_undisturbed,
            calls=self.talks + self.rung,
            rung=self.rung,
            is_reserved=is_reserved,
            wrap_up_until=self.wrap_up_until,
            rest_until=self.rest_until,
            idle=now - self.idle_since,
        )


class QueueStory:
    """One story; `run` raises AssertionError with the seed where a promise is broken."""

    def __init__(self, seed: int) -> None:
        self.seed, self.now = seed, 0.0
        self.chance = random.Random(seed)
        self.agents = {one: Agent() for one in AGENTS}
        self.ends: dict[str, str] = {}
        self.came: list[Waiting] = []
        self.told: list[Event] = []
        self.rung: dict[Waiting, tuple[str, ...]] = {}
        self.figures = Figures(UTC)
        self.untold: set[str] = set()  # whose last call was a promise that rang out
        self.life = 0  # of the process that answers now
        self.rounds: dict[str, str] = {}  # whom the log tells that each queue rang last
        self.talks: dict[str, str] = {}  # by call, who of the office is in it
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self.rules = {key: self._rules() for key in QUEUES}
        self.queues = self._new()

    def _new(self) -> Assignment:
        """As the switch makes it at its start."""
        queues = Assignment(self._facts, self.chance.random, self.figures.served)
        queues.use(self.rules)
        return queues

    def _facts(self, agent: str, is_reserved: bool) -> Facts:
        return self.agents[agent].facts(self.now, is_reserved)

    def _rules(self) -> Queue:
        chance = self.chance
        team = chance.sample(AGENTS, chance.randint(1, 4))
        size = chance.randint(1, len(team))
        wider = [Tier(after=f"{30 * n}s", agents=(one,)) for n, one in enumerate(team[size:], 1)]
        return Queue(
            agents=tuple(team[:size]),
            widen=tuple(wider),
            how=chance.choice(list(QueueStrategy)),
            priority=chance.choice([*Priority, Priority.NORMAL]),
            places=chance.choice([2, 20]),
            wrap_up=chance.choice(["0s", "15s"]),
            ring_for="20s",
        )

    # --- the world ---

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now + seconds, next(self._number), act))

    def run(self) -> "QueueStory":
        for _ in range(CALLERS):
            self.at(self.chance.uniform(0, SECONDS / 2), self._comes)
        for _ in range(self.chance.randint(0, 12)):
            self.at(self.chance.uniform(0, SECONDS), self._mood)
        for _ in range(self.chance.randint(0, 3)):
            self.at(self.chance.uniform(0, SECONDS), self._reload)
        if self.chance.random() < RESTARTS:
            self.at(self.chance.uniform(0, SECONDS / 2), self._restart)
        for second in range(0, round(SECONDS), 10):
            self.at(float(second), self._clock)
        while self._agenda:
            self.now, _, act = heapq.heappop(self._agenda)
            act()
            self._look()
        self._check_end()
        return self

    def _note(self, call: str, kind: str, /, **data: Any) -> None:
        event = Event(call, BEGINNING + timedelta(seconds=self.now), kind, data)
        self.told.append(event)
        self.figures.turn(event.at)
        self.figures.see(event)

    def _comes(self) -> None:
        queue = self.chance.choice(QUEUES)
        place = Waiting(
            f"call {len(self.came)}",
            self.chance.choice([0, 0, 0, 1, -1]),
            self.now,
            queue,
            is_promised=self.chance.random() < 0.1,
        )
        self.came.append(place)
        self._note(place.call, "call.started", direction="in")
        if not place.is_promised:
            if self.queues.is_full(queue):
                return self._gone(place, "full")
            why = self.queues.manned(queue)
            if why is not Manned.YES:
                return self._gone(place, why.value)
        self.queues.join(place, self.rules[queue])
        self._note(place.call, "queue.entered", queue=queue)
        if place.is_promised:
            self._promise(place)
        if self.chance.random() < 0.4:
            self.at(self.chance.uniform(0, 200), lambda: self._gives_up(place))
        return None

    def _promise(self, place: Waiting) -> None:
        """He has hung up, and keeps his place."""
        self._note(place.call, "queue.left", queue=place.queue, outcome="called_back")
        place_told = {"queue": place.queue, "priority": place.priority, "waited": 0.0}
        self._note(place.call, REQUESTED, **place_told)
        self._note(place.call, "call.ended")

    def _gives_up(self, place: Waiting) -> None:
        """He hangs up, or needs no call any more; what rings for him is silenced."""
        place = self._now(place)
        if place.call in self.ends:
            return
        if place.state in (CallerState.WAITING, CallerState.OFFERED):
            self._silence(place)
            self.queues.leave(place)
            self._gone(place, "abandoned")

    def _gone(self, place: Waiting, how: str, **data: Any) -> None:
        assert place.call not in self.ends, self._words(f"{place.call} ends twice")
        self.ends[place.call] = how
        if place.is_promised:
            return
        waited = self.now - place.since
        self._note(place.call, "queue.left", queue=place.queue, outcome=how, waited=waited, **data)

    def _silence(self, place: Waiting) -> None:
        for agent in self.rung.pop(place, ()):
            self.agents[agent].rung -= 1
            self._is_idle(agent, is_told=not place.is_promised)

    def _is_idle(self, agent: str, *, is_told: bool = True) -> None:
        self.agents[agent].idle_since = self.now
        (self.untold.discard if is_told else self.untold.add)(agent)

    def _mood(self) -> None:
        agent = self.agents[self.chance.choice(AGENTS)]
        what = self.chance.choice(["is_logged_in", "has_phone", "is_paused", "is_undisturbed", ""])
        if what:
            setattr(agent, what, not getattr(agent, what))
        else:
            agent.left ^= {self.chance.choice(QUEUES)}

    def _reload(self) -> None:
        self.rules[self.chance.choice(QUEUES)] = self._rules()
        self.queues.use(self.rules)
        for place in self.came:
            if place.call not in self.ends and self.chance.random() < 0.5:
                self.queues.rank(place, self.chance.choice([0, 1]))

    def _restart(self) -> None:
        """Killed: who was on the phone is gone, and all that is known now is what was told."""
        before, kept = self._figures(), [one for one in self.queues if one.is_promised]
        for place in [*self.rung]:
            self._silence(place)
        for place in [one for one in self.queues if not one.is_promised]:
            self.ends[place.call] = INTERRUPTED
            self._note(place.call, "call.ended", reason=INTERRUPTED)
        for call, agent in self.talks.items():
            self.agents[agent].talks -= 1
            self._is_idle(agent)
            self._note(call, "call.ended", reason=INTERRUPTED)
        self.talks.clear()
        self.figures, self.life = Figures(UTC), self.life + 1
        for event in self.told:
            self.figures.turn(event.at)
            self.figures.see(event)
        self.queues = self._new()
        self._remember()
        for old in kept:
            place = self._place_again(old)
            self.queues.join(place, self.rules[place.queue])
        assert [one.call for one in self.queues] == [one.call for one in kept], self._words("order")
        assert self._figures() == before, self._words("figures")

    def _remember(self) -> None:
        """As the hall does. What an agent has set, and his phone, are kept elsewhere."""
        memory = Memory(lambda queue: self.rules[queue].wrap_up)
        for event in self.told:
            memory.see(event)
        for queue, agent in memory.rounds.items():
            self.queues.remember(queue, agent)
        assert memory.rounds == self.rounds, self._words("whose turn it is")
        for number, one in self.agents.items():
            since = self._seconds(memory.idle_since.get(number))
            if number not in self.untold:
                same = since == one.idle_since or abs(since - one.idle_since) < EXACT
                assert same, self._words(f"{number} is idle since {one.idle_since}, not {since}")
            one.idle_since, one.rest_until = since, 0.0
            one.wrap_up_until = self._seconds(memory.wraps_up_until.get(number))

    @staticmethod
    def _seconds(at: datetime | None) -> float:
        return -inf if at is None else (at - BEGINNING).total_seconds()

    def _place_again(self, old: Waiting) -> Waiting:
        """A promised place, by the event that tells of it."""
        (promise,) = (one for one in self.told if one.call == old.call and one.kind == REQUESTED)
        place = place_of(promise, BEGINNING + timedelta(seconds=self.now), self.now)
        assert place is not None
        place.priority = old.priority  # a reload may have changed it, and is asked again
        assert place.queue == old.queue, self._words("another queue")
        assert abs(place.since - old.since) < EXACT, self._words("another place")
        self.came[self.came.index(old)] = place
        return place

    def _now(self, place: Waiting) -> Waiting:
        """The same caller's place in the process that runs now."""
        return next(one for one in self.came if one.call == place.call)

    def _figures(self) -> dict[tuple[str, str], int]:
        return {(key, one): self.figures.served(key, one) for key in QUEUES for one in AGENTS}

    def _clock(self) -> None:
        for place, why in self.queues.exits(self.now):
            self._silence(place)
            self.queues.leave(place)
            self._gone(place, why.value)

    # --- the agents ---

    def _look(self) -> None:
        if not any(len(self.queues.line(key)) for key in QUEUES):
            return
        before = {one: self._state(one) for one in AGENTS}
        made = self.queues.offers(self.now)
        for place in made:
            for agent in place.agents:
                assert before[agent] is AgentState.FREE, self._words(f"{agent} is not free")
                before[agent] = AgentState.RINGING
                self.agents[agent].rung += 1
            self.rung[place] = place.agents
            self._tell_ring(place)
            self._answer(place)
        self._check(made)

    def _tell_ring(self, place: Waiting) -> None:
        """Of a promise nothing is told before somebody is there to call."""
        if place.is_promised:
            return
        who, key = list(place.agents), place.queue
        self._note(place.call, "ring.started", who=who, kind="queue", key=key)
        if len(who) == 1:
            self.rounds[key] = who[0]

    def _answer(self, place: Waiting) -> None:
        """One of them answers soon, or nobody does."""
        agents = self.rung[place]
        if self.chance.random() < 0.6:
            agent = self.chance.choice(agents)
            self.at(self.chance.uniform(0, 15), lambda: self._answers(place, agent, agents))
        else:
            self.at(self.chance.uniform(1, 20), lambda: self._rings_out(place, agents))

    def _answers(self, place: Waiting, agent: str, agents: tuple[str, ...]) -> None:
        if self.rung.get(place) is not agents:
            return  # over already
        self._silence(place)
        assert self.queues.answered(place), self._words("who waits can be answered")
        self.agents[agent].talks += 1
        self._gone(place, "answered", who=agent)
        call = self._returns(place, agent) if place.is_promised else place.call
        self.talks[call] = agent
        wrap_up, life = self.rules[place.queue].wrap_up, self.life
        self.at(self.chance.uniform(5, 120), lambda: self._hangs_up(call, agent, wrap_up, life))

    def _returns(self, place: Waiting, agent: str) -> str:
        """The promise is kept: a call of the agent's, to the client."""
        call = f"back to {place.call}"
        self._note(call, "call.started", direction="out", number=agent)
        self._note(call, RETURNED, queue=place.queue, who=agent, promised=place.call)
        self.rounds[place.queue] = agent
        return call

    def _hangs_up(self, call: str, agent: str, wrap_up: float, life: int) -> None:
        if life != self.life:
            return  # the switch has hung up before
        one = self.agents[agent]
        one.talks -= 1
        one.wrap_up_until = self.now + wrap_up
        self._is_idle(agent)
        del self.talks[call]
        self._note(call, "call.ended")

    def _rings_out(self, place: Waiting, agents: tuple[str, ...]) -> None:
        if self.rung.get(place) is not agents:
            return
        self._silence(place)
        for agent in agents:
            self.agents[agent].rest_until = self.now + REST
        if not place.is_promised:
            self._note(place.call, "ring.failed", who=list(agents))
        self.queues.failed(place)

    # --- the promises ---

    def _state(self, agent: str) -> AgentState:
        return state_of(self.queues.facts(agent), self.now)

    def _may_serve(self, place: Waiting, agent: str) -> bool:
        tiers = self.rules[place.queue].tiers(self.now - place.since)
        is_in = place.queue not in self.agents[agent].left
        return is_in and any(agent in tier for tier in tiers)

    def _check(self, made: list[Waiting]) -> None:
        rung = Counter(agent for agents in self.rung.values() for agent in agents)
        assert all(number == 1 for number in rung.values()), self._words(f"rung for two: {rung}")
        waiting = [one for one in self.queues if one.state is CallerState.WAITING]
        free = [one for one in AGENTS if waiting and self._state(one) is AgentState.FREE]
        for place in waiting:
            for agent in free:
                assert not self._may_serve(place, agent), self._words(
                    f"{agent} is free while {place.call} waits"
                )
        for place in made:
            self._check_order(place, waiting)
        places = Counter(one.call for one in self.queues)
        assert all(number == 1 for number in places.values())
        assert not places.keys() & self.ends.keys(), self._words("who has left still waits")
        assert len(places) + len(self.ends) == len(self.came), self._words("somebody is lost")

    def _check_order(self, place: Waiting, waiting: list[Waiting]) -> None:
        """Of those who wait on, nobody before him could have had whom he was given."""
        for other in waiting:
            if self._rank(other) < self._rank(place):
                could = [one for one in place.agents if self._may_serve(other, one)]
                assert not could, self._words(f"{place.call} overtakes {other.call}")

    def _rank(self, place: Waiting) -> tuple[int, float]:
        return -place.priority - self.rules[place.queue].priority.rank, place.since

    def _check_end(self) -> None:
        left = Counter(
            (one.queue, "called_back" if one.is_promised else self.ends[one.call])
            for one in self.came
            if one.is_promised or one.call in self.ends
        )
        for key in QUEUES:
            day, mine = self.figures.queue(key), [one for one in self.came if one.queue == key]
            waits = sum(not one.is_promised for one in self.queues.line(key))
            assert sum(day.left.values()) + waits == len(mine), self._words("offered")
            for how, number in day.left.items():
                assert left[key, how] == number, self._words(f"{key} {how}")
            assert day.answered == sum(one.answered for one in day.agents.values())
            kept = [
                one for one in mine if one.is_promised and self.ends.get(one.call) == "answered"
            ]
            assert day.returned == len(kept), self._words("promises kept")
        missed = sum(
            one.missed for key in QUEUES for one in self.figures.queue(key).agents.values()
        )
        rang_out = [e for e in self.told if e.kind == "ring.failed"]
        assert missed == sum(len(e.data["who"]) for e in rang_out), self._words("missed")
        assert self.queues.dump()["reserved"] == 0, self._words("somebody stays reserved")

    def _words(self, what: str) -> str:
        return f"story {self.seed}, {self.now:.1f} s: {what}"
