"""The words that pass the door of the media engine: commands in, events out, as plain values.

Nothing here does anything. Leg, bridge, play and recording numbers are chosen by the control
side; times are seconds unless the name says otherwise. This file must not know how the words
travel (media/wire.py) nor who obeys them (media/engine.py).
"""

from enum import StrEnum

from media.measured import Poor, Rated
from media.recording_commands import (
    PauseRecording,
    Protect,
    Rechannel,
    Record,
    RecordingEnded,
    RecordingTrouble,
    ResumeRecording,
    StopRecording,
)
from media.srtp_commands import Rolled, SrtpKeys
from media.words import Value, Word


class PlayEnd(StrEnum):
    """Why a play stopped."""

    FINISHED = "finished"
    STOPPED = "stopped"  # StopPlay, a newer Play, or the leg was closed
    DIGIT = "digit"  # barge-in
    ERROR = "error"


class MediaSettings(Word, frozen=True):
    """How a worker is started. Ports are RTP on even numbers, RTCP on the odd one above."""

    rtp_low: int = 10000
    rtp_high: int = 20000
    workers: int = 1
    spare: bool = True  # one more, warmed up, takes a dead one's place at once
    country: str = "PL"
    drain_seconds: float = 3.0  # a closed port is not given out again before this
    silent_seconds: float = 10.0  # no RTP for so long: one Silent event
    rtcp_seconds: float = 5.0
    cname: str = "softswitch"
    native: bool = True  # the packet loop is compiled, once and beside the calls (media/native)
    native_cache: str = ""  # folder of what is compiled; "": the user's


class LegStats(Value, frozen=True):
    """What was measured on a leg since it was opened. None = not measured."""

    packets_in: int = 0
    packets_out: int = 0
    octets_in: int = 0  # payload octets, headers not counted (RFC 3550 section 6.4.1)
    octets_out: int = 0
    lost_in: int = 0
    late_in: int = 0
    duplicate_in: int = 0
    strangers: int = 0  # dropped: wrong source, not RTP, or a payload type nobody agreed to
    jitter_ms: float | None = None
    concealed_ms: int | None = None  # None: the leg was never decoded, only forwarded
    round_trip_ms: float | None = None
    loss_remote: float | None = None  # fraction 0..1 of our packets, from their last report
    seconds: float = 0.0  # since something was agreed on first
    rated: Rated = Rated()


# --- commands -----------------------------------------------------------------------------


class OpenLeg(Word, frozen=True):
    """Take a row and a port pair on the local address `host`. -> LegOpened | Failed

    `port`: exactly this one; the far phone sends there already. 0: any that is free.
    """

    leg: int
    host: str
    port: int = 0


class OtherCodec(Value, frozen=True):
    """A codec of an agreement beside the first, and the telephone events of its clock."""

    codec: str
    payload_type: int
    clock: int = 8000
    dtmf_send: int | None = None
    dtmf_receive: int | None = None
    dtmf_clock: int = 8000


class SetRemote(Word, frozen=True):
    """What an offer and its answer agreed to. Sent again after each of them.

    `host` and `port` are hints: the first valid source is latched, the signalled one preferred.
    `send`: we may send to the far side. `receive`: we listen to it. With `strict_source` only
    the signalled host is ever accepted. `codec`, its RTP `clock` and `payload_type`; `others` are
    the codecs that the far side may send instead: when it does, we follow. `noise_type`: comfort
    noise (RFC 3389). `srtp`: both directions are encrypted, RTCP too. `tones`: where no telephone
    events are received, keys are listened for in the sound. `xr`: reports have RFC 3611's VoIP
    metrics with them. `most_bits`: of a codec that can do with less (Opus, RFC 7587 6.1), a second.
    """

    leg: int
    host: str
    port: int
    rtcp_host: str = ""
    rtcp_port: int = 0  # 0: RTP port + 1
    codec: str = "PCMA"
    payload_type: int = 8
    dtmf_send: int | None = None
    dtmf_receive: int | None = None
    ptime: int = 20
    send: bool = True
    receive: bool = True
    strict_source: bool = False
    clock: int = 8000
    dtmf_clock: int = 8000
    others: tuple[OtherCodec, ...] = ()
    noise_type: int | None = None
    srtp: SrtpKeys | None = None
    tones: bool = False
    xr: bool = False
    most_bits: int | None = None


class Hearing(Value, frozen=True):
    """Whom a leg of a bridge hears: exactly `whom`, which may be nobody."""

    leg: int
    whom: tuple[int, ...]


class Bridge(Word, frozen=True):
    """These legs hear each other. The same bridge again replaces its members (a transfer).

    Who is named in `hears` hears exactly those; everybody else hears all the others. So, of a
    caller c and an agent a with a supervisor s in legs (c, a, s):
    listen is hears c: a, a: c; whisper to the agent is hears c: a; barge is without any.
    Nobody hears the `muted`; they hear as before. Of more than eight only the loudest are mixed.
    Three with `hears` are refused when one of them is privileged (`Protect`).
    """

    bridge: int
    legs: tuple[int, ...]
    hears: tuple[Hearing, ...] = ()
    muted: tuple[int, ...] = ()


