"""Is the provider there? OPTIONS now and then, and what silence means (RFC 3261 11).

Pure, as `registration.py`. Any answer but 503 and 408 is a sign of life, and so is every other
request or response of his. One question goes unanswered: the next follows within seconds. Three in
a row: he is down, and one answer brings him back.

A provider that never answered a question may just not answer questions: his trunk is then tried
after those that answer, and only left out when a call met silence too.
"""

from enum import Enum, auto

ANSWER_WITHIN = 4.0
"""Seconds: four repeats over UDP. Three silences take twelve, so half a minute between questions
tells of a death well within the minute."""
SILENCES = 3
WHILE_DOWN = 15.0
"""Seconds between questions to one who is down: back in service soon after he is back."""
NO_SERVICE = frozenset({408, 503})


class Health(Enum):
    """What is known of a provider."""

    UNKNOWN = auto()
    UP = auto()
    DOWN = auto()


class Watch:
    """`every`: seconds between two questions; None: nothing is asked."""

    def __init__(self, every: float | None, now: float) -> None:
        self._every = every
        self.health = Health.UNKNOWN
        self.silences = 0
        self.servers = 1
        """How many there are; each is asked in turn, and all must be silent."""
        self.was_heard = False
        """Of this provider's life something was heard since the start."""
        self.is_left_out = False
        """Calls do not go there."""
        self._is_asking = False
        self._next: float | None = None if every is None else now

    @property
    def deadline(self) -> float | None:
        """When `tick` is to be called."""
        return self._next

    def tick(self, now: float) -> bool:
        """Whether a question is to be sent now."""
        if self._next is None or now < self._next:
            return False
        if self._is_asking:
            self.silent(now)
            if self._next > now:
                return False
        self._is_asking, self._next = True, now + ANSWER_WITHIN
        return True

    def answered(self, status: int, now: float) -> None:
        """What our question was answered."""
        if status in NO_SERVICE:
            self.silent(now)
        else:
            self.heard(now)

    def heard(self, now: float) -> None:
        """He lives."""
        self.health, self.silences = Health.UP, 0
        self.was_heard, self.is_left_out, self._is_asking = True, False, False
        if self._every is not None:
            self._next = now + self._every

    def silent(self, now: float) -> None:
        """A question was not answered, or not well."""
        self._is_asking = False
        self.silences += 1
        if self.silences >= max(SILENCES, self.servers):
            self.health = Health.DOWN
            self.is_left_out = self.is_left_out or self.was_heard
        if self._every is None:
            return
        is_sure = self.health is Health.DOWN
        self._next = now + (min(self._every, WHILE_DOWN) if is_sure else 0.0)

    def stop(self) -> None:
        """Nothing is asked any more."""
        self._every = self._next = None

    def call_unanswered(self, now: float) -> None:
        """A call got no answer at all: ask now; and who answers neither is left out."""
        if self.health is Health.DOWN:
            self.is_left_out = self._every is not None
        elif self._every is not None and not self._is_asking:
            self._next = now
