"""What the engine remembers of a leg besides its row. Behaviour is in the files that use it."""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.commands import Play, SetRemote
from media.dtmf import DIGITS, DigitReceiver, DigitSender, EventPacket
from media.inband import ToneReceiver
from media.latch import Latch
from media.line import Line
from media.outflow import Outflow
from media.passes.play import Voice
from media.reports import Reports
from media.rows import HEADER, Rows
from media.sockets import LegSockets
from media.srtp import Srtp

# A comma in digits to be sent, as modems and phone books mean it: half a second, in 20 ms steps.
PAUSE_STEPS: Final = 25
# More digits than any number, account or conference code has.
MAX_KEYS: Final = 128


@dataclass(frozen=True, slots=True)
class PassedKey:
    """A key that is held down on one side and told to the other."""

    source: int
    """The RTP timestamp of its beginning, as it came."""
    out: int
    """And as it goes."""


def checked_keys(digits: str, waiting: int = 0) -> str:
    """In capitals. ValueError: a key that no phone has, or too many beside those that wait."""
    digits = digits.upper()
    wrong = set(digits) - set(DIGITS) - {","}
    if wrong:
        raise ValueError(f"{min(wrong)!r} is not a telephone key")
    if waiting + len(digits) > MAX_KEYS:
        raise ValueError(f"more than {MAX_KEYS} digits at once")
    return digits


class Output(Enum):
    """What makes the packets that go to the leg."""

    NOTHING = "nothing"
    DIGITS = "digits"
    VOICE = "voice"  # a play, or music
    FORWARD = "forward"  # another leg's packets as they arrive
    MIX = "mix"


class Keys:
    """Digits on their way to the leg, with pauses."""

    def __init__(self, duration_ms: int, gap_ms: int, unit: int = 1) -> None:
        self._sender = DigitSender(duration_ms, gap_ms, unit=unit)
        self._pieces: deque[str] = deque()
        self._pause = 0

    @property
    def is_busy(self) -> bool:
        return bool(self._pieces) or self._pause > 0 or self._sender.is_busy

    def push(self, digits: str) -> None:
        """ValueError: a key that no phone has, or too many of them."""
        self._pieces.extend(checked_keys(digits, len(self._pieces)))

    def step(self, timestamp: int) -> EventPacket | None:
        """One 20 ms step; None: silence."""
        if self._pause:
            self._pause -= 1
            return None
        if not self._sender.is_busy and self._pieces:
            piece = self._pieces.popleft()
            if piece == ",":
                self._pause = PAUSE_STEPS - 1
                return None
            self._sender.push(piece)
        return self._sender.step(timestamp)


class Leg:
    """One side of a call, as the engine sees it."""

    __slots__ = (
        *("number", "row", "sockets", "line", "reports", "began_at", "remote", "latch", "outflow"),
        *("srtp", "passed_key", "packet", "payload"),
        *(
            "output",
            "keys",
            "receiver",
            "tones",
            "key_voice",
            "is_echo",
            "play",
            "music",
            "tail",
        ),
    )

    def __init__(
        self, number: int, rows: Rows, row: int, sockets: LegSockets, line: Line, now: float
    ) -> None:
        self.number = number
        self.row = row
        # What is sent to it in a tick: header and payload, and the payload.
        self.packet = memoryview(rows.packets[row].data)
        self.payload = self.packet[HEADER:]
        self.sockets = sockets
        self.line = line
        self.reports = Reports()
        # When it was opened, then when something was agreed on first.
        self.began_at = now
        self.remote: SetRemote | None = None
        self.latch: Latch | None = None
        self.outflow: Outflow | None = None
        self.srtp: Srtp | None = None
        # The key of another leg that this one is being told of (media/singles.py).
        self.passed_key: PassedKey | None = None
        self.output = Output.NOTHING
        self.keys: Keys | None = None
        self.receiver = DigitReceiver()
        # Keys in the sound: of the far phone, and those that it is sent.
        self.tones = ToneReceiver()
        self.key_voice: Voice | None = None
        self.is_echo = False
        self.play: PlayState | None = None
        self.music: MusicState | None = None
        # The falling end of a sound that was cut off; heard under what comes next.
        self.tail: NDArray[np.int16] | None = None

    @property
    def voice(self) -> Voice | None:
        """The sound that the leg hears now; a play covers the music once it is read, and keys that
        are sent as tones cover all.
        """
        if self.key_voice is not None:
            return self.key_voice
        if self.play is not None and self.play.voice is not None:
            return self.play.voice
        return self.music.voice if self.music is not None else None

    @property
    def is_played_over(self) -> bool:
        """Whether the sound is laid over the bridge instead of covering it."""
        play = self.play if self.key_voice is None else None
        return play is not None and play.voice is not None and play.is_over_bridge

    @property
    def sends_tones(self) -> bool:
        """Whether its keys come in the sound: no telephone events were agreed on."""
        remote, line = self.remote, self.line
        return remote is not None and remote.tones and remote.receive and line.event_in is None

    @property
    def is_sent_to(self) -> bool:
        return self.remote is not None and self.remote.send

    @property
    def is_listened_to(self) -> bool:
        return self.remote is not None and self.remote.receive


class PlayState:
    """A Play command being carried out; `voice` is None until its files are read."""

    __slots__ = ("is_barge", "is_loop", "is_over_bridge", "items", "number", "voice")

    def __init__(self, command: Play) -> None:
        self.number = command.play
        self.items = command.items
        self.is_loop = command.loop
        self.is_barge = command.barge
        self.is_over_bridge = command.over
        self.voice: Voice | None = None


class MusicState:
    """Music of a leg; its voice keeps the place while a play covers it."""

    __slots__ = ("path", "voice", "volume_db")

    def __init__(self, path: str, volume_db: float) -> None:
        self.path = path
        self.volume_db = volume_db
        self.voice: Voice | None = None
