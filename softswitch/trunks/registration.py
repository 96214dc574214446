"""Keeping one account registered: when to ask, whom, what each outcome leads to (RFC 3261 10.2).

Pure: `now` in seconds that never go back, chance handed in, nothing sent from here. What is to be
sent comes out of `tick` as an `Ask`; what became of it goes in as one of `granted`, `too_brief`,
`refused`, `silent`.

    RESTING ──time──► ASKING ──granted──► RESTING, till before the grant ends
                        │ silent, 5xx: the next server at once; after the last one: RESTING, longer
                        │ refused by name: RESTING for minutes, since a guard may count the tries
                        └─leave──► LEAVING ──any answer──► GONE

Waiting grows as RFC 5626 4.5 has it, by chance between half and all of it, but to 45 seconds at
most: one office asks little, and its clients cannot call in meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

PATIENCE = 8.0
"""Seconds for one server: five repeats over UDP. Three servers are through within half a minute."""
FIRST_PAUSE, LONGEST_PAUSE = 4.0, 45.0
REFUSED_PAUSE = 300.0
"""After a wrong password: providers lock out who tries on and on. A reload tries at once."""
LONGEST_RETRY_AFTER = 600.0
EARLIEST, LATEST = 0.5, 0.8
"""Part of a grant after which it is refreshed: the rest is for tries that go unanswered."""
LEAST_GRANT = 10.0
"""Seconds; a provider that grants less is not asked more often than half of it."""
PASSING = frozenset({408, 430, 480, 500, 502, 503, 504})
"""What a server says of itself and not of the account: another one may do better."""


class Phase(Enum):
    """What is being done about the registration."""

    RESTING = auto()
    ASKING = auto()
    LEAVING = auto()
    GONE = auto()


class Risk(Enum):
    """Why calls may not come in."""

    UNANSWERED = "unanswered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Ask:
    """A REGISTER to send: to which server of the list, for how many seconds; 0 removes."""

    server: int
    expires: int


class Registration:
    """One account's. `servers`: how many there are to try, best first."""

    def __init__(self, expires: int, servers: int, chance: Callable[[], float], now: float) -> None:
        self._expires, self._chance = expires, chance
        self.phase = Phase.RESTING
        self.server = 0
        self.servers = servers
        self.valid_until: float | None = None
        """The provider forgets us then; None: he knows nothing of us."""
        self.risk: Risk | None = None
        self.error = ""
        self._next = now
        self._tried = 0
        self._rounds = 0

    @property
    def deadline(self) -> float | None:
        """When `tick` is to be called; None when there is nothing more to do."""
        return None if self.phase is Phase.GONE else self._next

    def tick(self, now: float) -> Ask | None:
        """What is due."""
        if self.valid_until is not None and now >= self.valid_until:
            self.valid_until = None
        if now < self._next or self.phase is Phase.GONE:
            return None
        if self.phase is Phase.LEAVING:
            self.phase = Phase.GONE
            return None
        if self.phase is Phase.ASKING:
            self.silent(now)
            if self._next > now:
                return None
        if not self.servers:
            self.server_unknown(now)
            return None
        return self._ask(now)

    def ask_again(self, now: float) -> None:
        """Something moved (our address, a connection): be registered anew at once.

        Not after a refusal: tries that fail are counted, and this is no reason for another answer.
        """
        if self.phase is Phase.RESTING and self.risk is not Risk.REFUSED:
            self._next = now

    def serve_by(self, servers: int, server: int | None, now: float) -> None:
        """Another list of servers; `server`: where the one in use stands in it, if it does."""
        self.servers = servers
        is_lost = server is None
        self.server, self._tried = server or 0, 0
        if is_lost:
            self.ask_again(now)

    def granted(self, seconds: float, now: float) -> None:
        """200: known at the provider for so long, be it that he took his time to say so."""
        if self.phase in (Phase.LEAVING, Phase.GONE):
            return self._left()
        grant = max(seconds, LEAST_GRANT)
        self.valid_until = now + seconds
        self.risk, self.error = None, ""
        self._tried = self._rounds = 0
        part = EARLIEST + (LATEST - EARLIEST) * self._chance()
        self._rest(grant * part, now)
        return None

    def too_brief(self, minimum: int, now: float) -> Ask | None:
        """423: ask for as long as he wants, at once (RFC 3261 10.2.8); None: it makes no sense."""
        if self.phase is not Phase.ASKING or minimum <= self._expires:
            self.refused(423, "asked for too brief a time", None, now)
            return None
        self._expires = minimum
        return self._ask(now)

    def refused(self, status: int, reason: str, retry_after: float | None, now: float) -> None:
        """Any other answer."""
        if self.phase is not Phase.ASKING:
            return self._left()
        self.error = f"{status} {reason}".strip()
        if status in PASSING and retry_after is None:
            return self._next_server(now)
        wait = self._pause() if status in PASSING else REFUSED_PAUSE
        self.risk = Risk.UNANSWERED if status in PASSING else Risk.REFUSED
        if status not in PASSING:
            self.valid_until = None
        self._tried = 0
        wait = max(wait, min(retry_after or 0.0, LONGEST_RETRY_AFTER))
        return self._rest(wait * (0.9 + 0.1 * self._chance()), now)

    def silent(self, now: float) -> None:
        """No answer, or it could not be sent."""
        if self.phase is not Phase.ASKING:
            return self._left()
        self.error = "no answer"
        return self._next_server(now)

    def server_unknown(self, now: float) -> None:
        """Its name leads nowhere."""
        self.error = "the server cannot be found"
        self.risk = Risk.UNANSWERED
        self._rest(self._pause(), now)

    def leave(self, now: float) -> Ask | None:
        """We go: the REGISTER that takes our contact away, if the provider may know it."""
        knows = self.valid_until is not None or self.phase is Phase.ASKING
        self.phase = Phase.LEAVING if knows and self.servers else Phase.GONE
        self.valid_until, self._next = None, now + PATIENCE
        return Ask(self.server, 0) if self.phase is Phase.LEAVING else None

    def _ask(self, now: float) -> Ask:
        self.phase, self._next = Phase.ASKING, now + PATIENCE
        return Ask(self.server, self._expires)

    def _next_server(self, now: float) -> None:
        self._tried += 1
        self.server = (self.server + 1) % max(self.servers, 1)
        if self._tried < self.servers:
            self._rest(0.0, now)
            return
        self._tried, self.server = 0, 0
        self.risk = Risk.UNANSWERED
        self._rest(self._pause(), now)

    def _pause(self) -> float:
        """RFC 5626 4.5: doubled at each failure, by chance between half and all of it."""
        longest = min(FIRST_PAUSE * 2.0 ** min(self._rounds, 10), LONGEST_PAUSE)
        self._rounds += 1
        return longest * (0.5 + 0.5 * self._chance())

    def _rest(self, seconds: float, now: float) -> None:
        self.phase, self._next = Phase.RESTING, now + seconds

    def _left(self) -> None:
        """An answer to our leaving, whatever it says."""
        if self.phase is Phase.LEAVING:
            self.phase = Phase.GONE
