"""Curves of the loss lab as one SVG: small charts side by side, nothing but text and lines."""

from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 300, 230, 42, 34, 38
COLUMNS = 3
LOW, HIGH = 1.0, 4.64
COLOURS = {"ours": "#1a66b3", "fixed": "#b3541a"}
NAMES = {
    "ours": "ours: adaptive wait, losses covered (by pitch; Opus by FEC)",
    "fixed": "fixed 60 ms, silence for what is missing",
}


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    axis: str
    curves: tuple[Curve, ...]


def draw(charts: list[Chart]) -> str:
    """The whole picture."""
    lines = -(-len(charts) // COLUMNS)
    width, height = COLUMNS * WIDTH + 20, lines * HEIGHT + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="DejaVu Sans, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, one in enumerate(charts):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
        parts.append(f'<g transform="translate({x},{y})">{_chart(one)}</g>')
    for number, (name, told) in enumerate(NAMES.items()):
        x, y = LEFT + number * WIDTH * 3 // 2, height - 16
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 24}" y2="{y}" {_stroke(name)}/>')
        parts.append(f'<text x="{x + 30}" y="{y + 4}">{escape(told)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _chart(one: Chart) -> str:
    across = [x for curve in one.curves for x, _ in curve.points]
    first, last = min(across), max(across)
    wide, tall = WIDTH - LEFT - 12, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        right = LEFT + (x - first) / ((last - first) or 1) * wide
        return round(right, 1), round(TOP + (HIGH - y) / (HIGH - LOW) * tall, 1)

    parts = [f'<text x="{LEFT}" y="20" font-weight="bold">{escape(one.title)}</text>']
    parts.append(f'<text x="{LEFT + wide}" y="20" text-anchor="end">PESQ</text>')
    for level in (1.0, 2.0, 3.0, 4.0):
        (left, y), (right, _) = at(first, level), at(last, level)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{level:.0f}</text>')
    for x in sorted(set(across)):
        place, _ = at(x, LOW)
        parts.append(f'<text x="{place}" y="{TOP + tall + 16}" text-anchor="middle">{x:g}</text>')
    parts.append(
        f'<text x="{LEFT + wide}" y="{TOP + tall + 30}" text-anchor="end">{one.axis}</text>'
    )
    for curve in one.curves:
        places = [at(*point) for point in curve.points]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" {_stroke(curve.name)}/>')
        dots = (
            f'<circle cx="{x}" cy="{y}" r="2.5" fill="{COLOURS[curve.name]}"/>' for x, y in places
        )
        parts += dots
    return "".join(parts)


def _stroke(name: str) -> str:
    return f'stroke="{COLOURS[name]}" stroke-width="2"'
