"""What the switch knows of people while it runs: who talks, since when somebody is idle.

Runtime state, apart from configuration: a reload leaves it alone. Bounded by the number of
extensions that ever took part in a call.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class Person:
    """One extension's state; times are monotonic seconds."""

    calls: int = 0
    rung: int = 0  # so many of them only ring
    idle_since: float = -inf  # he has had no call yet
    pause_until: float = 0.0


class People:
    """Extension → state."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._people: dict[str, Person] = {}
        # Told an extension and how many calls it has now, at each change. They must not wait.
        self.observers: list[Callable[[str, int], None]] = []

    def of(self, extension: str) -> Person:
        """The state of one extension, made on first use."""
        person = self._people.get(extension)
        if person is None:
            person = self._people[extension] = Person()
        return person

    def is_free(self, extension: str) -> bool:
        """Not in any call (ringing counts) and not in wrap-up."""
        person = self.of(extension)
        return person.calls == 0 and self._now() >= person.pause_until

    def is_talking(self, extension: str) -> bool:
        """In a call that does more than ring."""
        person = self.of(extension)
        return person.calls > person.rung

    def busy(self) -> list[str]:
        """Who is in a call or being rung."""
        return [extension for extension, person in self._people.items() if person.calls]

    def idle_seconds(self, extension: str) -> float:
        return self._now() - self.of(extension).idle_since

    def remember(self, extension: str, idle: float, pause: float) -> None:
        """What was before a restart: idle for so many seconds, and in wrap-up for so many more."""
        person = self.of(extension)
        person.idle_since, person.pause_until = self._now() - idle, self._now() + pause

    @contextmanager
    def occupied(self, extension: str, wrap_up: float = 0.0) -> Iterator[None]:
        """The person is in a call for as long as this lasts, and `wrap_up` seconds after it."""
        self._begin(extension)
        try:
            yield
        finally:
            self._end(extension, wrap_up)

    def _begin(self, extension: str) -> None:
        person = self.of(extension)
        person.calls += 1
        self._tell(extension, person)

    def _end(self, extension: str, wrap_up: float = 0.0) -> None:
        person, now = self.of(extension), self._now()
        person.calls -= 1
        self._tell(extension, person)
        person.idle_since = now
        person.pause_until = max(person.pause_until, now + wrap_up)

    def _tell(self, extension: str, person: Person) -> None:
        for observer in self.observers:
            observer(extension, person.calls)

    @contextmanager
    def all_occupied(self, extensions: Iterable[str]) -> Iterator[None]:
        """Several people at once, while a call rings them all."""
        rung: list[str] = []
        try:
            for extension in extensions:
                self.of(extension).rung += 1
                rung.append(extension)
                self._begin(extension)
            yield
        finally:
            for extension in reversed(rung):
                self._end(extension)
                self.of(extension).rung -= 1