class Unbridge(Word, frozen=True):
    bridge: int


class Play(Word, frozen=True):
    """Play items, one after the other without a gap, toward the leg; -> PlayEnded.

    An item is the absolute path of an audio file, "tone:ringing|busy|congestion|record" or
    "silence:MILLISECONDS". A play covers music, echo and the bridge while it lasts.
    `barge`: the first digit stops it. `over`: the bridge is still heard, at half its loudness,
    under it; only this leg hears the play (an announcement into one ear).
    """

    leg: int
    play: int
    items: tuple[str, ...]
    loop: bool = False
    barge: bool = False
    over: bool = False


class StopPlay(Word, frozen=True):
    leg: int


class Music(Word, frozen=True):
    """Endless music toward the leg, covering its bridge; its place is kept under a Play.

    A file that cannot be read: PlayEnded with play 0 and reason "error".
    """

    leg: int
    path: str
    volume_db: float = 0.0


class StopMusic(Word, frozen=True):
    leg: int


class SendDigits(Word, frozen=True):
    """Keys toward the leg: 0-9 * # A-D, a comma waits half a second.

    As telephone events (RFC 4733), or as tones over what it hears if its phone takes none.
    """

    leg: int
    digits: str
    duration_ms: int = 160
    gap_ms: int = 80


class Echo(Word, frozen=True):
    leg: int
    on: bool


class GetStats(Word, frozen=True):
    """-> Stats"""

    leg: int


class CloseLeg(Word, frozen=True):
    """Out of its bridge, plays and recordings, RTCP BYE, ports drained; -> LegClosed

    `moves`: without BYE, because another worker opens it again on the same ports.
    """

    leg: int
    moves: bool = False


class SetCountry(Word, frozen=True):
    """Whose call progress tones are played: "PL", "GB", "US", ..."""

    tones: str


Command = (
    OpenLeg
    | SetRemote
    | Bridge
    | Unbridge
    | Play
    | StopPlay
    | Music
    | StopMusic
    | SendDigits
    | Echo
    | Record
    | Rechannel
    | PauseRecording
    | ResumeRecording
    | StopRecording
    | Protect
    | GetStats
    | CloseLeg
    | SetCountry
)

# --- events -------------------------------------------------------------------------------


class WorkerReady(Word, frozen=True):
    """The worker listens. The first event of its life."""

    process: int


class PacketLoop(Word, frozen=True):
    """In which form the packet loop runs from now on: compiled, or as Python, and why so."""

    is_compiled: bool
    reason: str = ""


class LegOpened(Word, frozen=True):
    leg: int
    port: int  # RTP; RTCP is port + 1


class Failed(Word, frozen=True):
    """A command was not obeyed. `command` is its name; `leg` or `recording` what it spoke of."""

    command: str
    leg: int | None
    reason: str
    recording: int | None = None


class LegClosed(Word, frozen=True):
    leg: int
    stats: LegStats


class PlayEnded(Word, frozen=True):
    leg: int
    play: int
    reason: PlayEnd
    error: str = ""


class Digit(Word, frozen=True):
    """One key pressed on the far phone: events however often repeated, or a tone in its sound."""

    leg: int
    digit: str
    duration_ms: int


class Latched(Word, frozen=True):
    """RTP of this leg now comes from (and goes to) an address that was not signalled."""

    leg: int
    host: str
    port: int


class Silent(Word, frozen=True):
    """No RTP for so long. Said once, until RTP comes again."""

    leg: int
    seconds: float


class Stats(Word, frozen=True):
    leg: int
    stats: LegStats


class Late(Word, frozen=True):
    """Ticks that ran more than a tick too late within a second: how many, and by how much the worst
    did. The machine was busy with something else, or we were.
    """

    ticks: int
    seconds: float


class WorkerDied(Word, frozen=True):
    """A worker process ended though nobody asked it to; another one is to take its legs over."""

    reason: str
    legs: int


class WorkerRepaired(Word, frozen=True):
    """Another worker has taken the legs over, on the same ports."""

    process: int
    legs: int
    seconds: float  # since the other one died


class WorkerLost(Word, frozen=True):
    """These legs are gone: their worker died and nobody could take them over."""

    reason: str
    legs: tuple[int, ...] = ()


Event = (
    WorkerReady
    | PacketLoop
    | LegOpened
    | Failed
    | LegClosed
    | PlayEnded
    | RecordingEnded
    | RecordingTrouble
    | Digit
    | Latched
    | Rolled
    | Silent
    | Poor
    | Stats
    | Late
    | WorkerDied
    | WorkerRepaired
    | WorkerLost
)
