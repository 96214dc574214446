"""Plays and music of the legs: begun when their sound is read, ended once, said once.

Whoever changes a leg's sound here has its output decided anew afterwards (media/outputs.py).
"""

from collections.abc import Callable

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
        law = leg.line.law
        self._loader.ask(SoundJob(leg.number, play.number, play.items, law, self.country))

    def set_music(self, leg: Leg, command: Music) -> None:
        """The same music again goes on where it is."""
        music = leg.music
        if music is not None and (music.path, music.volume_db) == (command.path, command.volume_db):
            return
        self.stop_music(leg)
        leg.music = MusicState(command.path, command.volume_db)
        self._ask_music(leg, leg.music)

    def _ask_music(self, leg: Leg, music: MusicState) -> None:
        job = SoundJob(leg.number, None, (music.path,), leg.line.law, self.country, music.volume_db)
        self._loader.ask(job)

    def stop_music(self, leg: Leg) -> None:
        if leg.music is not None and leg.voice is leg.music.voice:
            self._cut(leg)
        leg.music = None

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
        if leg.voice is not None and leg.output is Output.VOICE:
            leg.tail = leg.voice.falling()

    def change_law(self, leg: Leg) -> None:
        """The leg's codec changed: its sounds are read again, from their beginning."""
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
            if leg is None or sound.job.law is not leg.line.law:
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
        play.voice = Voice(sound.codes, sound.job.law, play.is_loop)

    def _begin_music(self, leg: Leg, sound: Sound) -> None:
        music = leg.music
        if music is None or sound.job.items != (music.path,):
            return
        if sound.error or not sound.codes.size:
            # A caller who waits without music still waits: the play 0 tells the control side.
            leg.music = None
            self._emit(PlayEnded(leg.number, 0, PlayEnd.ERROR, sound.error or "empty music"))
            return
        music.voice = Voice(sound.codes, sound.job.law, is_loop=True)

    def close(self) -> None:
        self._loader.close()
