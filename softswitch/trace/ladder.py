"""A call's messages as a ladder: participants, and arrows and notes in the order of time. Pure.

It is drawn by others (`drawing.py`, `commands/ladder.py`). Messages that are the same to the byte,
on one leg and in one direction, are repeats (RFC 3261 17): they become one arrow with a count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from softswitch.store.schema import from_micros
from softswitch.trace.message import TracedMessage
from softswitch.trace.participants import Known, Participant, legs_of, participants
from softswitch.trace.reading import Seen, party_of, read
from softswitch.wording import ENGLISH, say

# More arrows than anybody reads; a call is bounded below that, calls that share legs are not.
MAX_ARROWS = 2_000


@dataclass(frozen=True, slots=True)
class Note:
    """What the call did between the messages."""

    at: datetime
    text: str


@dataclass(slots=True)
class Arrow:
    """One message between the switch and a participant. `offset`: seconds from the start; `label`:
    `INVITE 101 (sound)`, `200 OK (BYE)`.
    """

    seen: Seen
    participant: int
    offset: float
    label: str
    count: int = 1
    last: float = 0.0  # offset of the last repeat

    @property
    def is_ours(self) -> bool:
        """From the switch to the participant."""
        return self.seen.is_ours

    @property
    def is_failure(self) -> bool:
        """A final answer that ends hopes; a challenge (401, 407) and a CANCEL's 487 do not."""
        status = self.seen.status
        return status is not None and status >= 400 and status not in (401, 407, 487)

    @property
    def repeats(self) -> str:
        """`×3 … 1.500`, its number and when the last one came; empty without any."""
        return f"×{self.count} … {self.last:.3f}" if self.count > 1 else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A note in its place. `offset`: seconds from the start."""

    offset: float
    text: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a drawing needs."""

    start: datetime
    participants: tuple[Participant, ...]
    rows: tuple[Arrow | Mark, ...]
    left_out: int = 0

    @property
    def arrows(self) -> list[Arrow]:
        return [row for row in self.rows if isinstance(row, Arrow)]


def build(
    messages: Iterable[TracedMessage],
    notes: Sequence[Note] = (),
    known: Known | None = None,
    left_out: int = 0,
    language: str = ENGLISH,
) -> Ladder | None:
    """The ladder; None without any message. `language`: of what stands beside SIP's own words."""
    seen = [read(one) for one in sorted(messages, key=lambda one: one.at)]
    if not seen:
        return None
    start = from_micros(seen[0].message.at)
    found, columns = participants(legs_of(seen), known or Known())
    rows: list[Arrow | Mark] = list(_arrows(seen, columns, start, language))
    left_out += max(len(rows) - MAX_ARROWS, 0)
    rows = rows[:MAX_ARROWS]
    rows.extend(Mark((note.at - start).total_seconds(), note.text) for note in notes)
    rows.sort(key=lambda row: row.offset)  # stable: an arrow before the note it led to
    return Ladder(start, tuple(found), tuple(rows), left_out)


def label_of(seen: Seen, language: str) -> str:
    """A message in a few words."""
    words = [_answer(seen) if seen.status is not None else _request(seen)]
    if seen.sdp is not None:
        about = "about_hold" if seen.sdp.is_hold and seen.is_request else "about_sound"
        words.append(f"({say(about).in_language(language)})")
    if seen.reason:
        words.append(f"[{seen.reason}]")
    return " ".join(words)


def _request(seen: Seen) -> str:
    if not seen.method:
        return seen.first or "?"
    if seen.method == "INVITE":
        return "re-INVITE" if seen.is_inside else f"INVITE {seen.uri_user}".rstrip()
    if seen.method == "REFER":
        return f"REFER to {party_of(seen.headers.get('Refer-To', '')).user or '?'}"
    if seen.method == "NOTIFY" and seen.body.startswith("SIP/2.0 "):
        return f"NOTIFY {seen.body.partition(' ')[2].strip()}"
    return seen.method


def _answer(seen: Seen) -> str:
    said = f"{seen.status} {seen.phrase}".rstrip()
    return said if seen.method == "INVITE" else f"{said} ({seen.method or '?'})"


def _arrows(
    seen: Sequence[Seen], columns: dict[str, int], start: datetime, language: str
) -> Iterable[Arrow]:
    known: dict[tuple[str, str, bytes], Arrow] = {}
    for one in seen:
        offset = (from_micros(one.message.at) - start).total_seconds()
        key = (one.call_id, one.message.direction, one.message.text)
        before = known.get(key)
        if before is not None:
            before.count += 1
            before.last = offset
            continue
        arrow = known[key] = Arrow(one, columns[one.call_id], offset, label_of(one, language))
        yield arrow
