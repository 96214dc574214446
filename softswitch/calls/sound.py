"""The sound of one leg, as the call sees it: play, listen for keys, record, join.

An asyncio face over the media engine's one door, `media.api`. A `Sound` is one leg's row in the
engine; the `SoundDesk` opens them and hands each event of the engine to the row it is about.
Nothing here knows SIP.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media.api import (
    Bridge,
    CloseLeg,
    Digit,
    Echo,
    Event,
    Failed,
    GetStats,
    Latched,
    Late,
    LegClosed,
    LegStats,
    MediaClient,
    MediaError,
    Music,
    PacketLoop,
    Play,
    PlayEnd,
    PlayEnded,
    Poor,
    Protect,
    SendDigits,
    Silent,
    Stats,
    StopMusic,
    StopPlay,
    Unbridge,
    WorkerDied,
    WorkerLost,
    WorkerRepaired,
)
from softswitch import metrics
from softswitch.calls.agreed import in_engine_words
from softswitch.calls.key_once import KeyOnce
from softswitch.calls.recording import Recording, Recordings, SoundError
from softswitch.log import get_logger
from softswitch.sip.offer_answer import AudioStream

__all__ = ["Played", "Recording", "Sound", "SoundDesk", "SoundError"]

_log = get_logger("calls.sound")

# Keys pressed ahead of a menu that are kept; more than anybody types on purpose.
MAX_KEYS_AHEAD = 32
COMPLAIN_EVERY = 10.0

_HANDED = (Digit, Latched, PlayEnded, Poor, Silent, LegClosed, Stats, Failed)


@dataclass(frozen=True, slots=True)
class Played:
    """How a prompt ended; `reason` is the engine's: finished, stopped, digit, error."""

    reason: str
    error: str = ""

    @property
    def was_interrupted_by_key(self) -> bool:
        return self.reason == "digit"


