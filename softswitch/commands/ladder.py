"""How `softswitch call ID --sip` looks: the ladder in a terminal of any width, and as JSON.

Lifelines stand left and words right, so that a narrow terminal cuts words and never the picture.
What strangers sent is shown as text, never taken as markup or a terminal's commands.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.control import strip_control_codes
from rich.text import Text

from softswitch.trace.ladder import Arrow, Ladder, Mark
from softswitch.trace.message import TracedMessage
from softswitch.wording import ENGLISH, say

SWITCH = "softswitch"
TIME = 9  # `1234.567 `
# Room between two lifelines, and for the words beside them.
NARROWEST, WIDEST, WORDS = 5, 14, 34


def ladder_view(
    ladder: Ladder,
    width: int,
    *,
    full: bool = False,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> RenderableType:
    """The whole picture; `full` adds each message's text."""
    began = f"{ladder.start.astimezone(zone):%Y-%m-%d %H:%M:%S.%f %Z}"
    head = say("messages_since", time=began).in_language(language)
    parts: list[RenderableType] = [_clean(head)]
    for letter, one in zip(_letters(len(ladder.participants)), ladder.participants, strict=True):
        parts.append(_clean(f"  {letter}  {one.who}: {one.detail}"))
    parts.append(Text())
    picture = _Picture(len(ladder.participants), width)
    parts.append(picture.heads(ladder))
    for row in ladder.rows:
        parts.append(picture.note(row) if isinstance(row, Mark) else picture.arrow(row))
        if full and isinstance(row, Arrow):
            parts.extend(_text_of(row, language))
    if ladder.left_out:
        left_out = say("messages_left_out", count=ladder.left_out).in_language(language)
        parts.append(_clean(left_out, "yellow"))
    return Group(*parts)


def ladder_dict(ladder: Ladder) -> dict[str, Any]:
    """For other programs."""
    return {
        "start": ladder.start.isoformat(),
        "participants": [
            {
                "number": one.label,
                "name": one.name,
                "trunk": one.trunk,
                "transport": one.transport,
                "address": one.address,
                "device": one.device,
            }
            for one in ladder.participants
        ],
        "messages": [_arrow_dict(row) for row in ladder.rows if isinstance(row, Arrow)],
        "notes": [
            {"offset": row.offset, "text": row.text} for row in ladder.rows if isinstance(row, Mark)
        ],
        "left_out": ladder.left_out,
    }


def _arrow_dict(arrow: Arrow) -> dict[str, Any]:
    message = arrow.seen.message
    return {
        "offset": arrow.offset,
        "from_switch": arrow.is_ours,
        "participant": arrow.participant,
        "first_line": arrow.seen.first,
        "label": arrow.label,
        "count": arrow.count,
        "last": arrow.last if arrow.count > 1 else arrow.offset,
        "call_id": arrow.seen.call_id,
        "transport": message.transport,
        "local": message.local,
        "remote": message.remote,
        "octets": message.octets,
        "text": message.text.decode("utf-8", "replace"),
    }


class _Picture:
    """Lines of one width. The switch is the second lifeline, beside the caller."""

    def __init__(self, participants: int, width: int) -> None:
        self._lines = participants + 1
        room = (width - TIME - WORDS) // self._lines
        self._step = min(max(room, NARROWEST), WIDEST)
        self._width = width
        self._indent = " " * (TIME + self._lines * self._step)

    def heads(self, ladder: Ladder) -> Text:
        """Who stands above each lifeline: a name where there is room, else the letter above."""
        names = [one.label or one.address for one in ladder.participants]
        letters = _letters(len(names))
        fitting = [
            name if len(name) < self._step else letter
            for name, letter in zip(names, letters, strict=True)
        ]
        fitting.insert(1, SWITCH if len(SWITCH) < self._step else "us")
        return _clean(" " * TIME + "".join(name.ljust(self._step) for name in fitting), "bold")

    def arrow(self, arrow: Arrow) -> Text:
        """One message."""
        there = self._line_of(arrow.participant)
        left, right = min(there, 1), max(there, 1)
        is_rightward = arrow.is_ours == (there == right)
        cells = []
        for at in range(self._lines):
            inside = left <= at < right
            cells.append(_crossing(at, left, right, is_rightward))
            fill = "─" if inside else " "
            cells.append(fill * (self._step - 1))
        drawn = "".join(cells)
        last = right * self._step - 1
        if is_rightward:
            drawn = drawn[:last] + "►" + drawn[last + 1 :]
        else:
            first = left * self._step + 1
            drawn = drawn[:first] + "◄" + drawn[first + 1 :]
        line = Text(f"{arrow.offset:8.3f} {drawn}")
        line.append_text(self._words(arrow))
        return self._fit(line)

    def note(self, mark: Mark) -> Text:
        """What the call did, between two messages."""
        drawn = "".join("│".ljust(self._step) for _ in range(self._lines))
        line = Text(f"{mark.offset:8.3f} {drawn}")
        line.append_text(_clean(f"· {mark.text}", "cyan"))
        return self._fit(line)

    def _line_of(self, participant: int) -> int:
        return 0 if participant == 0 else participant + 1

    def _words(self, arrow: Arrow) -> Text:
        style = "red" if arrow.is_failure else "bold" if arrow.seen.is_request else ""
        words = _clean(arrow.label, style)
        if arrow.repeats:
            words.append_text(_clean(f" {arrow.repeats}", "yellow"))
        return words

    def _fit(self, line: Text) -> Text:
        line.truncate(self._width, overflow="ellipsis")
        line.no_wrap = True
        return line


def _crossing(at: int, left: int, right: int, is_rightward: bool) -> str:
    if at == left:
        return "├" if is_rightward else "│"
    if at == right:
        return "│" if is_rightward else "┤"
    return "┼" if left < at < right else "│"


def _text_of(arrow: Arrow, language: str) -> Iterator[Text]:
    message = arrow.seen.message
    size = say("message_size", way=_way(message), count=message.octets).in_language(language)
    yield _clean(f"{'':{TIME}}{size}", "dim")
    for line in message.text.decode("utf-8", "replace").splitlines():
        yield _clean(f"{'':{TIME}}{line}", "dim")


def _way(message: TracedMessage) -> str:
    local = message.local or "us"
    ends = (local, message.remote) if message.direction == ">" else (message.remote, local)
    return f"{ends[0]} → {ends[1]} {message.transport.upper()}"


def _letters(count: int) -> list[str]:
    """A, B … Z, A1 …"""
    return [f"{chr(65 + one % 26)}{one // 26 or ''}" for one in range(count)]


def _clean(text: str, style: str = "") -> Text:
    shown = strip_control_codes(text.replace("\t", " ")).replace("\x1b", "")
    return Text(shown.encode("utf-8", "replace").decode(), style=style)
