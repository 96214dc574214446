"""One recording in words, line by line: what it is of, why it was made, what is not in it, what
became of it. Nothing of what was said.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

from softswitch.commands.terminal import when
from softswitch.office.recording import in_words
from softswitch.wording import CATALOGUE, Said, say

if TYPE_CHECKING:
    from softswitch.store.recordings import GapRow, RecordingRow


def info_lines(row: "RecordingRow", zone: tzinfo | None = None) -> Iterator[Said]:
    """What is known of it. A word that only another version of the switch knows stays as it is."""
    for name, told in _facts(row, zone):
        if told:
            yield say("info_line", name=say(f"info_{name}"), told=told)


def _facts(row: "RecordingRow", zone: tzinfo | None) -> Iterator[tuple[str, str | None]]:
    yield "id", row.id
    yield "call", row.call
    yield "started", when(row.started, zone)
    yield "ended", None if row.ended is None else when(row.ended, zone)
    yield "length", None if row.seconds is None else _length(row.seconds)
    known = f"recorded_{row.how}" in CATALOGUE
    yield "how", say(f"recorded_{row.how}") if known else row.how
    yield from _people(row)
    yield "policy", in_words(row.policy)
    yield "purpose", row.purpose
    yield "basis", row.basis
    yield "notice", row.notice
    yield "hear", ", ".join(row.hear)
    yield from (("gap", _gap(one)) for one in row.gaps)
    yield "file", row.path
    yield "keep_until", when(row.keep_until, zone)
    yield "hold", _by(row.hold, row.held_by)
    if row.erased is not None:
        yield "erased", when(row.erased, zone)
        own = say("time_is_over")
        yield "erased_why", own if row.erased_why == own else _by(row.erased_why, row.erased_by)


def _people(row: "RecordingRow") -> Iterator[tuple[str, str | None]]:
    known = f"direction_{row.direction}" in CATALOGUE
    yield "direction", say(f"direction_{row.direction}") if known else row.direction
    yield "number", row.number
    yield "called", row.called
    yield "person", row.person
    yield "queue", row.queue


def _gap(gap: "GapRow") -> Said:
    why = say(f"gap_{gap.why}") if f"gap_{gap.why}" in CATALOGUE else gap.why
    at = _length(gap.at)
    if gap.seconds is None:
        return say("rest_missing", why=why, at=at)
    return say("part_missing", why=why, at=at, seconds=_length(gap.seconds))


def _by(what: str | None, who: str | None) -> str | None:
    return say("word_by", word=what, who=who) if what and who else what


def _length(seconds: float) -> str:
    from softswitch.commands.words import length

    return length(seconds)