class Sound:
    """One leg's place in the media engine."""

    def __init__(self, desk: "SoundDesk", leg: int, host: str, port: int) -> None:
        self._desk = desk
        self.host = host  # our address
        self.leg = leg
        self.port = port
        self._keys: asyncio.Queue[str] | None = None
        self.latched = asyncio.Event()
        self.stats: LegStats | None = None
        self.on_silent: Callable[[float], None] | None = None
        self.on_lost: Callable[[], None] | None = None
        self.on_closed: Callable[[LegStats], None] | None = None
        self.on_poor: Callable[[Poor], None] | None = None
        # Takes the keys of one who talks, and whether whoever he talks with heard them already.
        self.on_key: Callable[[str, bool], None] | None = None
        self._once = KeyOnce()
        self._measures: list[Callable[[LegStats], None]] = []
        self._plays: dict[int, asyncio.Future[Played]] = {}
        self._is_closed = False

    @property
    def keys(self) -> asyncio.Queue[str]:
        """Those that nobody has taken yet. Made when one is pressed or waited for: most legs talk,
        and nobody presses anything."""
        if self._keys is None:
            self._keys = asyncio.Queue(MAX_KEYS_AHEAD)
        return self._keys

    def connect(self, stream: AudioStream) -> None:
        """Tell the engine what the offer/answer agreed on."""
        if self._is_closed:
            return
        self._desk.send(in_engine_words(self.leg, stream))

    async def play(
        self, items: Sequence[str], *, barge: bool = False, over: bool = False
    ) -> Played:
        """Play files or tones toward the leg, one after the other, and wait for their end; `over`
        whoever he talks with, who is still heard, but softer."""
        if self._is_closed or not items:
            return Played("stopped")
        play = self._desk.new_id()
        done: asyncio.Future[Played] = asyncio.get_running_loop().create_future()
        self._plays[play] = done
        self._desk.send(Play(self.leg, play, tuple(items), barge=barge, over=over))
        try:
            return await done
        finally:
            # The prompt is left before its end: a key, a hang-up or the caller's turn.
            if self._plays.pop(play, None) is not None and not self._is_closed:
                self._desk.send(StopPlay(leg=self.leg))

    def loop(self, items: Sequence[str]) -> None:
        """Play over and over (ringing, busy) until the next play or `quiet`."""
        self.begin(items, loop=True)

    def begin(self, items: Sequence[str], *, loop: bool = False, over: bool = False) -> None:
        """Play, and wait for nothing."""
        if items and not self._is_closed:
            play = self._desk.new_id()
            self._desk.send(Play(self.leg, play, tuple(items), loop=loop, over=over))

    def quiet(self) -> None:
        """Stop what is being played over and over."""
        if not self._is_closed:
            self._desk.send(StopPlay(leg=self.leg))

    def music(self, path: str | None) -> None:
        """Music under everything; it waits in its place while a prompt plays."""
        if path is not None and not self._is_closed:
            self._desk.send(Music(leg=self.leg, path=path))

    def stop_music(self) -> None:
        if not self._is_closed:
            self._desk.send(StopMusic(leg=self.leg))

    def echo(self, on: bool) -> None:
        """The caller hears himself."""
        if not self._is_closed:
            self._desk.send(Echo(leg=self.leg, on=on))

    def record(self, path: str, *, longest: float, silence: float) -> Recording:
        """Record what this leg says, until `longest` seconds or `silence` seconds of quiet."""
        return self._desk.recordings.message(self, path, longest=longest, silence=silence)

    def rehost(self, host: str) -> None:
        """Speak and listen at another address of this machine, on the same port."""
        if not self._is_closed:
            self.host = host
            self._desk.rehost(self.leg, host)

    def protect(self) -> None:
        """Whoever speaks here is never recorded nor listened to: the engine refuses it."""
        if not self._is_closed:
            self._desk.send(Protect(leg=self.leg))

    def close(self) -> None:
        """Give the row and its port back; unfinished plays end as stopped."""
        if not self._is_closed:
            self._is_closed = True
            self._desk.send(CloseLeg(leg=self.leg))
            self._let_go("stopped")

    def lost(self) -> None:
        """The engine died, and the row with it; the leg decides what that means for its call."""
        self._is_closed = True
        on_lost = self.on_lost
        self._let_go("error")
        if on_lost is not None:
            on_lost()

    def _let_go(self, reason: str) -> None:
        self.fail_plays(reason)
        self._measures.clear()
        self.on_silent = self.on_lost = self.on_key = None

    def measure(self, tell: Callable[[LegStats], None]) -> None:
        """Ask the engine what it counted; `tell` is not called if the leg is closed before."""
        if not self._is_closed:
            self._measures.append(tell)
            self._desk.send(GetStats(leg=self.leg))

    def measured(self, stats: LegStats) -> None:
        self.stats = stats
        waiting, self._measures = self._measures, []
        for tell in waiting:
            tell(stats)

    def fail_plays(self, reason: str) -> None:
        """End every wait for a prompt."""
        for done in self._plays.values():
            if not done.done():
                done.set_result(Played(reason))
        self._plays.clear()

    def play_ended(self, event: PlayEnded) -> None:
        done = self._plays.pop(event.play, None)
        if done is not None and not done.done():
            done.set_result(Played(event.reason.value, event.error))
        if event.reason is PlayEnd.ERROR:
            _log.error("a prompt could not be played", leg=self.leg, error=event.error)

    def key_pressed(self, key: str, is_heard: bool = False) -> None:
        """A key from SIP INFO, or from the sound itself (RFC 4733, or a tone), which a bridge
        carries on. By both ways it is one key. Past the bound the newest is dropped.
        """
        if self._once.is_again(key, is_heard, asyncio.get_running_loop().time()):
            return
        if self.on_key is not None:
            self.on_key(key, is_heard)
        elif not self.keys.full():
            self.keys.put_nowait(key)

    def send_key(self, key: str) -> None:
        """Press a key toward the leg: as an event, or as a tone where none was agreed on."""
        if not self._is_closed:
            self._desk.send(SendDigits(leg=self.leg, digits=key))

    def forget_keys(self) -> None:
        """Drop keys typed ahead, so that they answer no later question."""
        while self._keys is not None and not self._keys.empty():
            self._keys.get_nowait()


