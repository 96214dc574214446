"""One queue while it runs: callers wait with music, free agents are rung, in order.

Ringing and announcements are independent tasks: what a caller hears never delays the ringing of an
agent. One place decides who is rung (`_dispatch`), run at every change and once a second.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from softswitch import metrics
from softswitch.apps.queue.line import Line, Waiting
from softswitch.apps.queue.strategy import pick
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import Exchange, Invitation
from softswitch.calls.leg import Leg
from softswitch.calls.ringing import Claim, Sought
from softswitch.calls.sound import SoundError
from softswitch.office.queue import Queue
from softswitch.routing.caller import QueueOutcome, RingOutcome

# Wrap-up ends and phones register without telling the room: it looks again this often.
LOOK_AGAIN = 1.0
# A phone that restarts is gone for some seconds; only after these is "nobody there" believed.
NOBODY_PATIENCE = 10.0
# An agent who refused a call or let it ring out is left in peace this long.
REST = 5.0


@dataclass(slots=True, eq=False)
class Guest:
    """A waiting caller: his place in the line, and how an agent's phone is to be rung for him."""

    place: Waiting
    invite: Callable[[str], Sequence[Invitation]]
    note: Callable[..., None]
    answered: asyncio.Future[Leg]
    sought: Sought
    offer: asyncio.Task[None] | None = None
    occupied: ExitStack = field(default_factory=ExitStack)

    def leave_by(self, key: str) -> None:
        """The caller chose to leave; too late once an agent has answered."""
        if not self.answered.done():
            self.answered.set_exception(_KeyPressed(key))


@dataclass(frozen=True, slots=True)
class Served:
    """How waiting ended. An answered leg belongs to the receiver, who must close `occupied`."""

    outcome: QueueOutcome
    waited: float
    leg: Leg | None = None
    key: str | None = None


