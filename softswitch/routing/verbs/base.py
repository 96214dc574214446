"""What a verb declares. One declaration serves loader, check, simulator and runner.

A node of a route is a mapping with one verb key, the verb's options, and outcomes that point to
where the caller goes next: `{play: welcome, then: opening}`. A verb says which options and outcomes
there are, what an outcome means in plain words, and which outcomes end the call well.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from softswitch.office.fields import Model
from softswitch.office.models import Office
from softswitch.routing.caller import Caller
from softswitch.wording import Said

# Asked of whoever answers a phone outside the office.
ACCEPT, CALLER_IS, CLIENT_OF = "press_one_to_accept", "caller_is", "client_of"


class End(StrEnum):
    """How a call can end in a node."""

    TALK = "talk"  # a human answered
    MESSAGE = "message"  # a message is stored
    CALLBACK = "callback"  # a call back is promised, and stands on the list
    HANGUP = "hangup"  # the switch ended the call; whether that is right depends on the way here
    REFUSED = "refused"  # busy, because somebody wrote so
    UNHEARD = "unheard"  # the caller was asked for a message and left none, or it could not be kept
    LOST = "lost"  # nothing led on; a checked office never comes here


ACCEPTED_ENDS = frozenset({End.TALK, End.MESSAGE, End.CALLBACK, End.REFUSED, End.UNHEARD})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way to leave a node.

    `meaning` continues a story: "the caller waits and …". With `end` the call ends there unless a
    target is written; `is_final` allows none. `is_chosen`: the caller's own act (a key).
    `must_be_written`: `safe:` would hide a mistake here. `like`: unwritten, it goes where that
    other outcome of the verb goes.
    """

    name: str
    meaning: Said
    end: End | None = None
    is_final: bool = False
    is_chosen: bool = False
    must_be_written: bool = False
    like: str | None = None


class Need(StrEnum):
    """What a word of a node names."""

    PROMPT = "prompt"
    HOURS = "hours"
    PEOPLE = "people"  # a person or a group
    QUEUE = "queue"
    TEAM = "team"  # a person, a group or a queue
    MAILBOX = "mailbox"
    ROSTER = "roster"
    SWITCH = "switch"
    CONFERENCE = "conference"
    TRUNK = "trunk"  # a number outside that may be called
    CARETAKER = "caretaker"  # of the caller, by the office's contacts
    RECENT = "recent"  # whoever called the caller before
    VARIABLE = "variable"  # digits that the caller entered before


@dataclass(frozen=True, slots=True)
class Reference:
    """A word at `key` (and place in a list) of a node that must name something that exists."""

    need: Need
    word: str
    key: str
    index: int | None = None


class Shape(StrEnum):
    """How a node is drawn; one shape for each kind of act."""

    SPEECH = "speech"  # something is heard
    CHOICE = "choice"  # the caller's keys decide
    FORK = "fork"  # the time decides
    PHONE = "phone"  # somebody's phone rings
    LINE = "line"  # the caller waits in a line
    TAPE = "tape"  # a message is taken
    LINK = "link"  # merely leads on
    STOP = "stop"  # the call ends


class Options(Model):
    """The options of a verb; the verb's own key is one of them."""

    model_config = ConfigDict(populate_by_name=True)


OptionsT = TypeVar("OptionsT", bound=Options)


class Verb(ABC, Generic[OptionsT]):
    """One verb. Instances hold no state."""

    name: ClassVar[str]
    summary: ClassVar[str]
    example: ClassVar[str]
    outcomes: ClassVar[Sequence[Outcome]]
    shape: ClassVar[Shape] = Shape.SPEECH
    key_pattern: ClassVar[str | None] = None  # of outcomes that are keys of the telephone
    takes_names: ClassVar[bool] = False  # names of the office may be outcomes (`of_office`)
    link: ClassVar[str | None] = None  # the outcome whose target is the verb's own value
    options: type[OptionsT]

    def key_outcome(self, name: str) -> Outcome | None:
        """The outcome behind a key of the telephone, for verbs that have such."""
        return None

    def of_office(self, office: Office) -> Sequence[Outcome]:
        """Outcomes that this office adds; they exist only where a target is written."""
        return ()

    def implied(self, options: OptionsT, office: Office) -> Mapping[str, str]:
        """Keys of the caller that lead somewhere though nobody wrote it: outcome → node."""
        return {}

    def outcome(self, name: str, office: Office) -> Outcome | None:
        """The declaration of an outcome of this name, if the verb has one."""
        own = (*self.outcomes, *self.of_office(office))
        return next((o for o in own if o.name == name), None) or self.key_outcome(name)

    def references(self, options: OptionsT) -> Sequence[Reference]:
        """What must exist for this node to work."""
        return ()

    def possible(self, options: OptionsT) -> Sequence[Outcome]:
        """The outcomes that can happen with these options, keys aside."""
        return self.outcomes

    def longest(self, options: OptionsT, outcome: str, measure: "Measure") -> float:
        """Seconds after which the caller has left by this outcome, at worst."""
        return 0.0

    @abstractmethod
    def describe(self, options: OptionsT) -> Said:
        """The node in one line, for stories and traces."""

    def detail(self, options: OptionsT, office: Office) -> str:
        """What else is worth knowing in a drawing: a rule, a length of time; may be empty."""
        return ""

    @abstractmethod
    async def run(self, caller: Caller, options: OptionsT, context: "Context") -> str:
        """Do it; returns the name of one of the outcomes."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a verb may know besides the caller: the office, its node, the outcomes that lead on.

    `variables`: what the caller entered in this call, by name; a verb may add to it.
    """

    office: Office
    node: str
    targets: Mapping[str, str]
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a verb needs to say how long it takes. `prompt`: the seconds of a prompt."""

    office: Office
    prompt: Callable[[str], float]


AnyVerb = Verb[Any]


def asked_seconds(measure: Measure) -> float:
    """How long at most whoever answers outside is asked before he is no answer: three times, and
    the first time told who calls, twelve digits long, and whose client he is."""
    who = measure.prompt(CALLER_IS) + measure.prompt(CLIENT_OF) + 18 * measure.prompt("number_7")
    return who + 3 * (measure.prompt(ACCEPT) + 4.0)
