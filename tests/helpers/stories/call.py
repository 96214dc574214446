"""One call of a story's phone: its dialog, and the phone's own log of what happened when."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from tests.live import sip_text
from tests.live.sip_text import Message

if TYPE_CHECKING:
    from tests.helpers.stories.phone import Phone

FIRST_PORT = 40_000  # of the virtual media engine; its rows take two ports each


class State(Enum):
    """As the phone believes."""

    DIALLED = auto()
    RINGS = auto()
    UP = auto()
    OVER = auto()


@dataclass(slots=True, eq=False)
class Call:
    """See the module's docstring. `who`: the extension, or the number on the trunk."""

    phone: "Phone"
    who: str
    id: str
    is_outgoing: bool
    invite: Message
    number: str = ""  # dialled
    tag: str = ""
    target: str = ""  # the far Contact
    far: str = ""  # the far side's From or To, with its tag
    cseq: int = 1
    state: State = State.DIALLED
    direction: str = "sendrecv"
    host: str = "127.0.0.1"
    row: int | None = None  # in the media engine, by the port that the switch described
    is_given_up: bool = False
    ended_here: bool = False
    has_replaces: bool = False
    final: int = 0
    began: float = 0.0
    up: float | None = None
    over: float | None = None
    referred: float | None = None  # asked for a transfer
    # When this phone began and ended to hold; the last one may be open.
    holds: list[list[float]] = field(default_factory=list)
    rseq: int = 0
    acks: dict[int, Message] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.phone.name}/{self.id[-4:]}"

    @property
    def is_up(self) -> bool:
        return self.state is State.UP

    @property
    def is_ringing(self) -> bool:
        return self.state is State.RINGS

    def learn(self, message: Message) -> None:
        """Where the far side is, and its row in the media engine."""
        contact = message.get("Contact")
        if contact:
            self.target = sip_text.uri_of(contact)
        self.far = message.get("To" if self.is_outgoing else "From") or self.far
        sound = sip_text.sound_of(message.body) if message.body else None
        if sound is not None:
            self.row = (sound.port - FIRST_PORT) // 2

    def describe(self) -> bytes:
        """Our sound now."""
        return sip_text.describe_sound(
            self.host, self.phone.port + 1, ("PCMA",), self.direction, self.cseq
        )

    def set_direction(self, direction: str, host: str, now: float) -> None:
        """Hold, or take back."""
        is_hold = direction in ("sendonly", "inactive") or host == "0.0.0.0"
        was_hold = bool(self.holds) and len(self.holds[-1]) == 1
        self.direction, self.host = direction, host
        if is_hold and not was_hold:
            self.holds.append([now])
        elif was_hold and not is_hold:
            self.holds[-1].append(now)

    def end(self, now: float) -> None:
        if self.state is not State.OVER:
            self.state, self.over = State.OVER, now
            if self.holds and len(self.holds[-1]) == 1:
                self.holds[-1].append(now)

    @property
    def replaces(self) -> str:
        """A Replaces value that names this dialog, as the switch reads it."""
        far, mine = sip_text.parameter(self.far, "tag"), self.tag
        return f"{self.id};to-tag={far};from-tag={mine}"
