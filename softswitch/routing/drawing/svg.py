"""A picture as SVG 1.1: one file without scripts, fonts or anything from elsewhere."""

import math
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape, quoteattr

from softswitch.routing.drawing.picture import Kind, Picture
from softswitch.routing.drawing.places import (
    LABEL_CHARACTER,
    LID,
    LINE,
    Drawn,
    Placed,
    Sheet,
    arrange,
)
from softswitch.routing.verbs.base import Shape
from softswitch.wording import say

SAFE = "#1a7f37"
_INK, _GREY, _LINE = "#1f2328", "#57606a", "#6e7781"
# Filling and border of each shape.
_COLOURS = {
    Shape.SPEECH: ("#fff8c5", "#bf8700"),
    Shape.CHOICE: ("#ddf4ff", "#0969da"),
    Shape.FORK: ("#fbefff", "#8250df"),
    Shape.PHONE: ("#dafbe1", "#2da44e"),
    Shape.LINE: ("#fff1e5", "#bc4c00"),
    Shape.TAPE: ("#ffeff7", "#bf3989"),
    Shape.LINK: ("#f6f8fa", "#6e7781"),
    Shape.STOP: ("#ffebe9", "#cf222e"),
}
_MEANINGS = {
    Shape.SPEECH: say("drawn_speech"),
    Shape.CHOICE: say("drawn_choice"),
    Shape.FORK: say("drawn_fork"),
    Shape.PHONE: say("drawn_phone"),
    Shape.LINE: say("drawn_line"),
    Shape.TAPE: say("drawn_tape"),
    Shape.LINK: say("drawn_link"),
    Shape.STOP: say("drawn_stop"),
}
_LEGEND, _LEGEND_WIDTH, _TITLE = 56.0, 92.0, 34.0
# A line that many calls take is thicker, up to so much.
_THICK = 5.0
FONT = "font-family='Helvetica, Arial, DejaVu Sans, Liberation Sans, Noto Sans, sans-serif'"


def svg(drawn: Picture) -> str:
    """The drawing of a picture."""
    sheet = arrange(drawn)
    width = max(sheet.width, len(_MEANINGS) * _LEGEND_WIDTH + 60)
    height = sheet.height + _TITLE + _LEGEND
    most = max((arrow.arrow.calls for arrow in sheet.arrows), default=0)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:.0f}' height='{height:.0f}' "
        f"viewBox='0 0 {width:.0f} {height:.0f}' {FONT} font-size='12'>",
        f"<title>{escape(drawn.title)}</title>",
        "<defs>" + "".join(_heads()) + "</defs>",
        f"<rect width='{width:.0f}' height='{height:.0f}' fill='white'/>",
        _text(30, 28, drawn.title, size=16, weight="bold"),
        f"<g transform='translate(0 {_TITLE:.0f})'>",
        *(_arrow(arrow, most) for arrow in sheet.arrows),
        *(_box(placed, drawn.language) for placed in sheet.boxes),
        *(text for arrow in sheet.arrows for text in _label(arrow)),
        "</g>",
        *_legend(sheet, drawn.language),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _heads() -> Iterator[str]:
    for name, colour in (("head", _LINE), ("safehead", SAFE)):
        yield (
            f"<marker id='{name}' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='8' "
            f"markerHeight='8' markerUnits='userSpaceOnUse' orient='auto'>"
            f"<path d='M0 0L8 4L0 8z' fill='{colour}'/></marker>"
        )


def _arrow(drawn: Drawn, most: int) -> str:
    arrow = drawn.arrow
    is_green = arrow.is_safe and arrow.is_written
    colour, head = (SAFE, "safehead") if is_green else (_LINE, "head")
    thick = 1.3
    if most and arrow.calls:
        thick += (_THICK - thick) * math.log1p(arrow.calls) / math.log1p(most)
    dash = "" if arrow.is_written else " stroke-dasharray='4 3'"
    x, y = drawn.start
    if drawn.jump is not None:
        path = f"M{x:.1f} {y:.1f}H{x + _label_width(drawn) + 10:.1f}"
    else:
        path = f"M{x:.1f} {y:.1f}H{drawn.bend:.1f}"
        at = (drawn.bend, y)
        for left, right, level in drawn.passes:
            path += _curve(*at, left, level) + f"H{right:.1f}"
            at = (right, level)
        path += _curve(*at, *drawn.end)
    return (
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{thick:.1f}'{dash} "
        f"marker-end='url(#{head})'/>"
    )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _label_width(drawn: Drawn) -> float:
    return len(drawn.arrow.label) * LABEL_CHARACTER + (4 if drawn.arrow.label else 0)


def _label(drawn: Drawn) -> Iterator[str]:
    x, y = drawn.start
    if drawn.arrow.label:
        yield _text(x + 4, y - 3, drawn.arrow.label, size=10.5, colour=_GREY)
    if drawn.arrow.calls:
        yield _text(x + 4, y + 11, f"{drawn.arrow.calls} ×", size=9.5, colour=_GREY)
    if drawn.jump is not None:
        colour = _GREY if drawn.arrow.is_written else SAFE
        left = x + _label_width(drawn) + 13
        width = len(drawn.jump) * LABEL_CHARACTER + 12
        yield (
            f"<rect x='{left:.1f}' y='{y - 8:.1f}' width='{width:.1f}' height='16' rx='8' "
            f"fill='white' stroke='{colour}'/>"
        )
        yield _text(left + 6, y + 3.5, drawn.jump, size=10.5, colour=colour)


