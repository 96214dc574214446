"""Wrong passwords: answered at once, then ever later, and never at anybody else's cost.

Counted for one device at one address that claims to be one user: a phone with an old password slows
itself down and no other. The user need not exist: whoever guesses learns nothing from our patience.

While a device waits for its answer, one try in some seconds is still looked at, so that a person
who corrects the password is served at once; more are not, or guesses sent all together would all
be judged. Knows nothing of digests and of messages.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass

FREE = 3
"""Failures answered at once: somebody mistypes, a phone tries its second algorithm."""
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""Seconds, doubled for each failure: an old password that is tried for a week costs one answer a
minute, and guessing has 1,440 tries a day."""
EARLY = 5.0
"""Seconds between two tries that are looked at while a device waits."""
FORGET = 3_600.0
"""After so long without a failure it is a new story."""
INSTANCES = 8
"""Devices that fail as one user at one address and have a count of their own. Who invents a new
device for each guess shares the count of all the others."""
OTHERS = "*"
MAX_TROUBLES, MAX_GOOD = 8_192, 16_384
MAX_TEXT = 120
"""Of a user or device as it is kept."""


@dataclass(frozen=True, slots=True)
class Who:
    """A device at an address and whom it claims to be. `instance`: the device, however told."""

    address: str
    user: str
    instance: str


@dataclass(slots=True)
class _Trouble:
    """Failures of one."""

    failures: int = 0
    until: float = 0.0
    """When the last failure is answered."""
    early: float = 0.0
    """When the next try may be looked at before that."""
    last: float = 0.0


class Credentials:
    """See the module's docstring."""

    def __init__(self) -> None:
        self._troubles: OrderedDict[Who, _Trouble] = OrderedDict()
        self._devices: Counter[tuple[str, str]] = Counter()
        self._addresses: Counter[str] = Counter()
        self._good: OrderedDict[Who, int] = OrderedDict()

    def is_quiet(self, address: str) -> bool:
        """Nobody at this address has failed lately."""
        return address not in self._addresses

    def may_try(self, who: Who, port: int, now: float) -> bool:
        """May these credentials be looked at now? The flow that was right last time always may."""
        trouble = self._troubles.get(self._key(who))
        if trouble is None or now >= trouble.until or self._good.get(who) == port:
            return True
        if now < trouble.early:
            return False
        trouble.early = now + EARLY
        return True

    def wait(self, who: Who, now: float) -> float:
        """Seconds until a try that was not looked at is answered."""
        trouble = self._troubles.get(self._key(who))
        return max(trouble.until - now, 0.0) if trouble is not None else 0.0

    def wrong(self, who: Who, now: float) -> float:
        """A wrong password or an unknown user; seconds after which to answer."""
        key = self._key(who)
        trouble = self._troubles.get(key)
        if trouble is not None and now - trouble.last > FORGET:
            self._forget(key)
            trouble = None
        if trouble is None:
            trouble = self._enter(key)
        self._troubles.move_to_end(key)
        trouble.failures += 1
        trouble.last = now
        over = trouble.failures - FREE
        if over <= 0:
            return 0.0
        delay = min(FIRST_DELAY * 2.0 ** min(over - 1, 16), LONGEST_DELAY)
        trouble.until, trouble.early = now + delay, now + EARLY
        return delay

    def right(self, who: Who, port: int) -> None:
        """The right password: what was before is forgotten."""
        if who.address in self._addresses:
            self._forget(who)
        self._good.pop(who, None)
        if len(self._good) >= MAX_GOOD:
            self._good.popitem(last=False)
        self._good[who] = port

    def forgive(self) -> None:
        """Passwords were set anew: everybody begins again."""
        self._troubles.clear()
        self._devices.clear()
        self._addresses.clear()

    def expire(self, now: float) -> None:
        """Forget old troubles; to be called every minute or so. The oldest stand first."""
        while self._troubles:
            key, trouble = next(iter(self._troubles.items()))
            if now - trouble.last <= FORGET:
                return
            self._forget(key)

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How full each table is, and its bound."""
        return {
            "guard wrong credentials": (len(self._troubles), MAX_TROUBLES),
            "guard good credentials": (len(self._good), MAX_GOOD),
        }

    def _key(self, who: Who) -> Who:
        if who in self._troubles or who in self._good:
            return who
        if self._devices[who.address, who.user] < INSTANCES:
            return who
        return Who(who.address, who.user, OTHERS)

    def _enter(self, key: Who) -> _Trouble:
        if len(self._troubles) >= MAX_TROUBLES:
            self._forget(next(iter(self._troubles)))
        self._devices[key.address, key.user] += 1
        self._addresses[key.address] += 1
        trouble = self._troubles[key] = _Trouble()
        return trouble

    def _forget(self, key: Who) -> None:
        if self._troubles.pop(key, None) is None:
            return
        pair = (key.address, key.user)
        self._devices[pair] -= 1
        if self._devices[pair] <= 0:
            del self._devices[pair]
        self._addresses[key.address] -= 1
        if self._addresses[key.address] <= 0:
            del self._addresses[key.address]
