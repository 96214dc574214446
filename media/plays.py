"""Plays and music of the legs: begun when their sound is read, ended once, said once.

Whoever changes a leg's sound here has its output decided anew afterwards (media/outputs.py).
"""

from collections.abc import Callable

from media.codecs.format import TICKS
from media.commands import Event, Music, Play, PlayEnd, PlayEnded
from media.legs import Leg, MusicState, Output, PlayState
from media.outputs import Outputs
from media.passes.play import Voice
from media.sounds import Loader, Sound, SoundJob


class Plays:
    def __init__(self, emit: Callable[[Event], None], outputs: Outputs, country: str) -> None:
        self._emit = emit
        self._outputs = outputs
        self.country = country
        self._loader = Loader()
        self._loader.start()

    def start(self, leg: Leg, command: Play) -> None:
        """Replaces the leg's current play; sounds once the items are read."""
        self.end(leg, PlayEnd.STOPPED)
        leg.play = PlayState(command)
        self._ask_play(leg, leg.play)

    def _ask_play(self, leg: Leg, play: PlayState) -> None:
        self._loader.ask(self._job(leg, play.number, play.items))

    def _job(
        self, leg: Leg, play: int | None, items: tuple[str, ...], volume_db: float = 0.0
    ) -> SoundJob:
        line = leg.line
        rate = line.format.rate
        return SoundJob(leg.number, play, items, line.sound_law, self.country, volume_db, rate)

    def set_music(self, leg: Leg, command: Music) -> None:
        """The same music again goes on where it is; other music takes its place once it is read."""
        before, path, volume = leg.music, command.path, command.volume_db
        if before is not None and (before.path, before.volume_db) == (path, volume):
            return
        leg.music = MusicState(path, volume)
        leg.music.voice = before.voice if before is not None else None
        self._ask_music(leg, leg.music)

    def _ask_music(self, leg: Leg, music: MusicState) -> None:
        self._loader.ask(self._job(leg, None, (music.path,), music.volume_db))

    def stop_music(self, leg: Leg) -> None:
        if leg.music is not None and leg.voice is leg.music.voice:
            self._cut(leg)
        leg.music = None

    def finish(self, leg: Leg) -> None:
        """What the leg hears has come to its end: the keys that it was sent, or its play."""
        if leg.key_voice is not None:
            leg.key_voice = None
        else:
            self.end(leg, PlayEnd.FINISHED)

    def end(self, leg: Leg, reason: PlayEnd, error: str = "") -> None:
        """Ends the leg's play, if there is one; music under it goes on softly."""
        play = leg.play
        if play is None:
            return
        if reason is not PlayEnd.FINISHED and play.voice is not None:
            self._cut(leg)
        leg.play = None
        if leg.music is not None and leg.music.voice is not None:
            leg.music.voice.is_faded_in = False
        self._emit(PlayEnded(leg.number, play.number, reason, error))

    def _cut(self, leg: Leg) -> None:
        """The sound that is heard stops in its middle: its end falls under what comes next."""
        if leg.key_voice is None and leg.voice is not None and leg.output is Output.VOICE:
            leg.tail = leg.voice.falling()

    def change_format(self, leg: Leg) -> None:
        """The leg's codec changed: its sounds are read again, from their beginning."""
        leg.tail = leg.key_voice = None
        if leg.play is not None:
            leg.play.voice = None
            self._ask_play(leg, leg.play)
        if leg.music is not None:
            leg.music.voice = None
            self._ask_music(leg, leg.music)

    def take(self, legs: dict[int, Leg]) -> list[Leg]:
        """Sounds that were read since the last tick begin; returns their legs."""
        touched = []
        for sound in self._loader.take():
            leg = legs.get(sound.job.leg)
            if leg is None or not _fits(sound, leg):
                continue
            if sound.job.play is None:
                self._begin_music(leg, sound)
            else:
                self._begin_play(leg, sound)
            touched.append(leg)
        return touched

    def _begin_play(self, leg: Leg, sound: Sound) -> None:
        play = leg.play
        if play is None or play.number != sound.job.play:
            return
        if sound.error:
            self.end(leg, PlayEnd.ERROR, sound.error)
            return
        if not sound.codes.size:
            self.end(leg, PlayEnd.FINISHED)
            return
        if leg.music is not None:
            self._cut(leg)
        play.voice = _voice(sound, play.is_loop)

    def _begin_music(self, leg: Leg, sound: Sound) -> None:
        music = leg.music
        if music is None or sound.job.items != (music.path,):
            return
        if sound.error or not sound.codes.size:
            # A caller who waits without music still waits: the play 0 tells the control side.
            self.stop_music(leg)
            self._emit(PlayEnded(leg.number, 0, PlayEnd.ERROR, sound.error or "empty music"))
            return
        if music.voice is not None and leg.voice is music.voice:
            self._cut(leg)
        music.voice = _voice(sound, is_loop=True)

    def close(self) -> None:
        self._loader.close()


def _fits(sound: Sound, leg: Leg) -> bool:
    """Not if the leg's codec has changed since the sound was asked for."""
    job, line = sound.job, leg.line
    return (job.law, job.rate) == (line.sound_law, line.format.rate)


def _voice(sound: Sound, is_loop: bool) -> Voice:
    return Voice(sound.codes, sound.job.law, is_loop, sound.job.rate // TICKS)
