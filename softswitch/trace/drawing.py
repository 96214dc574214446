"""A ladder as SVG 1.1: one file without scripts, fonts or anything from elsewhere.

Words are text, so they can be marked and searched; pointing at an arrow shows the whole message.
Dark where the reader's system is dark. Each row has a height of its own and letters of one width,
so that no two words ever meet, whatever names strangers choose.
"""

from collections.abc import Iterator
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from softswitch.trace.ladder import Arrow, Ladder, Mark

SIZE = 12.0
# A monospaced letter is 0.6 em wide; a little more for fonts that are wider.
LETTER = SIZE * 0.61
HEAD, ROW, NOTE = 64.0, 30.0, 22.0
LEFT, TIME, MARGIN = 16.0, 84.0, 16.0
COLUMN = 244.0
SWITCH = "softswitch"
LONGEST = 1_000  # letters of a line that are looked at

_STYLE = """
text { font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 12px; fill: #1f2328 }
.paper { fill: #ffffff } .line { stroke: #d0d7de; stroke-width: 1.5 }
.box { fill: #f6f8fa; stroke: #8c959f } .us { fill: #ddf4ff; stroke: #0969da }
.name { font-weight: bold } .small { fill: #57606a }
.in { stroke: #0969da; fill: #0969da } .out { stroke: #57606a; fill: #57606a }
.bad { stroke: #cf222e; fill: #cf222e } .words { paint-order: stroke; stroke: #ffffff;
 stroke-width: 4px; stroke-linejoin: round } .badtext { fill: #cf222e } .again { fill: #9a6700 }
.note { fill: #fff8c5; stroke: #d4a72c } .head { stroke: none }
g.m:hover line { stroke-width: 3 }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3 } .paper { fill: #0d1117 } .line { stroke: #30363d }
 .box { fill: #161b22; stroke: #6e7681 } .us { fill: #0c2d6b; stroke: #58a6ff }
 .small { fill: #9198a1 } .in { stroke: #58a6ff; fill: #58a6ff }
 .out { stroke: #9198a1; fill: #9198a1 } .bad { stroke: #ff7b72; fill: #ff7b72 }
 .words { stroke: #0d1117 } .badtext { fill: #ff7b72 } .again { fill: #d29922 }
 .note { fill: #2e2a1f; stroke: #9e6a03 }
}
""".strip()