class QueueRoom:
    """All who wait in one queue, and the agents of it that are being rung."""

    def __init__(
        self, key: str, exchange: Exchange, is_there: Callable[[str], bool] = lambda _: True
    ) -> None:
        """`is_there`: who is away, or not to be disturbed, has no phone as far as we know."""
        self.key = key
        self._exchange = exchange
        self._is_there = is_there
        self._line = Line()
        self._guests: dict[Waiting, Guest] = {}
        self._looker: asyncio.Task[None] | None = None
        self._rest_until: dict[str, float] = {}
        self._nobody_since: float | None = None
        self._config: Queue | None = None

    def __len__(self) -> int:
        return len(self._line)

    def position(self, guest: Guest) -> int:
        return self._line.position(guest.place)

    def use(self, config: Queue) -> None:
        """Another version of the queue, for everybody who waits: ring whom it adds at once."""
        self._config = config
        self._dispatch_if_waited_for()

    def refusal(self, config: Queue) -> QueueOutcome | None:
        """Why a caller cannot even begin to wait, if so."""
        if self._line.is_full(config.places):
            return QueueOutcome.FULL
        if not any(self._is_reachable(agent) for agent in config.agents):
            return QueueOutcome.NO_AGENTS
        return None

    def enter(self, guest: Guest, config: Queue) -> int:
        """Join the line; returns the position, counted from 1. `serve` must follow at once.

        A reload's newer `config` counts for everybody in the room from the next look on.
        """
        self._config = self._config or config
        position = self._line.join(guest.place)
        self._guests[guest.place] = guest
        metrics.queue_waiting.labels(self.key).set(len(self._line))
        return position

    def guests(self) -> list[Guest]:
        """Who waits, in the order in which they are to be served."""
        return [self._guests[place] for place in self._line]

    def take(self, guest: Guest, claim: Claim) -> bool:
        """A colleague takes a caller for whom no phone rings at the moment."""
        if guest.answered.done() or guest.place not in self._guests or not claim.is_open:
            return False
        wrap_up = self._config.wrap_up if self._config is not None else 0.0
        occupied = self._exchange.people.occupied(claim.leg.who, wrap_up)
        guest.occupied.enter_context(occupied)
        guest.sought.picked_up(claim)
        guest.answered.set_result(claim.leg)
        return True

    async def serve(self, guest: Guest, config: Queue) -> Served:
        """Wait in line until an agent answers or an exit is due; cancel it when the caller left."""
        began = guest.place.since
        self._start_looking()
        self._dispatch()
        outcome, leg, key = QueueOutcome.TOO_LONG, None, None
        try:
            async with asyncio.timeout(config.longest_wait):
                leg = await asyncio.shield(guest.answered)
                outcome = QueueOutcome.ANSWERED
        except TimeoutError:
            if guest.answered.done() and guest.answered.exception() is None:
                leg, outcome = guest.answered.result(), QueueOutcome.ANSWERED
        except _NobodyThere:
            outcome = QueueOutcome.NO_AGENTS
        except _KeyPressed as pressed:
            outcome, key = QueueOutcome.KEY, pressed.key
        except asyncio.CancelledError:
            if guest.answered.done() and guest.answered.exception() is None:
                guest.answered.result().release()
                guest.occupied.close()
            raise
        finally:
            self._leave(guest)
        metrics.queue_left.labels(self.key, outcome.value).inc()
        return Served(outcome, self._exchange.now() - began, leg, key)

    def _leave(self, guest: Guest) -> None:
        self._line.leave(guest.place)
        self._guests.pop(guest.place, None)
        metrics.queue_waiting.labels(self.key).set(len(self._line))
        if guest.offer is not None:
            guest.offer.cancel()
        if not self._guests and self._looker is not None:
            self._looker.cancel()
            self._looker = self._nobody_since = None

    def _start_looking(self) -> None:
        if self._looker is None:
            self._looker = asyncio.create_task(self._look(), name=f"queue {self.key}")

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            self._dispatch()
            self._watch_for_nobody()

    def _watch_for_nobody(self) -> None:
        """Nobody of the queue reachable for a while: send all who wait to that exit."""
        assert self._config is not None
        if any(self._is_reachable(agent) for agent in self._config.agents):
            self._nobody_since = None
            return
        now = self._exchange.now()
        self._nobody_since = self._nobody_since or now
        if now - self._nobody_since >= NOBODY_PATIENCE:
            for guest in self._guests.values():
                if not guest.answered.done():
                    guest.answered.set_exception(_NobodyThere())

    def _dispatch(self) -> None:
        """Ring free agents for callers in order; who is already being offered keeps his offer."""
        assert self._config is not None
        for place in self._line:
            guest = self._guests[place]
            if guest.offer is not None or guest.answered.done():
                continue
            agents = self._pick(place)
            if not agents:
                return
            self._begin_offer(guest, agents)

    def _begin_offer(self, guest: Guest, agents: list[str]) -> None:
        # Before the task runs: the next caller in the line must not find them free.
        ringing = ExitStack()
        ringing.enter_context(self._exchange.people.all_occupied(agents))
        name = f"offer {guest.place.call}"
        guest.offer = asyncio.create_task(self._offer(guest, agents, ringing), name=name)
        # A task that is cancelled before it began never comes to its own `with`.
        guest.offer.add_done_callback(lambda _: ringing.close())

    def _pick(self, place: Waiting) -> list[str]:
        assert self._config is not None
        people, now = self._exchange.people, self._exchange.now()
        free = [
            agent
            for agent in self._config.agents
            if people.is_free(agent)
            and now >= self._rest_until.get(agent, 0.0)
            and self._is_reachable(agent)
        ]
        return pick(self._config.how, free, place.tried, people.idle_seconds)

    def _is_reachable(self, agent: str) -> bool:
        now = self._exchange.clock().timestamp()
        return self._is_there(agent) and bool(self._exchange.registrar.lookup(agent, now))

    async def _offer(self, guest: Guest, agents: list[str], ringing: ExitStack) -> None:
        """Ring these agents for this caller; who answers is his, the others are free again."""
        assert self._config is not None
        config = self._config
        guest.note("ring.started", who=agents, kind="queue", key=self.key)
        try:
            with ringing:
                invitations = [one for agent in agents for one in guest.invite(agent)]
                result = await dial(
                    self._exchange, invitations, config.ring_for, sought=guest.sought
                )
                self._take(guest, result, config)
        except SoundError:
            result = DialResult(RingOutcome.UNREACHABLE)
        finally:
            guest.offer = None
        if result.leg is None:
            guest.note("ring.failed", who=agents, outcome=result.outcome.value)
            rest_until = self._exchange.now() + REST
            self._rest_until.update(dict.fromkeys(agents, rest_until))
            guest.place.tried.update(agents)
            if guest.place.tried >= set(config.agents):
                guest.place.tried.clear()
        self._dispatch_if_waited_for()

    def _take(self, guest: Guest, result: DialResult, config: Queue) -> None:
        if result.outcome is not RingOutcome.ANSWERED or result.leg is None:
            return
        if guest.answered.done():  # the caller's wait ended in this very moment
            result.leg.release()
            return
        # Entered before the ringing is left, so that the agent is not free for an instant.
        guest.occupied.enter_context(self._exchange.people.occupied(result.leg.who, config.wrap_up))
        guest.answered.set_result(result.leg)

    def _dispatch_if_waited_for(self) -> None:
        if self._guests:
            self._dispatch()


class _NobodyThere(Exception):
    """No agent of the queue has had a phone registered for a while."""


class _KeyPressed(Exception):
    """The caller left the line by a key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
