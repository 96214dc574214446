"""Who has talked with the outside today, how long and at what cost. Pure: the time is an argument.

What is up counts as it goes, so that many calls at once use up one budget together; who has not
been answered yet has a minute set aside. Money goes by started minutes, as carriers bill.
"""

from collections import deque
from dataclasses import dataclass, field
from math import ceil

from softswitch.office.outgoing import Limits, Sudden
from softswitch.office.permission import Barred

MINUTE = 60.0
# Looks are a second apart: what would be over the limit before the next but one is over it now.
AHEAD = 2.0
# Short calls of one person that are remembered; more than any `sudden: calls` that means anything.
MOST_SHORT = 1000


@dataclass(slots=True)
class Used:
    """Of a day: seconds of talk, those abroad among them, money, calls that were answered."""

    seconds: float = 0.0
    far: float = 0.0
    money: float = 0.0
    calls: int = 0

    def add(self, seconds: float, is_far: bool, is_free: bool, price: float) -> None:
        """A talk. What is free takes no time from anybody."""
        self.calls += 1
        if not is_free:
            self.seconds += seconds
            self.far += seconds if is_far else 0.0
            self.money += ceil(max(seconds, 1.0) / MINUTE) * price


@dataclass(slots=True, eq=False)
class Charge:
    """One call out, from the dialling on. `price`: of a started minute."""

    who: str
    number: str
    is_far: bool
    is_free: bool
    price: float
    answered: float | None = None
    cut: Barred | None = None

    def seconds(self, now: float) -> float:
        return 0.0 if self.answered is None else max(now - self.answered, 0.0)


@dataclass(slots=True)
class _Account:
    used: Used = field(default_factory=Used)
    running: list[Charge] = field(default_factory=list)
    short: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_SHORT))


class Meter:
    """By extension; bounded by the people who ever dialled."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    def _account(self, who: str) -> _Account:
        return self._accounts.setdefault(who, _Account())

    @property
    def people(self) -> list[str]:
        return list(self._accounts)

    def running(self) -> list[Charge]:
        """Every call out, answered or not, oldest first of each person."""
        return [one for account in self._accounts.values() for one in account.running]

    def begin(self, charge: Charge) -> None:
        """Somebody dials."""
        self._account(charge.who).running.append(charge)

    def end(self, charge: Charge, now: float) -> None:
        """It is over, answered or not; once."""
        account = self._account(charge.who)
        account.running.remove(charge)
        if charge.answered is not None:
            account.used.add(charge.seconds(now), charge.is_far, charge.is_free, charge.price)

    def recall(self, charge: Charge, seconds: float) -> None:
        """A talk of today, before a restart."""
        self._account(charge.who).used.add(seconds, charge.is_far, charge.is_free, charge.price)

    def new_day(self) -> None:
        """What is up now counts for the new day in full."""
        for account in self._accounts.values():
            account.used = Used()

    def used(self, who: str | None, now: float) -> Used:
        """Of one person, or of all of them, what is up included."""
        mine = [self._account(who)] if who is not None else list(self._accounts.values())
        total = Used()
        for account in mine:
            done = account.used
            total.seconds += done.seconds
            total.far += done.far
            total.money += done.money
            total.calls += done.calls
            for one in account.running:
                if one.answered is not None:
                    total.add(one.seconds(now), one.is_far, one.is_free, one.price)
        return total

    def count(self, who: str | None) -> int:
        """Calls out now."""
        return sum(who in (None, one.who) for one in self.running())

    def over(
        self, who: str, limits: Limits, office: Limits, charge: Charge, now: float
    ) -> Barred | None:
        """Why this call may not begin, or, once it was answered, not go on."""
        is_new = charge.answered is None
        for whose, most, names in ((who, limits, _OWN), (None, office, _OFFICE)):
            if is_new and most.at_once is not None and self.count(whose) >= most.at_once:
                return names[0]
            if charge.is_free:
                continue
            used = self.used(whose, now + AHEAD)
            if is_new:
                used.add(AHEAD, charge.is_far, False, charge.price)
                used.money += self._set_aside(whose)
            is_far_over = charge.is_far and _is_over(used.far, most.abroad)
            if is_far_over or _is_over(used.seconds, most.time):
                return names[1]
            if charge.price and _is_over(used.money, most.money):
                return names[2]
        return None

    def _set_aside(self, who: str | None) -> float:
        mine = (one for one in self.running() if who in (None, one.who))
        return sum(one.price for one in mine if one.answered is None and not one.is_free)

    def was_short(self, who: str, now: float, rule: Sudden) -> bool:
        """A short or refused call abroad; whether there are too many of them now."""
        short = self._account(who).short
        short.append(now)
        while short and now - short[0] > rule.within:
            short.popleft()
        return len(short) >= rule.calls

    def forget_short(self, who: str) -> None:
        """Begin to count again."""
        self._account(who).short.clear()

    def dump(self) -> dict[str, int]:
        """What calls hold."""
        return {"calls out": len(self.running())}


_OWN = (Barred.AT_ONCE, Barred.TIME, Barred.MONEY)
_OFFICE = (Barred.OFFICE_AT_ONCE, Barred.OFFICE_TIME, Barred.OFFICE_MONEY)


def _is_over(used: float, most: float | None) -> bool:
    return most is not None and used > most
