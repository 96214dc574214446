"""Where boxes and arrows stand on the sheet: numbers from columns, sizes and labels.

Lengths are SVG units. Boxes of a column are of one width. A label stands on the straight beginning
of its arrow, in a lane of its own beside the box, so no two labels meet; an arrow back, and one to
the safe place that nobody wrote, ends in a name instead of a line across the sheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from softswitch.routing.drawing.layers import Layers, layers
from softswitch.routing.drawing.picture import Arrow, Box, Picture
from softswitch.routing.verbs.base import Shape

# Text: a generous width of a character at 12 units, and lines.
CHARACTER, LINE = 6.9, 16.0
LABEL_CHARACTER = 6.0
PADDING = 14.0
PORT = 19.0
# The upper part of a cylinder, where no text can stand.
LID = 10.0
_MIN_WIDTH = 90.0
_MARGIN = 30.0
# Between boxes of a column; between arrows that pass a column.
_BETWEEN, _PASSING = 26.0, 14.0
# Room for the curves between two columns.
_CURVES = 56.0
_WRAP = 30
_SWEEPS = 24

Neighbours = Mapping[str, tuple[list[str], list[str]]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A box at its place: `x` and `y` of its upper left corner."""

    box: Box
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arrow: points as (straight from, straight to) at each column it passes.

    `jump`: the name it ends in instead of a line.
    """

    arrow: Arrow
    start: tuple[float, float]
    bend: float
    passes: tuple[tuple[float, float, float], ...]
    end: tuple[float, float]
    jump: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything with its place."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    arrows: tuple[Drawn, ...]


def arrange(drawn: Picture) -> Sheet:
    """Places for all boxes and arrows of a picture."""
    return _Arranger(drawn).arrange()


class _Arranger:
    def __init__(self, drawn: Picture) -> None:
        self._boxes = {box.key: box for box in drawn.boxes}
        safe = {box.key for box in drawn.boxes if box.is_safe}
        self._arrows = drawn.arrows
        lined = [n for n, a in enumerate(drawn.arrows) if a.is_written or a.target not in safe]
        pairs = [(drawn.arrows[n].source, drawn.arrows[n].target) for n in lined]
        self._layers: Layers = layers([box.key for box in drawn.boxes], pairs)
        self._chains = {lined[n]: chain for n, chain in self._layers.chains.items()}
        self._ports: dict[str, list[int]] = {}
        for number, arrow in enumerate(drawn.arrows):
            self._ports.setdefault(arrow.source, []).append(number)
        self._lines = {key: wrapped(box) for key, box in self._boxes.items()}

    def arrange(self) -> Sheet:
        columns = self._layers.columns
        widths = [self._width(column) for column in columns]
        lanes = [self._lane(column) for column in columns]
        lefts = [_MARGIN]
        for width, lane in zip(widths, lanes, strict=True):
            lefts.append(lefts[-1] + width + lane + _CURVES)
        middles = self._middles()
        placed = {}
        for index, column in enumerate(columns):
            for key in column:
                if key in self._boxes:
                    height = self._height(key)
                    placed[key] = Placed(
                        self._boxes[key], self._lines[key], lefts[index],
                        middles[key] - height / 2, widths[index], height,
                    )  # fmt: skip
        column_of = {key: index for index, column in enumerate(columns) for key in column}
        spans = {key: (lefts[i], lefts[i] + widths[i]) for key, i in column_of.items()}
        bends = {key: spans[key][1] + lanes[i] for key, i in column_of.items()}
        arrows = self._draw(placed, middles, spans, bends)
        width = max((p.x + p.width for p in placed.values()), default=0.0)
        width = max([width, *(a.bend for a in arrows)]) + _MARGIN
        height = max((p.y + p.height for p in placed.values()), default=0.0) + _MARGIN
        return Sheet(width, height, tuple(placed.values()), tuple(arrows))

    def _width(self, column: Sequence[str]) -> float:
        lines = [
            (self._boxes[key].title, *self._lines[key]) for key in column if key in self._boxes
        ]
        longest = max((len(line) for texts in lines for line in texts), default=0)
        return max(_MIN_WIDTH if lines else 0.0, longest * CHARACTER + 2 * PADDING)

    def _height(self, key: str) -> float:
        if key not in self._boxes:
            return 0.0
        lid = LID if self._boxes[key].shape is Shape.TAPE else 0.0
        text = (1 + len(self._lines[key])) * LINE + PADDING + lid
        return max(text, len(self._ports.get(key, ())) * PORT + 8)

    def _lane(self, column: Sequence[str]) -> float:
        """Room for the labels, and names of places, that stand right of the column."""
        longest = 0.0
        for key in column:
            for number in self._ports.get(key, ()):
                arrow = self._arrows[number]
                text = len(arrow.label) * LABEL_CHARACTER + (8 if arrow.label else 0)
                if number not in self._chains:
                    text += (len(self._name(arrow)) + 4) * LABEL_CHARACTER + 16
                longest = max(longest, text)
        return longest

    def _name(self, arrow: Arrow) -> str:
        return self._boxes[arrow.target].title

    def _middles(self) -> dict[str, float]:
        """The height at which the middle of each key stands."""
        columns, near = self._layers.columns, self._layers.neighbours
        heights = {key: self._height(key) for column in columns for key in column}
        middles: dict[str, float] = {}
        for column in columns:
            middles.update(_spread([(key, 0.0) for key in column], heights))
        for sweep in range(_SWEEPS):
            ordered = columns if sweep % 2 == 0 else columns[::-1]
            for column in ordered:
                wanted = []
                for key in column:
                    before, after = near.get(key, ([], []))
                    sides = (before, after)[sweep % 2] or before or after
                    if sweep >= _SWEEPS - 4:
                        sides = [*before, *after]
                    mean = sum(middles[k] for k in sides) / len(sides) if sides else middles[key]
                    wanted.append((key, mean))
                middles.update(_spread(wanted, heights))
        _close_up(middles, heights, columns, near)
        top = min((middles[key] - heights[key] / 2 for key in middles), default=0.0)
        return {key: middle - top + _MARGIN for key, middle in middles.items()}

    def _draw(
        self,
        placed: Mapping[str, Placed],
        middles: Mapping[str, float],
        spans: Mapping[str, tuple[float, float]],
        bends: Mapping[str, float],
    ) -> list[Drawn]:
        starts = self._starts(placed, middles)
        ends = self._ends(placed, middles)
        found = []
        for number, arrow in enumerate(self._arrows):
            start = starts[number]
            chain = self._chains.get(number)
            if chain is None:
                end = (bends[arrow.source], start[1])
                found.append(Drawn(arrow, start, bends[arrow.source], (), end, self._name(arrow)))
                continue
            passes = tuple((*_straight(key, spans, bends), middles[key]) for key in chain[1:-1])
            found.append(Drawn(arrow, start, bends[arrow.source], passes, ends[number]))
        return found

    def _starts(
        self, placed: Mapping[str, Placed], middles: Mapping[str, float]
    ) -> dict[int, tuple[float, float]]:
        """Arrows leave a box in the order of the places they go to; names stand below."""
        found = {}
        for key, numbers in self._ports.items():
            box = placed[key]
            ordered = sorted(numbers, key=lambda n: self._slope(n, middles, 1))
            top = box.y + box.height / 2 - (len(ordered) - 1) * PORT / 2
            for row, number in enumerate(ordered):
                found[number] = (box.x + box.width, top + row * PORT)
        return found

    def _slope(self, number: int, middles: Mapping[str, float], place: int) -> tuple[bool, float]:
        chain = self._chains.get(number)
        return (chain is None, middles[chain[place]] if chain is not None else 0.0)

    def _ends(
        self, placed: Mapping[str, Placed], middles: Mapping[str, float]
    ) -> dict[int, tuple[float, float]]:
        """Arrows arrive in the order of the places they come from, apart where there is room."""
        arriving: dict[str, list[int]] = {}
        for number, chain in self._chains.items():
            arriving.setdefault(chain[-1], []).append(number)
        found = {}
        for key, numbers in arriving.items():
            box = placed[key]
            ordered = sorted(numbers, key=lambda n: self._slope(n, middles, -2))
            step = min(PORT / 1.5, (box.height - 8) / max(1, len(ordered)))
            top = box.y + box.height / 2 - (len(ordered) - 1) * step / 2
            for row, number in enumerate(ordered):
                found[number] = (box.x, top + row * step)
        return found


def _straight(
    key: str, spans: Mapping[str, tuple[float, float]], bends: Mapping[str, float]
) -> tuple[float, float]:
    return spans[key][0], bends[key]


def wrapped(box: Box) -> tuple[str, ...]:
    """The lines of a box, none longer than can be read at a glance."""
    found: list[str] = []
    for text in box.lines:
        line = ""
        for word in text.split():
            if line and len(line) + 1 + len(word) > _WRAP:
                found.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        found.append(line)
    return tuple(found)


def _spread(wanted: Sequence[tuple[str, float]], heights: Mapping[str, float]) -> dict[str, float]:
    """Places nearest to those wanted, in this order and with room between: least squares.

    Pool adjacent violators (R. Barlow and others, 1972) on the places less the room before them.
    """
    offsets, total = [], 0.0
    for index, (key, _) in enumerate(wanted):
        if index:
            total += _distance(wanted[index - 1][0], key, heights)
        offsets.append(total)
    pools: list[tuple[float, int]] = []
    for (_, place), offset in zip(wanted, offsets, strict=True):
        pools.append((place - offset, 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    levels = [level for level, count in pools for _ in range(count)]
    return {
        key: level + offset for (key, _), level, offset in zip(wanted, levels, offsets, strict=True)
    }


def _distance(upper: str, lower: str, heights: Mapping[str, float]) -> float:
    """Between the middles of two that stand one below the other, at least."""
    both = heights[upper] and heights[lower]
    return (heights[upper] + heights[lower]) / 2 + (_BETWEEN if both else _PASSING)


def _close_up(
    middles: dict[str, float],
    heights: Mapping[str, float],
    columns: Sequence[Sequence[str]],
    near: Neighbours,
) -> None:
    """Parts that no arrow joins drift apart: each moves up to the one above it."""
    parts = _parts(middles, near)
    part_of = {key: number for number, part in enumerate(parts) for key in part}
    above = {key: column[n - 1] for column in columns for n, key in enumerate(column) if n}
    for number in sorted(range(len(parts)), key=lambda n: min(middles[k] for k in parts[n])):
        rooms = [
            middles[key] - middles[above[key]] - _distance(above[key], key, heights)
            for key in parts[number]
            if key in above and part_of[above[key]] != number
        ]
        for key in parts[number] if rooms else ():
            middles[key] -= max(0.0, min(rooms))


def _parts(keys: Iterable[str], near: Neighbours) -> list[set[str]]:
    """The keys in sets that arrows join."""
    found: list[set[str]] = []
    left = dict.fromkeys(keys)
    while left:
        waiting = [next(iter(left))]
        part: set[str] = set()
        while waiting:
            key = waiting.pop()
            if key not in part:
                part.add(key)
                left.pop(key, None)
                waiting += [one for side in near.get(key, ([], [])) for one in side]
        found.append(part)
    return found
