"""The loss lab: how speech sounds behind a bad network, by ITU-T P.862 (PESQ), 1.0 to 4.5.

    pip install pesq==0.0.4                      # needs a C compiler; without it only distances
    python -m benchmarks.loss_lab [--quick] [--picture docs/loss.svg]

Our prompts in Polish and English, in A-law packets of 20 ms, go through a simulated network: loss
by chance or in bursts (Gilbert and Elliott), delays that vary, a sender's clock that is off. Heard
behind it: our order and decode passes, tick by tick, beside a fixed buffer of 60 ms with silence
for what is missing. Virtual time, one seed: the figures are the same on every machine.
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
from media.codecs import PCMA
from media.passes.decode import decode_rows
from media.passes.order import TRIM_TICKS, place, shed, take, trim
from media.rows import BLOCK, FRAME, RATE, Rows

PROMPTS = Path(__file__).parents[1] / "prompts"
TICK = FRAME / RATE
# P.862.3: 8 to 30 s of speech a score, with pauses in it.
PART = 10 * RATE
FIXED = 0.060
# A part is looked for so much longer than it lasts: what the network and the receiver delay it.
DELAY = RATE // 2

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


def speech() -> Iterator[Samples]:
    """Parts of PART samples, by turns Polish and English."""
    for language in ("pl", "en"):
        pieces, size = [], 0
        for path in sorted((PROMPTS / language).glob("*.flac")):
            samples, rate = soundfile.read(path, dtype="int16")
            samples = samples if samples.ndim == 1 else samples[:, 0]
            if samples.size < 2.5 * rate:
                continue
            pieces += [soxr.resample(samples, rate, RATE), np.zeros(RATE // 3, np.int16)]
            size += pieces[-2].size + pieces[-1].size
            if size >= PART:
                yield np.concatenate(pieces)[:PART]
                pieces, size = [], 0


def ours(codes: NDArray[np.uint8], arrivals: Times) -> Samples:
    """What our passes make of the packets, tick by tick."""
    rows, r, heard = Rows(1), np.zeros(1, np.intp), []
    order, following = np.argsort(arrivals, kind="stable"), 0
    for tick in range(len(codes) + 15):
        while following < order.size and arrivals[order[following]] <= tick * TICK:
            number = int(order[following])
            at = arrivals[number : number + 1]
            rows.reception.observe(r, np.array([number % 65536]), np.array([FRAME * number]), at)
            place(rows, 0, FRAME * number, codes[number])
            following += 1
        frame = tick % BLOCK
        shed(rows, r, frame)
        decode_rows(rows, r, frame, *take(rows, r, 1))
        heard.append(rows.pcm[0, frame].copy())
        if tick % TRIM_TICKS == TRIM_TICKS - 1:
            trim(rows, r)
    return np.concatenate(heard)


def fixed(codes: NDArray[np.uint8], arrivals: Times) -> Samples:
    """60 ms behind the first packet, silence for what is not there by then."""
    start = arrivals[np.isfinite(arrivals)][0] + FIXED
    heard = PCMA.decode(codes)
    heard[arrivals > start + np.arange(len(codes)) * TICK] = 0
    return np.concatenate([np.zeros(round(start * RATE), np.int16), heard.reshape(-1)])


def _pesq() -> Callable[[Samples, Samples], float] | None:
    try:
        from pesq import PesqError, pesq
    except ImportError:
        return None

    def score(reference: Samples, heard: Samples) -> float:
        found: Any = pesq(RATE, reference, heard, "nb", on_error=PesqError.RETURN_VALUES)
        return float(found) if found > 0 else 1.0

    return score


PESQ = _pesq()
RECEIVERS: dict[str, Callable[[NDArray[np.uint8], Times], Samples]] = {"ours": ours, "fixed": fixed}


def scores(network: Network, parts: list[Samples]) -> dict[str, float]:
    """Of each receiver the mean over all parts, which are one call."""
    assert PESQ is not None
    codes = PCMA.encode(np.concatenate(parts)).reshape(-1, FRAME)
    arrivals = network.arrivals(len(codes), np.random.default_rng(862))
    # Beside what came out of the coder: the network is judged here, not A-law.
    sent, found = PCMA.decode(codes).reshape(-1), {}
    for name, receive in RECEIVERS.items():
        heard = receive(codes, arrivals)
        begins = range(0, sent.size - PART + 1, PART)
        each = [PESQ(sent[a : a + PART], heard[a : a + PART + DELAY]) for a in begins]
        found[name] = float(np.mean(each))
    return found


LOSSES = (0.0, 0.01, 0.02, 0.05, 0.10, 0.15, 0.20)
JITTERS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.15)
DRIFTS = (-200e-6, 0.0, 200e-6)


def chart(
    title: str, axis: str, values: tuple[float, ...], make: Callable[[float], Network],
    scale: float, parts: list[Samples],
) -> Chart:  # fmt: skip
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in RECEIVERS}
    for value in values:
        for name, score in scores(make(value), parts).items():
            points[name].append((value * scale, score))
        told = ", ".join(f"{name} {points[name][-1][1]:.2f}" for name in RECEIVERS)
        print(f"{title}, {value * scale:g} {axis}: {told}", flush=True)
    return Chart(title, axis, tuple(Curve(name, tuple(one)) for name, one in points.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="two parts of speech, not all")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    if PESQ is None:
        print("loss lab: not measured, pesq is not installed (pip install pesq==0.0.4)")
        return
    parts = list(speech())
    parts = parts[:: max(1, len(parts) // 2)][:2] if arguments.quick else parts[:12]
    charts = [
        chart("loss by chance", "%", LOSSES, lambda x: Network(loss=x), 100, parts),
        chart("loss in bursts of 3", "%", LOSSES, lambda x: Network(loss=x, burst=3), 100, parts),
        chart("jitter", "ms", JITTERS, lambda x: Network(jitter=x), 1000, parts),
        chart(
            "jitter, and 3 % lost in bursts of 2", "ms", JITTERS,
            lambda x: Network(loss=0.03, burst=2, jitter=x), 1000, parts,
        ),
        chart("clock drift", "ppm", DRIFTS, lambda x: Network(drift=x), 1e6, parts),
    ]  # fmt: skip
    if arguments.picture is not None:
        arguments.picture.write_text(draw(charts), encoding="utf-8")


if __name__ == "__main__":
    main()
