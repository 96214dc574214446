"""Makes prompts/{pl,en}/*.flac from prompts/texts/*.yaml with espeak-ng (`apt install espeak-ng`).

    python prompts/make_prompts.py [name ...]

Each prompt is synthesised, cut to 50 ms of quiet before and after, brought to one loudness as a
telephone hears it, and kept from clipping. The same texts give the same files.

What is made by hand (a voice actor's recording) belongs into the office's own prompt folder, under
the same name: this script overwrites what lies here.
"""

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from ruamel.yaml import YAML

HERE: Final = Path(__file__).parent
RATE: Final = 16000
# A telephone hears 300 to 3400 Hz, so that is where loudness is measured.
TELEPHONE_RATE: Final = 8000
TELEPHONE_LOW_HZ: Final = 300
# The synthesiser's hum below a telephone's band only eats level: nasal words would come out softer.
RUMBLE_HZ: Final = 200
# Speech while somebody speaks, in dB below full scale: about -20 dBm0, the level that ITU-T P.56
# finds on good calls.
LOUDNESS_DB: Final = -23.0
PEAK_DB: Final = -4.0
# G.711 has 13 bits at best; finer ones would be a third of the files' size.
STEPS: Final = 1 << 12
# Below this (against the loudest 20 ms) is pause and not speech.
PAUSE_DB: Final = -32.0
TRIM_DB: Final = -46.0
LEAD_SECONDS: Final = 0.05
# Parts stand next to each other in a phrase: less quiet around them.
PART_LEAD_SECONDS: Final = 0.03
FADE_SECONDS: Final = 0.008

Wave = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voice:
    """espeak-ng's name of a voice, words a minute, pitch 0-99, pause between words in 10 ms."""

    name: str
    speed: int
    part_speed: int
    pitch: int
    gap: int


# Of 35 Polish voices of espeak-ng this one keeps the digits furthest apart behind A-law
# (distance of their cepstra, time-warped); "dziewięć" and "dziesięć" are the closest pair in nearly
# all of them. Slower than espeak's 175 words a minute: a caller hears a menu once, and in a street.
VOICES: Final = {
    "pl": Voice("pl+Andrea", 132, 118, 40, 1),
    "en": Voice("en-gb-x-rp+Andrea", 138, 124, 40, 1),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    spoken: str
    is_part: bool


def read_prompts(language: str) -> Iterator[Prompt]:
    """The prompts of prompts/texts/<language>.yaml with what the synthesiser shall say."""
    texts = YAML(typ="safe").load(HERE / "texts" / f"{language}.yaml")
    spoken = texts.get("spoken", {})
    for section in ("phrases", "grammar"):
        for name, text in texts[section].items():
            yield Prompt(name, spoken.get(name, text), section == "grammar")


def synthesise(text: str, voice: Voice, speed: int) -> Wave:
    """Speech at 16 kHz, mono, as espeak-ng gives it."""
    command = ["espeak-ng", "-v", voice.name, "-s", str(speed), "-p", str(voice.pitch)]
    command += ["-g", str(voice.gap), "--stdout", text]
    sound = subprocess.run(command, check=True, capture_output=True).stdout
    wave, rate = soundfile.read(io.BytesIO(sound), dtype="float64")
    return np.asarray(soxr.resample(wave, rate, RATE, "VHQ"), np.float64)


def frame_levels(wave: Wave, rate: int, seconds: float = 0.02) -> Wave:
    """The level of each `seconds`, in dB below full scale."""
    size = int(rate * seconds)
    frames = wave[: wave.size // size * size].reshape(-1, size)
    return np.asarray(10 * np.log10(np.mean(frames**2, axis=1) + 1e-12), np.float64)


def heard(wave: Wave, rate: int) -> Wave:
    """The wave as a telephone hears it: 8 kHz, without what lies below 300 Hz."""
    narrow = np.asarray(soxr.resample(wave, rate, TELEPHONE_RATE), np.float64)
    spectrum = np.fft.rfft(narrow)
    spectrum[np.fft.rfftfreq(narrow.size, 1 / TELEPHONE_RATE) < TELEPHONE_LOW_HZ] = 0
    return np.asarray(np.fft.irfft(spectrum, narrow.size), np.float64)


def without_rumble(wave: Wave) -> Wave:
    """12 dB an octave off below RUMBLE_HZ."""
    # Quiet behind the end, or the filter's tail would come out at the beginning.
    size = wave.size + RATE
    spectrum = np.fft.rfft(wave, size)
    frequencies = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1)
    spectrum /= 1 + (RUMBLE_HZ / frequencies) ** 2
    return np.asarray(np.fft.irfft(spectrum, size)[: wave.size], np.float64)


def loudness(wave: Wave, rate: int) -> float:
    """The level of the speech in a wave, pauses left out, in dB below full scale."""
    levels = frame_levels(heard(wave, rate), TELEPHONE_RATE)
    speech = levels[levels > levels.max() + PAUSE_DB]
    return float(10 * np.log10(np.mean(10 ** (speech / 10))))


def trimmed(wave: Wave, lead_seconds: float) -> Wave:
    """`lead_seconds` of quiet before and after the speech, faded in and out."""
    levels = frame_levels(wave, RATE, 0.005)
    loud = np.flatnonzero(levels > levels.max() + TRIM_DB)
    size = int(RATE * 0.005)
    lead, fade = int(lead_seconds * RATE), int(FADE_SECONDS * RATE)
    speech = wave[loud[0] * size : (loud[-1] + 1) * size].copy()
    ramp = np.linspace(0, 1, fade)
    # The first sound of "trzy" or "pięć" is a burst of a few milliseconds: it is not faded.
    speech[: fade // 4] *= ramp[::4]
    speech[-fade:] *= ramp[::-1]
    return np.concatenate([np.zeros(lead), speech, np.zeros(lead)])


def limited(wave: Wave, peak: float) -> Wave:
    """Peaks bent softly below `peak`; what is below two thirds of it stays as it is."""
    knee = peak * 2 / 3
    size = np.abs(wave)
    bent = knee + (peak - knee) * np.tanh((size - knee) / (peak - knee))
    return np.where(size > knee, np.sign(wave) * bent, wave)


def levelled(wave: Wave) -> Wave:
    """At the pack's loudness, below its peak."""
    for _ in range(3):
        wave = wave * 10 ** ((LOUDNESS_DB - loudness(wave, RATE)) / 20)
        wave = limited(wave, 10 ** (PEAK_DB / 20))
    return wave


def make(prompt: Prompt, voice: Voice, path: Path) -> None:
    """Writes one prompt as FLAC: 16 kHz, mono, 16 bits."""
    speed = voice.part_speed if prompt.is_part else voice.speed
    lead = PART_LEAD_SECONDS if prompt.is_part else LEAD_SECONDS
    wave = levelled(trimmed(without_rumble(synthesise(prompt.spoken, voice, speed)), lead))
    wave = np.rint(wave * STEPS) / STEPS
    soundfile.write(path, wave, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)


def main(names: list[str]) -> None:
    for language, voice in VOICES.items():
        folder = HERE / language
        folder.mkdir(exist_ok=True)
        prompts = list(read_prompts(language))
        for prompt in prompts:
            if not names or prompt.name in names:
                make(prompt, voice, folder / f"{prompt.name}.flac")
        if not names:
            known = {prompt.name for prompt in prompts}
            for path in folder.glob("*.flac"):
                if path.stem not in known:
                    path.unlink()
        print(f"{language}: {len(prompts)} prompts")


if __name__ == "__main__":
    main(sys.argv[1:])
