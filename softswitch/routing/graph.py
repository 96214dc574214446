"""Routes as a graph: every node with its verb, its options, and one edge for every outcome.

People, groups, queues and mailboxes are nodes too ("person 101", "queue reception"), so that a
target, an internal call and a route all go the same way through the same runner. An outcome without
a written target leads to `safe`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from softswitch.office.contacts import NOBODY, Contacts
from softswitch.office.models import Office
from softswitch.office.source import Path
from softswitch.routing.verbs.base import AnyVerb, End, Options, Outcome
from softswitch.wording import Said

# The word for a plain hang-up as a target, and the node behind it.
HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Edge:
    """Where one outcome leads: to a node, or to the end of the call."""

    outcome: Outcome
    target: str | None
    is_written: bool

    @property
    def end(self) -> End | None:
        """How the call ends here; None when it goes on."""
        return self.outcome.end if self.target is None else None


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a route. `is_implied`: not written as a route but made for a person or queue.

    `where` is its place in the file. `edges` has every possible outcome, and the written keys.
    """

    name: str
    verb: AnyVerb
    options: Options
    edges: Mapping[str, Edge]
    where: Path = ()
    is_implied: bool = False

    def describe(self) -> Said:
        """The node in one line."""
        return self.verb.describe(self.options)


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes of one office.

    `entries`: number (E.164 or internal) → node where a call to it begins.
    """

    office: Office
    nodes: Mapping[str, Node]
    entries: Mapping[str, str]
    safe: str
    contacts: Contacts = NOBODY

    def is_public(self, number: str) -> bool:
        """Whether the world outside can call it."""
        return number.startswith("+") and number in self.entries

    def start(self, word: str) -> str | None:
        """The node for a number, a route, or a person, group, queue or mailbox by name."""
        if word in self.entries:
            return self.entries[word]
        if word in self.nodes:
            return word
        kinds = ("person", "group", "queue", "mailbox", "conference")
        return next((f"{k} {word}" for k in kinds if f"{k} {word}" in self.nodes), None)