class SoundDesk:
    """Opens sounds, joins them, and hands the engine's events out."""

    def __init__(self, media: MediaClient) -> None:
        self._media = media
        self._sounds: dict[int, Sound] = {}
        self.recordings = Recordings(media)
        self._refused, self._complain_again = 0, 0.0
        media.on_event = self._on_event

    @property
    def send(self) -> Callable[..., None]:
        return self._media.send

    @property
    def rehost(self) -> Callable[[int, str], None]:
        return self._media.rehost

    def new_id(self) -> int:
        """An id nobody used yet in this process."""
        return self._media.new_id()

    async def open(self, host: str, beside: Sound | None = None) -> Sound:
        """A new row bound to `host`; waits for a worker that is being started anew. `beside`: whom
        it will talk with, whose worker it should share.

        Raises `SoundError` when no port is free, or no worker comes.
        """
        try:
            leg = await self._media.open_leg(host, beside.leg if beside is not None else None)
        except MediaError as error:
            self._complain(str(error))
            raise SoundError(str(error)) from error
        sound = Sound(self, leg.id, host, leg.port)
        self._sounds[leg.id] = sound
        return sound

    def _complain(self, why: str) -> None:
        """In an overload every call would write this line."""
        self._refused += 1
        now = asyncio.get_running_loop().time()
        if now >= self._complain_again:
            _log.error("no sound for a leg", why=why, legs=self._refused)
            self._refused, self._complain_again = 0, now + COMPLAIN_EVERY

    def join(self, a: Sound, b: Sound) -> int:
        """Let two legs hear each other; returns the bridge for `part`."""
        bridge = self.new_id()
        self.send(Bridge(bridge=bridge, legs=(a.leg, b.leg)))
        return bridge

    def part(self, bridge: int) -> None:
        """Nobody of this bridge hears the other any more."""
        self.send(Unbridge(bridge=bridge))

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Failed):
            _log.warning("the media engine refuses", command=event.command, why=event.reason)
            self.recordings.take(event)
        if isinstance(event, _HANDED):
            sound = self._sounds.get(event.leg) if event.leg is not None else None
            if sound is not None:
                self._hand(sound, event)
        else:
            self.recordings.take(event)
            self._hear_of_workers(event)

    def _hear_of_workers(self, event: Event) -> None:
        match event:
            case WorkerDied(reason, legs):
                metrics.media_workers_lost.inc()
                _log.error("a media worker died", legs=legs, why=reason)
            case WorkerRepaired(process, legs, seconds):
                _log.warning("another media worker has taken over", process=process, legs=legs,
                             after=seconds)  # fmt: skip
            case PacketLoop(is_compiled, reason):
                metrics.media_compiled.set(is_compiled)
                if is_compiled:
                    _log.info("the packet loop is compiled")
                else:
                    _log.warning("the packet loop runs as Python: sound costs more", why=reason)
            case Late(ticks, seconds):
                metrics.media_late_ticks.inc(ticks)
                _log.warning("sound was late", ticks=ticks, worst=seconds)
            case WorkerLost():
                self._lose(event)

    def _hand(self, sound: Sound, event: Event) -> None:
        match event:
            case Digit(digit=digit):
                sound.key_pressed(digit, is_heard=True)
            case Latched():
                sound.latched.set()
            case PlayEnded():
                sound.play_ended(event)
            case Silent(seconds=seconds):
                if sound.on_silent is not None:
                    sound.on_silent(seconds)
            case Poor():
                if sound.on_poor is not None:
                    sound.on_poor(event)
            case Stats(stats=stats):
                sound.measured(stats)
            case Failed(command="Play"):
                sound.fail_plays("error")
            case LegClosed(stats=stats):
                sound.stats = stats
                self._sounds.pop(sound.leg, None)
                on_closed, sound.on_closed, sound.on_poor = sound.on_closed, None, None
                if on_closed is not None:
                    on_closed(stats)
            case Failed(command="CloseLeg"):
                self._sounds.pop(sound.leg, None)

    def _lose(self, event: WorkerLost) -> None:
        """No worker could take these legs over: what hung on them ends now."""
        _log.error("legs have lost their sound", legs=len(event.legs), why=event.reason)
        for leg in event.legs:
            sound = self._sounds.pop(leg, None)
            if sound is not None:
                sound.lost()

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when no call is up."""
        return {"sounds": len(self._sounds), "recordings": len(self.recordings)}
