"""Who looks for victims: told by what comes from an address where no device is healthy.

A scanner tries many names, sends much that is no SIP, or asks again and again without ever coming
back with credentials; some even say who they are. An office whose phones register for the first
time does none of that: its first good password ends all suspicion.

Knows nothing of time beyond what it is told, and of SIP only the word User-Agent.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

NAMES = 20
"""Different users or numbers tried in vain: no phone has so many."""
UNANSWERED = 600
"""Challenges to an address that never answered one well: 200 phones that register at the same
moment cause 200 of them, and again when they repeat."""
GARBLED = 100
"""Messages that could not be read."""
WINDOW = 600.0
"""Seconds in which they are counted."""
MAX_SUSPECTS = 4_096
MAX_NAME = 64

# The names under which attack tools introduce themselves; none is a telephone.
_TOOLS = (
    rb"friendly-scanner|friendly-request|sipvicious|sundayddr|sip-?scan|sipv\b|siparmyknife|"
    rb"vaxsip|vaxasip|pplsip|sipcli|iwar\b|smap\b|sivus|gulp\b|voipbuster-scan|eyebeam-scan"
)
_AGENT = re.compile(rb"\r\nUser-Agent[ \t]*:[ \t]*[^\r\n]{0,80}?(?:" + _TOOLS + rb")", re.I)
# An agent stands in the head: a longer search would be a gift to who sends 64 KB of body.
_LOOK_AT = 2_048


def is_tool(data: bytes) -> bool:
    """Does a message say that an attack tool sent it?"""
    return _AGENT.search(data, 0, _LOOK_AT) is not None


@dataclass(slots=True)
class _Suspect:
    since: float
    names: set[str] = field(default_factory=set)
    unanswered: int = 0
    garbled: int = 0


class Scanners:
    """Counts by source; each question says whether the source is a scanner now."""

    def __init__(self) -> None:
        self._suspects: OrderedDict[str, _Suspect] = OrderedDict()

    def tried(self, source: str, name: str, now: float) -> bool:
        """A name was tried in vain: failed credentials, or a user or number that is not here."""
        suspect = self._suspect(source, now)
        suspect.names.add(name[:MAX_NAME])
        return len(suspect.names) >= NAMES

    def challenged(self, source: str, now: float) -> bool:
        """It was asked for credentials."""
        suspect = self._suspect(source, now)
        suspect.unanswered += 1
        return suspect.unanswered >= UNANSWERED

    def garbled(self, source: str, now: float) -> bool:
        """Something came that is no SIP."""
        suspect = self._suspect(source, now)
        suspect.garbled += 1
        return suspect.garbled >= GARBLED

    def cleared(self, source: str) -> None:
        """A device there is healthy, or the source was dropped: counted anew."""
        self._suspects.pop(source, None)

    def expire(self, now: float) -> None:
        """Forget what was long ago."""
        gone = [key for key, one in self._suspects.items() if now - one.since > WINDOW]
        for source in gone:
            del self._suspects[source]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How full the table is, and its bound."""
        return {"guard suspects": (len(self._suspects), MAX_SUSPECTS)}

    def _suspect(self, source: str, now: float) -> _Suspect:
        suspect = self._suspects.get(source)
        if suspect is None or now - suspect.since > WINDOW:
            self._suspects.pop(source, None)
            if len(self._suspects) >= MAX_SUSPECTS:
                self._suspects.popitem(last=False)
            suspect = self._suspects[source] = _Suspect(now)
        return suspect
