"""Somebody is on duty at every minute of the next two years, and only one entry says who."""

from datetime import datetime

from softswitch.office.findings import Findings
from softswitch.office.hours import HORIZON
from softswitch.office.models import Office
from softswitch.office.rosters import OTHERWISE, Stretch, coverage
from softswitch.wording import say, several


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
            message = say("roster_gap", name=name, **_span(office, gap))
            findings.error(("rosters", name), message, say("add_otherwise"), at_key=True)
        for entries, stretch in overlaps.items():
            words = several([say("marked", word=entry) for entry in entries])
            message = say("roster_overlap", entries=words, name=name, **_span(office, stretch))
            remedy = say("shorten_one")
            findings.error(("rosters", name, entries[-1]), message, remedy, at_key=True)
        for when, who in roster.items():
            if not who:
                message = say("nobody_behind", when=when, name=name)
                findings.error(("rosters", name, when), message, say("name_someone"))


def _span(office: Office, stretch: Stretch) -> dict[str, datetime]:
    """Facts of a sentence."""
    begin, end = (moment.astimezone(office.zone) for moment in (stretch.begin, stretch.end))
    return {"begin": begin, "end": end}
