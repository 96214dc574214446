"""What it costs to listen for keys in the sound, and how often speech is taken for one.

    python -m benchmarks.tones [--minutes 30]

CPU of the tones pass, microseconds a row and 100 ms, beside decoding the same rows (the
reference); best of five. Then talk-off: speech made by espeak-ng (where it is installed) in many
voices, pitches and speeds, in Polish and English; what is wanted is no key at all.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from media.codecs import PCMA
from media.digits import key_sound
from media.inband import ToneReceiver
from media.passes.decode import decode_rows
from media.passes.tones import find_tones
from media.rows import BLOCK, FRAME, RATE, Rows

TEXTS = Path(__file__).parents[1] / "prompts" / "texts"
SIZE = BLOCK * FRAME
# As the media worker has it: more threads would only wait for each other.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def cpu(act: Callable[[], object], times: int = 20) -> float:
    """Seconds of CPU a call, best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(times):
            act()
        best = min(best, (time.process_time() - began) / times)
    return best


def cost(count: int, sound: NDArray[np.int16], what: str) -> None:
    rows, r = Rows(count), np.arange(count)
    places = np.arange(count)[:, None] * 331 % (sound.size - SIZE) + np.arange(SIZE)
    codes = PCMA.encode(sound[places]).reshape(count, BLOCK, FRAME)
    present = np.ones((count, BLOCK), np.bool_)
    rows.is_started[:] = True
    decoding = cpu(lambda: decode_rows(rows, r, 0, codes, present))
    listening = cpu(lambda: find_tones(rows, r))
    print(
        f"tones: {count:4} rows of {what}: {listening / count * 1e6:6.2f} us a row and 100 ms, "
        f"{listening / count * 1e4:.4f} ms a row-second; decoding {decoding / count * 1e6:.2f} us"
    )


def speech(minutes: float) -> Iterator[NDArray[np.int16]]:
    """Sentences of our prompts' texts, each time in another voice."""
    made = 0.0
    voices = cycle(("", "+m1", "+m3", "+m7", "+f1", "+f2", "+f4", "+f5", "+croak", "+whisper"))
    chance = np.random.default_rng(24)
    lines = {
        language: [line for line in path.read_text().splitlines() if len(line) > 25]
        for language, path in ((one, TEXTS / f"{one}.yaml") for one in ("pl", "en"))
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        for language in cycle(("pl", "en")):
            if made >= minutes * 60:
                return
            text = " ".join(chance.choice(lines[language], 12))
            pitch, speed = int(chance.integers(10, 99)), int(chance.integers(120, 220))
            command = ["espeak-ng", "-v", f"{language}{next(voices)}", "-p", str(pitch)]
            command += ["-s", str(speed), "-w", str(path), text]
            subprocess.run(command, check=True, capture_output=True)
            samples, rate = soundfile.read(path, dtype="int16")
            samples = soxr.resample(samples, rate, RATE)
            made += samples.size / RATE
            yield samples


def talk_off(minutes: float) -> None:
    found, seconds = "", 0.0
    for samples in speech(minutes):
        rows, receiver, r = Rows(1), ToneReceiver(), np.zeros(1, np.intp)
        seconds += samples.size / RATE
        for start in range(0, samples.size - SIZE, SIZE):
            rows.pcm[0] = samples[start : start + SIZE].reshape(BLOCK, FRAME)
            places = find_tones(rows, r)[0].tolist()
            found += "".join(digit.digit for digit in receiver.receive(places))
    print(
        f"talk-off: {len(found)} keys ({found or 'none'}) in {seconds / 60:.1f} minutes of speech"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=5.0)
    arguments = parser.parse_args()
    if not ONE_THREAD.items() <= os.environ.items():
        command = [sys.executable, "-m", "benchmarks.tones", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | ONE_THREAD)
    time_axis = np.arange(4 * RATE)
    hum = (3000 * np.sin(time_axis / 3) + 2000 * np.sin(time_axis / 7.7)).astype(np.int16)
    keys = key_sound("159D*0#7", 300, 200, RATE)
    for count in (1, 10, 100, 500):
        cost(count, hum, "speech-like sound")
    cost(100, keys, "keys all the time")
    if shutil.which("espeak-ng"):
        talk_off(arguments.minutes)
    else:
        print("talk-off: not measured, espeak-ng is not installed")


if __name__ == "__main__":
    main()
