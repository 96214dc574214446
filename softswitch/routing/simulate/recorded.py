"""Whether a simulated talk would be recorded, and why not; decided as the switch does."""

from collections.abc import Collection

from softswitch.office.contacts import Contacts
from softswitch.office.models import Office
from softswitch.office.recording import RecordedDirection, Subject, policy_for
from softswitch.office.secrecy import Ground, denial_of
from softswitch.wording import SILENT, Said, say

_GROUNDS = {
    Ground.PERSON: say("ground_person"),
    Ground.CLIENT: say("ground_client"),
    Ground.NUMBER: say("ground_number"),
    Ground.HELP: say("ground_help"),
}


def told(
    office: Office,
    contacts: Contacts,
    number: str | None,
    called: str,
    queue: str | None,
    people: Collection[str],
) -> Said | None:
    """One line for the story; None when no policy speaks of such a talk."""
    is_inside = number is not None and number in office.people
    direction = RecordedDirection.INTERNAL if is_inside else RecordedDirection.IN
    subject = Subject(direction, called, queue, frozenset(people))
    return _verdict(office, contacts, subject, number, called, *people)


def told_of(
    office: Office, contacts: Contacts, number: str | None, called: str, conference: str
) -> Said | None:
    """The same of a conference that he joins."""
    subject = Subject(RecordedDirection.INTERNAL, conference=conference)
    return _verdict(office, contacts, subject, number, called)


def _verdict(
    office: Office, contacts: Contacts, subject: Subject, *parties: str | None
) -> Said | None:
    found = policy_for(office.recording, subject)
    if found is None:
        return None
    policy = found[1]
    denial = denial_of(office, contacts, *parties)
    if denial is not None:
        return say("not_recorded_because", who=denial.who, ground=_GROUNDS[denial.ground])
    refusal = say("key_refuses", key=policy.opt_out_key) if policy.opt_out_key else SILENT
    return say("is_recorded", purpose=policy.purpose, notice=policy.notice, refusal=refusal)
