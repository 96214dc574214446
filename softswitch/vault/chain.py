"""A chain of entries that nobody can change afterwards without its being seen. Pure.

Each entry is sealed (HMAC-SHA-256) together with the seal of the one before it, under a key that
does not lie in the database: whoever may write there can neither change nor take out an entry, nor
write a chain of his own. That the last entries were cut off is seen by the newest seal, which is
kept with the key.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from softswitch.wording import say

BEGINNING: Final = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chain ends: the number of its last entry (0: none), and that one's seal."""

    number: int = 0
    seal: str = BEGINNING


def seal(key: bytes, before: str, entry: Mapping[str, object]) -> str:
    """The seal of an entry behind the one with the seal `before`."""
    text = json.dumps([before, sorted(entry.items())], ensure_ascii=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), sha256).hexdigest()


def first_fault(
    key: bytes, entries: Iterable[tuple[Mapping[str, object], str]], end: Link | None
) -> str | None:
    """What is wrong with a chain; None: nothing. Entries (`number` among them) with their seals.

    `end`: where it is known to end, or to have ended at least.
    """
    last = Link()
    for entry, sealed in entries:
        number = entry.get("number")
        if number != last.number + 1:
            return say("audit_missing", number=last.number + 1)
        if not hmac.compare_digest(seal(key, last.seal, entry), sealed):
            return say("audit_changed", number=last.number + 1)
        last = Link(last.number + 1, sealed)
        if end is not None and end.number == last.number and end.seal != last.seal:
            return say("audit_exchanged", number=last.number)
    if end is not None and end.number > last.number:
        return say("audit_cut_off", last=last.number, number=end.number)
    return None
