"""Who is absent by the office's file, and who takes his calls meanwhile."""

from datetime import datetime

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.until import Absence, absences


def check_absences(office: Office, at: datetime, findings: Findings) -> None:
    """Absences that are still to come (or last) need a deputy, who is there."""
    for extension, person in office.people.items():
        where = ("people", extension)
        if person.deputy == extension:
            message = f"{extension} {person.name} is his own deputy"
            findings.error((*where, "deputy"), message, "Name a colleague")
            continue
        ahead = [one for one in absences(person.absent, office.zone) if one.end > at]
        if not ahead:
            continue
        if person.deputy is None:
            message = f"nobody takes the calls of {extension} {person.name}, absent from"
            message += f" {_day(office, ahead[0].begin)}"
            remedy = "Write `deputy:` and a colleague's number"
            findings.warning((*where, "absent"), message, remedy, at_key=True)
        elif both := _overlap(office, ahead, person.deputy):
            message = f"{extension} {person.name} and the deputy {person.deputy} are both absent"
            message += f" from {_day(office, both)}"
            remedy = "Name another deputy, or let their calls go to one of the deputy's own"
            if office.people[person.deputy].deputy in (None, extension):
                findings.warning((*where, "deputy"), message, remedy)


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


def _day(office: Office, moment: datetime) -> str:
    return f"{moment.astimezone(office.zone):%a %Y-%m-%d}"
