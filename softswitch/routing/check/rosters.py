"""Somebody is on duty at every minute of the next two years, and only one entry says who."""

from datetime import datetime

from softswitch.office.findings import Findings
from softswitch.office.hours import HORIZON
from softswitch.office.models import Office
from softswitch.office.rosters import OTHERWISE, Stretch, coverage


def check_rosters(office: Office, at: datetime, findings: Findings) -> None:
    """Gaps without `otherwise` and overlaps, each named with its first date."""
    for name, roster in office.rosters.items():
        has_rest = bool(roster.get(OTHERWISE))
        gap: Stretch | None = None
        overlaps: dict[tuple[str, ...], Stretch] = {}
        for stretch in coverage(office, name, at, at + HORIZON):
            if not stretch.entries and gap is None:
                gap = stretch
            elif len(stretch.entries) > 1:
                overlaps.setdefault(tuple(sorted(stretch.entries)), stretch)
        if gap is not None and not has_rest:
            message = f"nobody is on duty by the roster {name} from {_span(office, gap)}"
            findings.error(("rosters", name), message, "Add `otherwise:` and a person", at_key=True)
        for entries, stretch in overlaps.items():
            words = " and ".join(f"`{entry}`" for entry in entries)
            message = f"{words} overlap in the roster {name} from {_span(office, stretch)}"
            remedy = "Shorten one of them"
            findings.error(("rosters", name, entries[-1]), message, remedy, at_key=True)
        for when, who in roster.items():
            if not who:
                message = f"nobody stands behind `{when}` in the roster {name}"
                findings.error(("rosters", name, when), message, "Name a person or a group")


def _span(office: Office, stretch: Stretch) -> str:
    begin, end = (moment.astimezone(office.zone) for moment in (stretch.begin, stretch.end))
    return f"{begin:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M}"
