"""Sounds by name, read and encoded by a thread of their own, so that no tick waits for a disk.

An item is an absolute path, "tone:NAME" or "silence:MILLISECONDS". Music is encoded once for
everybody who hears it at one loudness.
"""

import queue
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from media.files import RATE, AudioFileError, PromptCache
from media.passes.play import encode_sound
from media.rows import Law
from media.tone import ToneName, country_tone

# An hour of silence is a mistake in a number, not a wish.
MAX_SILENCE_MS: Final = 60_000
# Two pieces in two laws at two loudnesses; a piece of 5 minutes takes 2.4 MB.
MAX_ENCODED: Final = 8

Samples = NDArray[np.int16]
Codes = NDArray[np.uint8 | np.int16]


class SoundError(Exception):
    """An item that cannot be played; the text says which and why."""


@dataclass(frozen=True, slots=True)
class SoundJob:
    """Sounds to be read for a leg. `play` None: music."""

    leg: int
    play: int | None
    items: tuple[str, ...]
    law: Law
    country: str
    volume_db: float = 0.0
    rate: int = RATE


@dataclass(frozen=True, slots=True)
class Sound:
    """A job done: codes (n,) uint8 in the job's law or int16 at its rate, or an error."""

    job: SoundJob
    codes: Codes
    error: str = ""


def item_samples(item: str, country: str, prompts: PromptCache, rate: int = RATE) -> Samples:
    """One item as (n,) int16 at `rate`. Raises SoundError."""
    kind, _, rest = item.partition(":")
    try:
        if kind == "tone":
            tone = country_tone(country, ToneName(rest))
            return tone if rate == RATE else soxr.resample(tone, RATE, rate)
        if kind == "silence":
            milliseconds = int(rest)
            if not 0 <= milliseconds <= MAX_SILENCE_MS:
                raise SoundError(f"{item}: not within 0 to {MAX_SILENCE_MS} ms")
            return np.zeros(milliseconds * rate // 1000, np.int16)
        return prompts.load(Path(item), rate)
    except AudioFileError as error:
        raise SoundError(str(error)) from error
    except ValueError:
        raise SoundError(f"{item}: no such tone or length") from None


class Loader:
    """Carries out jobs in their order. `ask` and `take` never wait."""

    def __init__(self) -> None:
        self._prompts = PromptCache()
        self._jobs: queue.SimpleQueue[SoundJob | None] = queue.SimpleQueue()
        self._done: deque[Sound] = deque()
        # By item, law, rate and volume: what it was made from, and the codes.
        self._encoded: OrderedDict[tuple[str, Law, int, float], tuple[Samples, Codes]] = (
            OrderedDict()
        )
        self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._jobs.put(None)

    def ask(self, job: SoundJob) -> None:
        self._jobs.put(job)

    def take(self) -> list[Sound]:
        """The jobs done since the last call."""
        done = []
        while self._done:
            done.append(self._done.popleft())
        return done

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._done.append(self.carry_out(job))

    def carry_out(self, job: SoundJob) -> Sound:
        """One job, in the caller's thread."""
        try:
            prompts, rate = self._prompts, job.rate
            parts = [item_samples(item, job.country, prompts, rate) for item in job.items]
        except SoundError as error:
            return Sound(job, np.zeros(0, np.uint8), str(error))
        if len(parts) == 1:
            return Sound(job, self._encode_one(job, parts[0]))
        whole = np.concatenate(parts) if parts else np.zeros(0, np.int16)
        return Sound(job, encode_sound(_louder(whole, job.volume_db), job.law))

    def _encode_one(self, job: SoundJob, samples: Samples) -> Codes:
        key = (job.items[0], job.law, job.rate, job.volume_db)
        known = self._encoded.get(key)
        if known is not None and known[0] is samples:
            self._encoded.move_to_end(key)
            return known[1]
        codes = encode_sound(_louder(samples, job.volume_db), job.law)
        self._encoded[key] = (samples, codes)
        while len(self._encoded) > MAX_ENCODED:
            self._encoded.popitem(last=False)
        return codes


def _louder(samples: Samples, volume_db: float) -> Samples:
    if volume_db == 0:
        return samples
    gained = samples * np.float32(10 ** (volume_db / 20))
    louder: Samples = np.clip(gained, -32768, 32767).astype(np.int16)
    return louder
