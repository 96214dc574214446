"""The world of a simulated call, and the story that comes of it: plain values."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from softswitch.routing.caller import CallerGone
from softswitch.routing.runner import RouteResult
from softswitch.wording import Said, say


@dataclass(frozen=True, slots=True)
class Situation:
    """The world in which a call happens.

    `away`: no phone registered. `logged_out`: of the queues. `busy`: in another call. `silent`:
    rings and nobody answers.
    `keys`: pressed one after the other, each where a key is asked for; `-` presses none there.
    `full`: queues without a free place. `on`: switches that are. `answer`: of other systems that a
    route asks. `client`: his caretaker, as another system would tell him. `recent`: who called him
    a while ago. `patience`: the caller hangs up after so long.
    """

    at: datetime
    number: str | None = None
    keys: str = ""
    away: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    logged_out: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    answer: str | None = None
    client: str | None = None
    recent: str | None = None
    leaves_message: bool = True
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trace: the moment, where, and what happened."""

    at: datetime
    node: str
    text: Said

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The line as it is printed."""
        text = self.text.in_language(language)
        return f"{self.at:%H:%M:%S}  {self.node:<16} {text}".rstrip()


@dataclass(frozen=True, slots=True)
class Story:
    """A simulated call. `result` is None when the caller gave up.

    `called`: the number. `answered_by`: an extension. `mailbox`: where a message was left.
    `waited`: seconds to the human, to the tone, or to the end. `heard`: prompts, in order.
    """

    called: str
    lines: tuple[Line, ...]
    result: RouteResult | None
    waited: float
    answered_by: str | None = None
    mailbox: str | None = None
    heard: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The day, then a line for each thing that happened, with its time."""
        day = [say("day", at=self.lines[0].at).in_language(language)] if self.lines else []
        return "\n".join([*day, *(line.in_language(language) for line in self.lines)])


@dataclass(slots=True)
class Trace:
    """The lines of a call while it is simulated, and its clock."""

    clock: datetime
    began: datetime
    patience: timedelta | None = None
    node: str = ""
    answered_by: str | None = None
    mailbox: str | None = None
    waited: float | None = None
    heard: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def tell(self, text: Said) -> None:
        self.lines.append(Line(self.clock, self.node, text))

    def reached(self) -> None:
        """The waiting is over: a human, or the tone of a mailbox."""
        self.waited = (self.clock - self.began).total_seconds()

    def spend(self, duration: timedelta) -> None:
        """Let time pass; a caller whose patience ends on the way hangs up then."""
        self.clock += duration
        if self.patience is not None and self.clock - self.began > self.patience:
            self.clock = self.began + self.patience
            self.tell(say("hangs_up"))
            raise CallerGone
