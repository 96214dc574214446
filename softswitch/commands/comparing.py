"""`softswitch diff`: which calls go otherwise with another version of the office file."""

import json
from datetime import datetime

from rich.console import Console

from softswitch.office.loader import LoadedOffice
from softswitch.routing.effects.compare import Change, Kind, changes
from softswitch.routing.effects.words import sentence, when

_HEADS = {
    Kind.END: "Calls that come to somebody or something else:",
    Kind.HEARD: "Calls that hear something else:",
    Kind.DETAIL: "Calls that are handled otherwise:",
}


def show_changes(
    old: LoadedOffice, new: LoadedOffice, at: datetime, console: Console, *, as_json: bool
) -> bool:
    """Print what goes otherwise from `at` on; False when something does."""
    found = changes(old.graph, new.graph, at)
    office = new.office
    if as_json:
        told = [_change_dict(change, at, new) for change in found]
        console.print_json(json.dumps(told))
        return not found
    if not found:
        console.print("every call goes as before", highlight=False)
    for kind, head in _HEADS.items():
        firsts = _first_of_each([c for c in found if c.difference.kind is kind])
        if firsts:
            console.print(head, style="bold", highlight=False)
        for change, others in firsts:
            text = sentence(change, at, office.zone, office.country)
            more = f" (and {others} other ways)" if others else ""
            console.print(f"  {text}{more}", highlight=False, soft_wrap=True, markup=False)
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


def _change_dict(change: Change, at: datetime, new: LoadedOffice) -> dict[str, object]:
    return {
        "kind": change.difference.kind.value,
        "when": when(change.spans, at, new.office.zone),
        "first": change.spans[0][0].isoformat(),
        "numbers": list(change.numbers),
        "way": list(change.difference.way),
        "was": change.difference.was,
        "now": change.difference.now,
    }
