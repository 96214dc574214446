"""What is heard instead of frames that did not come: the voice goes on in its own pitch.

After ITU-T G.711 appendix I, on all rows that lack a frame at once: the last period of the voice,
found by correlation, is repeated, fades away, and is faded into the next frame that comes. Unlike
the appendix nothing is delayed for it: where the sound breaks off, the step to what a period ago
came next is spread over a quarter of a period instead of being overlapped.

A period is read off the frames before, concealed ones included: these go on in the same phase.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.inflow import CONCEALED
from media.rows import BLOCK, FRAME, Index, Rows

# Full loudness for 10 ms, as in the appendix; then a straight way to silence.
_FULL: Final = FRAME // 2
_WHOLE: Final = CONCEALED * FRAME
# Voices from 66 Hz on, the appendix's bounds: 5 to 15 ms.
SHORTEST, LONGEST = 40, 120
# 20 ms are compared, and the frames before that hold them and the longest period.
_COMPARED: Final = FRAME
_BEFORE: Final = 3
# Less alike than this it is no voice: a short period would make one of a hiss.
_ALIKE: Final = 0.2
# The next frame is faded in over 6 ms, and so much longer for each frame more that was lost.
_MERGE, _MERGE_MORE, _MERGE_MOST = 48, 16, 80

_TEMPLATES: Final = np.arange(SHORTEST, LONGEST + 1)

Sound = NDArray[np.float32]


def conceal(rows: Rows, plane: NDArray[np.int16], missing: Index, frame: int) -> None:
    """Fills the frame of rows that lack it; the count of what they miss moves on. Whoever was never
    heard, or not for so long, is silent. plane: rows.pcm, or rows.wide.
    """
    missed = rows.conceals[missing]
    is_audible = missed < CONCEALED
    audible = missing[is_audible]
    plane[missing[~is_audible], frame] = 0
    if audible.size:
        before = _before(plane, audible, frame)
        fresh = rows.conceals[audible] == 0
        if fresh.any():
            rows.pitch[audible[fresh]] = find_pitch(before[fresh])
        made = _go_on(before, rows.pitch[audible], rows.conceals[audible], plane.shape[2])
        plane[audible, frame] = made.astype(np.int16)
    # A pause longer than that is the far phone's silence, not a loss that we cover.
    rows.concealed[audible] += 1
    rows.conceals[missing] = np.minimum(missed + 1, CONCEALED)


def merge(rows: Rows, plane: NDArray[np.int16], back: Index, frame: int) -> None:
    """The first frame after a loss fades in over what would have been heard without it. Behind a
    silence it is a beginning, and is heard whole.
    """
    missed = rows.conceals[back]
    rows.conceals[back] = 0
    is_broken = (missed > 0) & (missed < CONCEALED)
    back, missed = back[is_broken], missed[is_broken]
    if back.size:
        scale = plane.shape[2] // FRAME
        longest = _MERGE_MOST * scale
        made = _go_on(_before(plane, back, frame), rows.pitch[back], missed, longest)
        length = np.minimum(_MERGE + _MERGE_MORE * (missed - 1), _MERGE_MOST) * scale
        rise = np.clip((np.arange(longest) + 0.5) / length[:, None], 0, 1).astype(np.float32)
        real = plane[back, frame, :longest].astype(np.float32)
        plane[back, frame, :longest] = (made + (real - made) * rise).astype(np.int16)


def break_off(rows: Rows, plane: NDArray[np.int16], r: Index, frame: int) -> None:
    """The frame is left out of what came: the one that is heard instead is faded in like one
    behind a loss.
    """
    if r.size:
        rows.pitch[r] = find_pitch(_before(plane, r, frame))
        rows.conceals[r] = np.maximum(rows.conceals[r], 1)


def _before(plane: NDArray[np.int16], r: Index, frame: int) -> Sound:
    """The frames before: (n, 3 * size)."""
    frames = (frame - np.arange(_BEFORE, 0, -1)) % BLOCK
    return plane[r[:, None], frames].reshape(r.size, -1).astype(np.float32)


def find_pitch(before: Sound) -> NDArray[np.int16]:
    """The period of each row's last 20 ms, in samples of 8 kHz. before: (n, 480 or 960)."""
    scale = before.shape[1] // (_BEFORE * FRAME)
    sound = before[:, ::scale]
    last = sound[:, -_COMPARED:]
    # (n, periods, 160), longest first: what was heard so many samples before the last 20 ms. Views:
    # when the machine stalls all rows come here at once, and copies would be 50 KB a row.
    before = np.ascontiguousarray(before)
    row, step = before.strides[0], before.strides[1] * scale
    first = (sound.shape[1] - _COMPARED - LONGEST) * step
    shape = (len(before), LONGEST - SHORTEST + 1, _COMPARED)
    earlier = np.ndarray(shape, before.dtype, before, first, (row, step, step))
    likeness = np.einsum("nps,ns->np", earlier, last)[:, ::-1]
    energy = np.einsum("nps,nps->np", earlier, earlier)[:, ::-1]
    energy = energy * np.einsum("ns,ns->n", last, last)[:, None]
    likeness = likeness / np.sqrt(energy + 1)
    best = likeness.argmax(axis=1)
    is_voice = np.take_along_axis(likeness, best[:, None], axis=1)[:, 0] > _ALIKE
    return np.where(is_voice, _TEMPLATES[best], LONGEST).astype(np.int16)


