"""Who is absent by the office's file, who takes his calls meanwhile, and who is left of a team."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.rosters import coverage, on_duty
from softswitch.office.source import Path
from softswitch.office.until import Absence, absences
from softswitch.wording import Said, say, several

# Of an absence that has no end in sight, so much is looked at for the duty.
_MOST = timedelta(days=92)


def check_absences(office: Office, at: datetime, findings: Findings) -> None:
    """Absences that are still to come (or last) need a deputy, who is there."""
    for extension, person in office.people.items():
        where = ("people", extension)
        if person.deputy == extension:
            message = say("own_deputy", extension=extension, name=person.name)
            findings.error((*where, "deputy"), message, say("name_colleague"))
            continue
        ahead = _ahead(office, extension, at)
        if not ahead:
            continue
        if person.deputy is None:
            begin = ahead[0].begin.astimezone(office.zone)
            message = say("no_deputy", extension=extension, name=person.name, at=begin)
            remedy = say("write_deputy")
            findings.warning((*where, "absent"), message, remedy, at_key=True)
        elif both := _overlap(office, ahead, person.deputy):
            message = say(
                "both_absent",
                extension=extension,
                name=person.name,
                deputy=person.deputy,
                at=both.astimezone(office.zone),
            )
            remedy = say("other_deputy")
            if office.people[person.deputy].deputy in (None, extension):
                findings.warning((*where, "deputy"), message, remedy)
    _check_teams(office, at, findings)
    _check_duty(office, at, findings)


def _check_teams(office: Office, at: datetime, findings: Findings) -> None:
    """A queue or group of which nobody is there for a while."""
    teams: list[tuple[Path, Said, Sequence[str]]] = [
        (("queues", name), say("owner_queue", name=name), queue.agents)
        for name, queue in office.queues.items()
    ]
    teams += [
        (("groups", name), say("owner_group", name=name), group.ring)
        for name, group in office.groups.items()
    ]
    for path, what, people in teams:
        for gap in _all_away(office, people, at):
            message = say(
                "team_away",
                team=what,
                **_span(office, gap),
                people=several(people),
                count=len(people),
            )
            remedy = say("change_absence")
            findings.warning(path, message, remedy, at_key=True)
            break


def _check_duty(office: Office, at: datetime, findings: Findings) -> None:
    """Hours of a roster of which everybody is absent, `otherwise` too."""
    for name in office.rosters:
        people = [one for words in office.rosters[name].values() for one in _people(office, words)]
        spans = [span for one in people for span in _ahead(office, one, at)]
        gap = next(_duty_gaps(office, name, spans, at), None)
        if gap is not None:
            message = say("duty_away", name=name, **_span(office, gap))
            remedy = say("change_duty")
            findings.warning(("rosters", name), message, remedy, at_key=True)


def _duty_gaps(
    office: Office, name: str, spans: Iterable[Absence], at: datetime
) -> Iterator[Absence]:
    for span in sorted(spans, key=lambda one: one.begin):
        begin = max(span.begin, at)
        for stretch in coverage(office, name, begin, min(span.end, begin + _MOST)):
            duty = _people(office, on_duty(office, name, stretch.begin))
            for gap in _all_away(office, duty, stretch.begin):
                if gap.begin < stretch.end:
                    yield Absence(max(gap.begin, stretch.begin), min(gap.end, stretch.end))


def _people(office: Office, words: Sequence[str]) -> list[str]:
    return [one for w in words for one in (office.groups[w].ring if w in office.groups else [w])]


def _all_away(office: Office, people: Sequence[str], at: datetime) -> Iterator[Absence]:
    """When all of them are absent at once, from `at` on."""
    if not people:
        return
    common = _ahead(office, people[0], at)
    for one in people[1:]:
        common = [
            Absence(max(a.begin, b.begin), min(a.end, b.end))
            for a in common
            for b in _ahead(office, one, at)
            if a.begin < b.end and b.begin < a.end
        ]
    yield from common


def _ahead(office: Office, extension: str, at: datetime) -> list[Absence]:
    person = office.people.get(extension)
    spans = person.absent if person is not None else ()
    return [one for one in absences(spans, office.zone) if one.end > at]


def _span(office: Office, gap: Absence) -> dict[str, datetime]:
    """Facts of a sentence."""
    return {"begin": gap.begin.astimezone(office.zone), "end": gap.end.astimezone(office.zone)}


def _overlap(office: Office, ahead: list[Absence], deputy: str) -> datetime | None:
    """From when on both are away; None when they never are."""
    person = office.people.get(deputy)
    theirs = absences(person.absent, office.zone) if person is not None else ()
    begins = [
        max(one.begin, other.begin)
        for one in ahead
        for other in theirs
        if one.begin < other.end and other.begin < one.end
    ]
    return min(begins, default=None)
