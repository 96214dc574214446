"""The loss lab: how speech sounds behind a bad network, by ITU-T P.862 (PESQ), 1.0 to 4.6.

    pip install pesq==0.0.4                      # needs a C compiler; without it only distances
    python -m benchmarks.loss_lab [--quick] [--picture docs/loss.svg]

Our prompts in Polish and English, in packets of 20 ms of G.711, G.722 and Opus, go through a
simulated network: loss by chance or in bursts (Gilbert and Elliott), delays that vary, a sender's
clock that is off. Heard behind it: our order and decode passes, tick by tick, beside a fixed buffer
of 60 ms with silence for what is missing (benchmarks/loss_receivers.py). G.711 is scored by P.862.1
at 8 kHz, the wideband codecs by P.862.2 at 16. Virtual time, one seed.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.loss_picture import Chart, Curve, draw
from benchmarks.loss_receivers import FORMATS, RECEIVERS, TICK, coded, decoded
from media.codecs.format import PCMA, Format

PROMPTS = Path(__file__).parents[1] / "prompts"
# P.862.3: 8 to 30 s of speech a score, with pauses in it.
PART_SECONDS = 10
# A part is looked for so much longer than it lasts: what the network and the receiver delay it.
DELAY_SECONDS = 0.5
# Wideband takes three times as long to score.
PARTS, WIDE_PARTS = 12, 6

Samples = NDArray[np.int16]
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """Shares and seconds. `burst`: packets that are lost in a row, in the mean."""

    loss: float = 0.0
    burst: float = 1.0
    jitter: float = 0.0
    drift: float = 0.0

    def arrivals(self, count: int, chance: np.random.Generator) -> Times:
        """When each of the packets arrives; infinite: never."""
        sent = np.arange(count) * TICK * (1 + self.drift)
        # Most packets come soon and a few late, up to `jitter`: a queue that fills and empties.
        queue = np.repeat(chance.beta(1.0, 3.0, count // 4 + 1), 4)[:count]
        queue[:4] = 0.1  # a first packet that is late itself would make all others early
        arrivals = sent + 0.04 + self.jitter * np.clip(queue + chance.normal(0, 0.03, count), 0, 1)
        arrivals[self._lost(count, chance)] = np.inf
        return arrivals

    def _lost(self, count: int, chance: np.random.Generator) -> NDArray[np.bool_]:
        """Gilbert: in the bad state all is lost; `burst` 1 in every state is loss by chance."""
        if self.burst <= 1:
            return chance.random(count) < self.loss
        leaves = 1 / self.burst
        enters = leaves * self.loss / max(1e-9, 1 - self.loss)
        lost, is_bad = np.zeros(count, np.bool_), False
        for i, one in enumerate(chance.random(count)):
            is_bad = one >= leaves if is_bad else one < enters
            lost[i] = is_bad
        return lost


def speech(rate: int) -> Iterator[Samples]:
    """Parts of PART_SECONDS, Polish and then English."""
    part = PART_SECONDS * rate
    for language in ("pl", "en"):
        pieces, size = [], 0
        for path in sorted((PROMPTS / language).glob("*.flac")):
            samples, own = soundfile.read(path, dtype="int16")
            samples = samples if samples.ndim == 1 else samples[:, 0]
            if samples.size < 2.5 * own:
                continue
            pieces += [soxr.resample(samples, own, rate), np.zeros(rate // 3, np.int16)]
            size += pieces[-2].size + pieces[-1].size
            if size >= part:
                yield np.concatenate(pieces)[:part]
                pieces, size = [], 0


def _pesq() -> Callable[[int, Samples, Samples], float] | None:
    try:
        from pesq import PesqError, pesq
    except ImportError:
        return None

    def score(rate: int, reference: Samples, heard: Samples) -> float:
        mode = "nb" if rate < 16000 else "wb"
        found: Any = pesq(rate, reference, heard, mode, on_error=PesqError.RETURN_VALUES)
        return float(found) if found > 0 else 1.0

    return score


PESQ = _pesq()


def scores(format: Format, network: Network, parts: list[Samples]) -> dict[str, float]:
    """Of each receiver the mean over all parts, which are one call."""
    assert PESQ is not None
    rate = format.rate
    part, delay = PART_SECONDS * rate, round(DELAY_SECONDS * rate)
    payloads = coded(format, np.concatenate(parts))
    arrivals = network.arrivals(len(payloads), np.random.default_rng(862))
    # Beside what came out of the coder: the network is judged here, not the codec.
    sent, found = decoded(format, payloads, np.ones(len(payloads), np.bool_)), {}
    for name, receive in RECEIVERS.items():
        heard = receive(format, payloads, arrivals)
        begins = range(0, sent.size - part + 1, part)
        each = [PESQ(rate, sent[a : a + part], heard[a : a + part + delay]) for a in begins]
        found[name] = float(np.mean(each))
    return found


LOSSES = (0.0, 0.01, 0.02, 0.05, 0.10, 0.15, 0.20)
JITTERS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.15)
DRIFTS = (-200e-6, 0.0, 200e-6)
# Title, axis, values, their scale on the axis, and the network of a value.
Series = tuple[str, str, tuple[float, ...], float, Callable[[float], Network]]
EVERY: tuple[Series, ...] = (
    ("loss by chance", "%", LOSSES, 100, lambda x: Network(loss=x)),
    ("loss in bursts of 3", "%", LOSSES, 100, lambda x: Network(loss=x, burst=3)),
    (
        "jitter and 3 % lost", "ms", JITTERS, 1000,
        lambda x: Network(loss=0.03, burst=2, jitter=x),
    ),
)  # fmt: skip
# What no codec has a part in is measured once.
ONCE: tuple[Series, ...] = (
    ("jitter", "ms", JITTERS, 1000, lambda x: Network(jitter=x)),
    ("clock drift", "ppm", DRIFTS, 1e6, lambda x: Network(drift=x)),
)


def chart(codec: str, series: Series, parts: list[Samples]) -> Chart:
    title, axis, values, scale, make = series
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in RECEIVERS}
    for value in values:
        for name, score in scores(FORMATS[codec], make(value), parts).items():
            points[name].append((value * scale, score))
        told = ", ".join(f"{name} {points[name][-1][1]:.2f}" for name in RECEIVERS)
        print(f"{codec}, {title}, {value * scale:g} {axis}: {told}", flush=True)
    curves = tuple(Curve(name, tuple(one)) for name, one in points.items())
    return Chart(f"{codec}, {title}", axis, curves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="two parts of speech, not all")
    parser.add_argument("--codecs", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    if PESQ is None:
        print("loss lab: not measured, pesq is not installed (pip install pesq==0.0.4)")
        return
    charts, last = [], []
    for codec in arguments.codecs:
        parts = list(speech(FORMATS[codec].rate))
        many = PARTS if FORMATS[codec] is PCMA else WIDE_PARTS
        count = 2 if arguments.quick else many
        # Both languages, whatever the count.
        parts = parts[:: max(1, len(parts) // count)][:count]
        charts += [chart(codec, one, parts) for one in EVERY]
        if FORMATS[codec] is PCMA:
            last = [chart(codec, one, parts) for one in ONCE]
    if arguments.picture is not None:
        arguments.picture.write_text(draw(charts + last), encoding="utf-8")


if __name__ == "__main__":
    main()
