"""`softswitch diff`: which calls go otherwise with another version of the office file."""

import json
from datetime import datetime

from rich.console import Console

from softswitch.office.loader import LoadedOffice
from softswitch.routing.effects.compare import Change, Kind, changes
from softswitch.routing.effects.words import sentence, when
from softswitch.wording import ENGLISH, say

_HEADS = {
    Kind.END: say("changed_end"),
    Kind.HEARD: say("changed_heard"),
    Kind.DETAIL: say("changed_detail"),
}


def show_changes(
    old: LoadedOffice,
    new: LoadedOffice,
    at: datetime,
    console: Console,
    *,
    as_json: bool,
    language: str = ENGLISH,
) -> bool:
    """Print what goes otherwise from `at` on; False when something does."""
    found = changes(old.graph, new.graph, at)
    office = new.office
    if as_json:
        told = [_change_dict(change, at, new, language) for change in found]
        console.print_json(json.dumps(told))
        return not found
    if not found:
        console.print(say("nothing_changes").in_language(language), highlight=False)
    for kind, head in _HEADS.items():
        firsts = _first_of_each([c for c in found if c.difference.kind is kind])
        if firsts:
            console.print(head.in_language(language), style="bold", highlight=False)
        for change, others in firsts:
            text = sentence(change, at, office.zone, office.country)
            text = say("and_other_ways", change=text, count=others) if others else text
            line = f"  {text.in_language(language)}"
            console.print(line, highlight=False, soft_wrap=True, markup=False)
    return not found


def _first_of_each(found: list[Change]) -> list[tuple[Change, int]]:
    """One of those that differ only in the way there when the same thing is done otherwise."""
    grouped: dict[tuple[object, ...], list[Change]] = {}
    for change in found:
        difference = change.difference
        is_detail = difference.kind is Kind.DETAIL
        way = None if is_detail else (difference.way, change.numbers, change.spans)
        grouped.setdefault((difference.was, difference.now, way), []).append(change)
    return [(same[0], len(same) - 1) for same in grouped.values()]


def _change_dict(
    change: Change, at: datetime, new: LoadedOffice, language: str
) -> dict[str, object]:
    return {
        "kind": change.difference.kind.value,
        "when": when(change.spans, at, new.office.zone).in_language(language),
        "first": change.spans[0][0].isoformat(),
        "numbers": list(change.numbers),
        "way": [word.in_language(language) for word in change.difference.way],
        "was": change.difference.was.in_language(language),
        "now": change.difference.now.in_language(language),
        "said": {
            "was": change.difference.was.as_data(),
            "now": change.difference.now.as_data(),
        },
    }
