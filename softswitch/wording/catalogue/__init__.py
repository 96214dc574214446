"""All sentences by their codes; each file holds those of one kind, English beside Polish."""

from collections.abc import Mapping
from itertools import chain
from typing import Final

from softswitch.wording.catalogue import (
    calls,
    checks,
    commands,
    files,
    lists,
    names,
    references,
    refusals,
    stories,
    values,
    verbs,
)

# In the order in which each sentence is written.
LANGUAGES: Final = ("en", "pl")
_KINDS: Final = (
    *(values, files, references, names, checks, verbs, stories),
    *(commands, calls, lists, refusals),
)

CATALOGUE: Final[Mapping[str, tuple[str, str]]] = dict(
    chain.from_iterable(kind.SENTENCES.items() for kind in _KINDS)
)