@dataclass(frozen=True, slots=True)
class _Course:
    """What of a concealed frame depends on its period alone, by period - SHORTEST and sample."""

    place: Index
    """Where in the past it is read, counted back from its end."""
    near: Sound
    """How far its end has faded over into what came before the period's beginning."""
    spread: Sound
    """How much of the step where the sound broke off is still to be made up for."""
    fade: Sound
    """By period, frames missed before, and sample: what was concealed before has faded by as much
    as its own time told.
    """


@cache
def _course(scale: int) -> _Course:
    step = np.arange(FRAME * scale)
    period = (_TEMPLATES * scale)[:, None]
    phase, quarter = step % period, period // 4
    near = np.clip((phase - (period - quarter) + 1) / (quarter + 1), 0, 1)
    spread = np.clip(1 - (step + 1) / (quarter + 1), 0, 1)
    since = (np.arange(CONCEALED) * FRAME * scale)[:, None]
    faded = _loudness((phase - period)[:, None] + since, scale)
    fade = _loudness(since + step, scale) / faded
    columns = (one.astype(np.float32) for one in (near, spread, fade))
    return _Course(phase - period, *columns)


def _go_on(before: Sound, pitch: NDArray[np.int16], missed: NDArray[np.int64], size: int) -> Sound:
    """The next `size` samples of each row, (n, size): its last period over and over, fading."""
    count, width = before.shape
    scale = width // (_BEFORE * FRAME)
    course, which = _course(scale), pitch.astype(np.intp) - SHORTEST
    end = (np.arange(1, count + 1) * width)[:, None]
    period = (pitch.astype(np.intp) * scale)[:, None]
    sound = before.reshape(-1)
    place = course.place[which, :size] + end
    made: Sound = sound[place]
    # Its end flows into its beginning: the last quarter fades over to what came before it then.
    made += (sound[place - period] - made) * course.near[which, :size]
    # Where the sound broke off, its step to the period before is spread over the first quarter.
    jump = sound[end - 1] - sound[end - period - 1]
    made += jump * course.spread[which, :size]
    made *= course.fade[which, missed, :size]
    return np.clip(made, -32768, 32767, out=made)


def _loudness(since: NDArray[np.int64], scale: int) -> NDArray[np.float64]:
    """Of the sound so many samples after it broke off; never quite zero."""
    faded = (since - _FULL * scale) / ((_WHOLE - _FULL) * scale)
    return np.clip(1 - faded, 1e-3, 1)