def _box(placed: Placed, language: str) -> str:
    box = placed.box
    fill, border = _COLOURS[box.shape]
    if box.kind is Kind.NUMBER:
        fill, border = "#24292f", "#24292f"
    thick = 1.4
    if box.is_safe:
        border, thick = SAFE, 3.5
    outline = _outline(placed)
    style = f"fill='{fill}' stroke='{border}' stroke-width='{thick}'"
    colour = "white" if box.kind is Kind.NUMBER else _INK
    safe = say("drawn_safe").in_language(language)
    title = f"{box.title} ({safe})" if box.is_safe else box.title
    hint = escape("; ".join((box.title, *box.lines)))
    middle, rows = placed.x + placed.width / 2, 1 + len(placed.lines)
    top = placed.y + placed.height / 2 - rows * LINE / 2 + 12
    top += LID / 2 if box.shape is Shape.TAPE else 0
    texts = [_text(middle, top, title, weight="bold", colour=colour, anchor="middle")]
    for row, line in enumerate(placed.lines, 1):
        texts.append(_text(middle, top + row * LINE, line, size=11, colour=_GREY, anchor="middle"))
    return f"<g><title>{hint}</title>{outline.replace('STYLE', style)}{''.join(texts)}</g>"


def _outline(placed: Placed) -> str:
    """The shape, with the word STYLE where its colours belong."""
    x, y, w, h = placed.x, placed.y, placed.width, placed.height
    if placed.box.kind is Kind.NUMBER:
        return (
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{w:.1f}' height='{h:.1f}' rx='{h / 2}' STYLE/>"
        )
    return _SHAPES[placed.box.shape](x, y, w, h)


def _polygon(*points: tuple[float, float]) -> str:
    return f"<polygon points='{' '.join(f'{x:.1f},{y:.1f}' for x, y in points)}' STYLE/>"


def _rounded(x: float, y: float, w: float, h: float, radius: float) -> str:
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{w:.1f}' height='{h:.1f}' rx='{radius:.0f}' STYLE/>"
    )


def _speech(x: float, y: float, w: float, h: float) -> str:
    """A rectangle with a tail, like a bubble of speech."""
    return _polygon(
        (x, y), (x + w, y), (x + w, y + h), (x + 26, y + h), (x + 14, y + h + 9), (x + 14, y + h),
        (x, y + h),
    )  # fmt: skip


def _choice(x: float, y: float, w: float, h: float) -> str:
    cut = 10.0
    return _polygon(
        (x, y + h / 2), (x + cut, y), (x + w - cut, y), (x + w, y + h / 2), (x + w - cut, y + h),
        (x + cut, y + h),
    )  # fmt: skip


def _fork(x: float, y: float, w: float, h: float) -> str:
    cut = 9.0
    return _polygon(
        (x + cut, y), (x + w - cut, y), (x + w, y + cut), (x + w, y + h - cut),
        (x + w - cut, y + h), (x + cut, y + h), (x, y + h - cut), (x, y + cut),
    )  # fmt: skip


def _line(x: float, y: float, w: float, h: float) -> str:
    bars = "".join(
        f"<line x1='{at:.1f}' y1='{y:.1f}' x2='{at:.1f}' y2='{y + h:.1f}' STYLE/>"
        for at in (x + 5, x + w - 5)
    )
    return _rounded(x, y, w, h, 0) + bars


def _tape(x: float, y: float, w: float, h: float) -> str:
    """A cylinder, as memory is drawn."""
    lid = LID / 2
    body = (
        f"M{x:.1f} {y + lid:.1f}A{w / 2:.1f} {lid} 0 0 1 {x + w:.1f} {y + lid:.1f}"
        f"V{y + h - lid:.1f}A{w / 2:.1f} {lid} 0 0 1 {x:.1f} {y + h - lid:.1f}Z"
        f"M{x:.1f} {y + lid:.1f}A{w / 2:.1f} {lid} 0 0 0 {x + w:.1f} {y + lid:.1f}"
    )
    return f"<path d='{body}' STYLE/>"


def _link(x: float, y: float, w: float, h: float) -> str:
    return _polygon((x, y), (x + w - 10, y), (x + w, y + h / 2), (x + w - 10, y + h), (x, y + h))


_SHAPES: dict[Shape, Callable[[float, float, float, float], str]] = {
    Shape.SPEECH: _speech,
    Shape.CHOICE: _choice,
    Shape.FORK: _fork,
    Shape.PHONE: lambda x, y, w, h: _rounded(x, y, w, h, 14),
    Shape.LINE: _line,
    Shape.TAPE: _tape,
    Shape.LINK: _link,
    Shape.STOP: lambda x, y, w, h: _rounded(x, y, w, h, h / 2),
}


def _legend(sheet: Sheet, language: str) -> Iterator[str]:
    top = sheet.height + _TITLE + 8
    for index, (shape, meaning) in enumerate(_MEANINGS.items()):
        x = 30 + index * _LEGEND_WIDTH
        fill, border = _COLOURS[shape]
        style = f"fill='{fill}' stroke='{border}'"
        yield _SHAPES[shape](x, top, 74, 22).replace("STYLE", style)
        low = 18 if shape is Shape.TAPE else 15
        told = meaning.in_language(language)
        yield _text(x + 37, top + low, told, size=10.5, colour=_INK, anchor="middle")
    words = say("drawn_legend")
    if any(drawn.arrow.calls for drawn in sheet.arrows):
        words = say("drawn_legend_hot", legend=words)
    yield _text(30, top + 40, words.in_language(language), size=10.5, colour=_GREY)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 12,
    weight: str = "normal",
    colour: str = _INK,
    anchor: str = "start",
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' font-weight={quoteattr(weight)} "
        f"text-anchor='{anchor}' fill='{colour}'>{escape(text)}</text>"
    )
