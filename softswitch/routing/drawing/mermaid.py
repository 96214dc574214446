"""A picture as Mermaid text, for wikis: https://mermaid.js.org/syntax/flowchart.html."""

from softswitch.routing.drawing.picture import Box, Kind, Picture
from softswitch.routing.verbs.base import Shape

# Opening and closing brackets of a node's shape.
_SHAPES = {
    Shape.SPEECH: ("[/", "/]"),
    Shape.CHOICE: ("{{", "}}"),
    Shape.FORK: ("{", "}"),
    Shape.PHONE: ("(", ")"),
    Shape.LINE: ("[[", "]]"),
    Shape.TAPE: ("[(", ")]"),
    Shape.LINK: (">", "]"),
    Shape.STOP: ("((", "))"),
}
_NUMBER = ("([", "])")
_ESCAPED = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "|": "#124;"}


def mermaid(drawn: Picture) -> str:
    """The flowchart, from left to right; the safe way in green."""
    names = {box.key: f"n{number}" for number, box in enumerate(drawn.boxes)}
    lines = ["flowchart LR", f"  %% {' '.join(drawn.title.split())}"]
    lines += [f"  {names[box.key]}{_node(box)}" for box in drawn.boxes]
    safe = []
    for number, arrow in enumerate(drawn.arrows):
        line = "-->" if arrow.is_written else "-.->"
        words = [_escape(arrow.label)] if arrow.label else []
        words += [f"{arrow.calls} ×"] if arrow.calls else []
        label = f'|"{" · ".join(words)}"|' if words else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.target]}")
        if arrow.is_safe:
            safe.append(str(number))
    lines.append("  classDef safe stroke:#1a7f37,stroke-width:3px")
    lines += [f"  class {names[box.key]} safe" for box in drawn.boxes if box.is_safe]
    if safe:
        lines.append(f"  linkStyle {','.join(safe)} stroke:#1a7f37")
    return "\n".join(lines) + "\n"


def _node(box: Box) -> str:
    begin, end = _NUMBER if box.kind is Kind.NUMBER else _SHAPES[box.shape]
    text = "<br/>".join([f"<b>{_escape(box.title)}</b>", *(_escape(line) for line in box.lines)])
    return f'{begin}"{text}"{end}'


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(c, c) for c in " ".join(text.split()))