def svg(ladder: Ladder, title: str) -> str:
    """The drawing."""
    sheet = _Sheet(ladder)
    body = list(sheet.draw())
    width, height = sheet.width, sheet.height
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:.0f}' height='{height:.0f}' "
        f"viewBox='0 0 {width:.0f} {height:.0f}'>",
        f"<title>{_clean(title)}</title>",
        f"<style>{_STYLE}</style>",
        f"<rect class='paper' width='{width:.0f}' height='{height:.0f}'/>",
        *body,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Sheet:
    """Places everything; the switch is the second lifeline, beside the caller."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._lines = len(ladder.participants) + 1
        self.width = LEFT + TIME + self._lines * COLUMN + MARGIN
        self._top = MARGIN + HEAD + 10
        rows = sum(NOTE if isinstance(row, Mark) else ROW for row in ladder.rows)
        if ladder.left_out:
            rows += NOTE
        self._foot = self._top + rows + 10
        self.height = self._foot + HEAD + MARGIN

    def draw(self) -> Iterator[str]:
        for line in range(self._lines):
            x = self._x(line)
            yield (
                f"<line class='line' x1='{x:.0f}' y1='{self._top - 10:.0f}' x2='{x:.0f}' "
                f"y2='{self._foot:.0f}'/>"
            )
        for y in (MARGIN, self._foot):
            yield from self._heads(y)
        y = self._top
        for row in self._ladder.rows:
            if isinstance(row, Mark):
                yield from self._note(row.offset, row.text, y)
                y += NOTE
            else:
                yield from self._arrow(row, y)
                y += ROW
        if self._ladder.left_out:
            left_out = f"{self._ladder.left_out} messages in the middle were not kept"
            yield from self._note(None, left_out, y)

    def _x(self, line: int) -> float:
        return LEFT + TIME + line * COLUMN + COLUMN / 2

    def _line_of(self, participant: int) -> int:
        return 0 if participant == 0 else participant + 1

    def _heads(self, y: float) -> Iterator[str]:
        yield from self._head(1, SWITCH, "", "", y, "us")
        for number, one in enumerate(self._ladder.participants):
            place = f"{one.address} {one.transport.upper()}"
            yield from self._head(self._line_of(number), one.who, place, one.device, y, "box")

    def _head(
        self, line: int, name: str, place: str, device: str, y: float, kind: str
    ) -> Iterator[str]:
        width, x = COLUMN - 14, self._x(line)
        lines = [text for text in (name, place, device) if text]
        hint = "\n".join(lines)
        yield f"<g><title>{_clean(hint)}</title>"
        yield (
            f"<rect class='{kind}' x='{x - width / 2:.0f}' y='{y:.0f}' width='{width:.0f}' "
            f"height='{HEAD:.0f}' rx='6'/>"
        )
        first = y + HEAD / 2 + SIZE * 0.35 - (len(lines) - 1) * 8.5
        for number, text in enumerate(lines):
            style = "name" if number == 0 else "small"
            yield _text(x, first + number * 17, _cut(text, width - 8), style, "middle")
        yield "</g>"

    def _arrow(self, arrow: Arrow, y: float) -> Iterator[str]:
        here, there = self._x(1), self._x(self._line_of(arrow.participant))
        start, end = (here, there) if arrow.is_ours else (there, here)
        at, side = y + ROW - 7, 1 if end > start else -1
        style = "bad" if arrow.is_failure else "out" if arrow.is_ours else "in"
        tip = f"M{end:.0f} {at:.0f}l{-side * 9} -4v8z"
        text = arrow.seen.message.text.decode("utf-8", "replace")
        yield f"<g class='m'><title>{_clean(text)}</title>"
        yield _text(LEFT, y + ROW - 12, f"{arrow.offset:9.3f}", "small")
        yield (
            f"<line class='{style}' x1='{start:.0f}' y1='{at:.0f}' x2='{end - side * 6:.0f}' "
            f"y2='{at:.0f}' stroke-width='1.5'/>"
        )
        yield f"<path class='{style}' d='{tip}'/>"
        yield from self._words(arrow, min(start, end), abs(end - start), y + ROW - 12)
        yield "</g>"

    def _words(self, arrow: Arrow, left: float, room: float, y: float) -> Iterator[str]:
        """In the middle of the arrow; one that spans several columns has the room of all."""
        again = f" {arrow.repeats}" if arrow.repeats else ""
        label = _cut(arrow.label, room - 24 - len(again) * LETTER)
        style = " class='words badtext'" if arrow.is_failure else " class='words'"
        more = f"<tspan class='again'>{_clean(again)}</tspan>" if again else ""
        yield (
            f"<text x='{left + room / 2:.0f}' y='{y:.0f}' text-anchor='middle'{style}>"
            f"{_clean(label)}{more}</text>"
        )

    def _note(self, offset: float | None, text: str, y: float) -> Iterator[str]:
        left = LEFT + TIME
        shown = _cut(text, self.width - left - MARGIN - 16)
        width = _letters(shown) * LETTER + 16
        yield f"<g><title>{_clean(text)}</title>"
        if offset is not None:
            yield _text(LEFT, y + NOTE - 7, f"{offset:9.3f}", "small")
        yield (
            f"<rect class='note' x='{left:.0f}' y='{y + 2:.0f}' width='{width:.0f}' "
            f"height='{NOTE - 4:.0f}' rx='4'/>"
        )
        yield _text(left + 8, y + NOTE - 7, shown)
        yield "</g>"


def _cut(text: str, room: float) -> str:
    """As much as has room, and a sign that there is more."""
    text = " ".join(text[:LONGEST].split())
    most = max(int(room / LETTER), 1)
    if _letters(text) <= most:
        return text
    while text and _letters(text) >= most:
        text = text[:-1]
    return text + "…"


def _letters(text: str) -> int:
    """Its width in letters: those of the Far East are twice as wide."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    kind = f" class='{style}'" if style else ""
    return (
        f"<text x='{x:.0f}' y='{y:.0f}' text-anchor='{anchor}'{kind} xml:space='preserve'>"
        f"{_clean(text)}</text>"
    )


def _clean(text: str) -> str:
    """What XML 1.0 may hold; a stranger's control characters are shown as a square."""
    good = "".join(one if one in "\n\t" or _is_fine(ord(one)) else "□" for one in text)
    return escape(good.replace("\r", ""))


def _is_fine(code: int) -> bool:
    return 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF or code == 0x0D
