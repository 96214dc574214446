"""An office file broken in every way: each edge, prompt, hour, member and name removed or changed.

The file is read as a tree, one thing of it is changed, and it is written again with each entry of a
section on a line of its own, so that the line that must be named is known.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from softswitch.office.source import compose
from softswitch.routing.verbs import VERBS

Data = dict[str, Any]

NOWHERE, UNKNOWN_PERSON, NO_PROMPT = "nowhere", "9999", "no_such_prompt"
PROMPTS = ("play", "menu", "collect", "dial_by_name")
NAMED = ("queue", "voicemail", "hours", "roster", "ring", "callback", "forward", "hangup")
# An hour range that is over, one that is none, and what is no rule.
RULES = ("2024 Mo-Fr 08:00-16:00", "Mo-Fr 08:00-16:00; Mo-Su off", "Mo-Fr 8.00-16.00", "")
MEMBERS = (("queues", "agents"), ("groups", "ring"))


@dataclass(frozen=True, slots=True)
class Mutant:
    """`what` was done at the entry `name` of `section`; `line` has it, or where it was."""

    kind: str
    what: str
    section: str
    name: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.section} {self.name}: {self.what}"


def mutants(text: str) -> Iterator[Mutant]:
    """Every mutant of an office file; the same ones in the same order each time."""
    data: Data = compose("office.yaml", text).data
    for kind, what, section, name, changed in _changed(data):
        written, lines = render(changed)
        line = lines.get((section, name)) or lines.get((section, ""), 1)
        yield Mutant(kind, what, section, name, written, line)


def render(data: Data) -> tuple[str, dict[tuple[str, str], int]]:
    """The file, and the line of each section's heading ("") and of each entry."""
    rows: list[str] = []
    lines: dict[tuple[str, str], int] = {}
    for section, entries in data.items():
        rows.append(f"{json.dumps(section)}:")
        lines[section, ""] = len(rows)
        for name, entry in entries.items():
            rows.append(f"  {json.dumps(name)}: {json.dumps(entry, default=str)}")
            lines[section, name] = len(rows)
    return "\n".join(rows) + "\n", lines


Changed = tuple[str, str, str, str, Data]


def _changed(data: Data) -> Iterator[Changed]:
    yield from _edges(data)
    yield from _options(data)
    yield from _entries(data)
    yield from _hours(data)
    yield from _members(data)


def _with(data: Data, section: str, name: str, entry: Any) -> Data:
    rest = {key: value for key, value in data[section].items() if key != name or entry is not None}
    return {**data, section: rest if entry is None else {**rest, name: entry}}


def _edges(data: Data) -> Iterator[Changed]:
    """Each way out of a node, and of a number, cut or led elsewhere."""
    safe, first = data["office"]["safe"], next(iter(data["numbers"].values()))
    elsewhere = (NOWHERE, "hangup", safe, first)
    for name, node in data["routes"].items():
        verb = next(key for key in node if key in VERBS)
        fields = {i.alias or n for n, i in VERBS[verb].options.model_fields.items()}
        for outcome in [key for key in node if key not in fields]:
            rest = {key: value for key, value in node.items() if key != outcome}
            yield "edge", f"no {outcome}", "routes", name, _with(data, "routes", name, rest)
            for to in dict.fromkeys((*elsewhere, name)):
                if to != node[outcome]:
                    entry = {**node, outcome: to}
                    changed = _with(data, "routes", name, entry)
                    yield "edge", f"{outcome} → {to}", "routes", name, changed
    for number in data["numbers"]:
        yield "edge", "removed", "numbers", number, _with(data, "numbers", number, None)
        for to in (NOWHERE, "hangup"):
            yield "edge", f"→ {to}", "numbers", number, _with(data, "numbers", number, to)
    for to in (NOWHERE, "hangup", *data["routes"]):
        if to != safe:
            yield "safe", f"→ {to}", "office", "safe", _with(data, "office", "safe", to)


def _options(data: Data) -> Iterator[Changed]:
    """What a node plays, rings and waits in: something that is not there, or nothing."""
    for name, node in data["routes"].items():
        for key in [key for key in node if key in (*PROMPTS, *NAMED)]:
            kind, other = ("prompt", NO_PROMPT) if key in PROMPTS else ("name", "no_such_thing")
            changed = _with(data, "routes", name, {**node, key: other})
            yield kind, f"{key}: {other}", "routes", name, changed
            rest = {k: value for k, value in node.items() if k != key}
            yield kind, f"no {key}", "routes", name, _with(data, "routes", name, rest)
    for name, box in data["mailboxes"].items():
        entry = {**box, "greeting": NO_PROMPT}
        changed = _with(data, "mailboxes", name, entry)
        yield "prompt", f"greeting: {NO_PROMPT}", "mailboxes", name, changed


def _entries(data: Data) -> Iterator[Changed]:
    """Whole entries removed."""
    for section in ("routes", "people", "groups", "queues", "rosters", "mailboxes", "hours"):
        for name in data[section]:
            yield "entry", "removed", section, name, _with(data, section, name, None)


def _hours(data: Data) -> Iterator[Changed]:
    """Each rule, and each part of one, changed or gone."""
    for name, rule in data["hours"].items():
        for other in RULES:
            yield "hours", f"{other!r}", "hours", name, _with(data, "hours", name, other)
        parts = rule.split(";")
        for n in range(len(parts)):
            rest = ";".join(parts[:n] + parts[n + 1 :]).strip()
            yield "hours", f"only {rest!r}", "hours", name, _with(data, "hours", name, rest)
    for name, roster in data["rosters"].items():
        for when in roster:
            rest = {key: who for key, who in roster.items() if key != when}
            yield "hours", f"no {when}", "rosters", name, _with(data, "rosters", name, rest)


def _members(data: Data) -> Iterator[Changed]:
    """Each member of a team removed or unknown, and none left."""
    for section, key in MEMBERS:
        for name, team in data[section].items():
            for what, people in _fewer(team[key]):
                changed = _with(data, section, name, {**team, key: people})
                yield "member", what, section, name, changed
    for name, roster in data["rosters"].items():
        for when, who in roster.items():
            for what, people in _fewer(who if isinstance(who, list) else [who]):
                changed = _with(data, "rosters", name, {**roster, when: people})
                yield "member", f"{when} {what}", "rosters", name, changed
    for name, box in data["mailboxes"].items():
        changed = _with(data, "mailboxes", name, {**box, "mail": "nobody"})
        yield "member", "mail: nobody", "mailboxes", name, changed


def _fewer(people: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    for n, one in enumerate(people):
        yield f"without {one}", people[:n] + people[n + 1 :]
        yield f"{one} unknown", [*people[:n], UNKNOWN_PERSON, *people[n + 1 :]]
    yield "nobody", []


def counted(kinds: Mapping[str, int]) -> str:
    """`edge 412, prompt 31`"""
    return ", ".join(f"{kind} {number}" for kind, number in kinds.items())
