"""What verbs, sections and fields say of themselves, in Polish.

The English texts stand where each is declared; here each has its translation. What an outcome means
is a sentence of the catalogue (`wording`) and is told from there.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Final

from softswitch.routing.manual.polish import (
    around,
    calls,
    lines,
    people,
    records,
    routes,
    sections,
)

_PARTS: Final = (sections, routes, people, calls, around, lines, records)
POLISH: Final[Mapping[str, str]] = dict(chain.from_iterable(part.TEXTS for part in _PARTS))
