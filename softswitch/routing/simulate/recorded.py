"""Whether a simulated talk would be recorded, and why not; decided as the switch does."""

from collections.abc import Collection

from softswitch.office.contacts import Contacts
from softswitch.office.models import Office
from softswitch.office.recording import RecordedDirection, Subject, policy_for
from softswitch.office.secrecy import Ground, denial_of

_GROUNDS = {
    Ground.PERSON: "a person bound to secrecy",
    Ground.CLIENT: "a privileged client",
    Ground.NUMBER: "a number of `never_recorded:`",
    Ground.HELP: "a call for help",
}


def told(
    office: Office,
    contacts: Contacts,
    number: str | None,
    called: str,
    queue: str | None,
    people: Collection[str],
) -> str | None:
    """One line for the story; None when no policy speaks of such a talk."""
    is_inside = number is not None and number in office.people
    direction = RecordedDirection.INTERNAL if is_inside else RecordedDirection.IN
    found = policy_for(office.recording, Subject(direction, called, queue, frozenset(people)))
    if found is None:
        return None
    policy = found[1]
    denial = denial_of(office, contacts, number, called, *people)
    if denial is not None:
        return f"recorded: no, {denial.who} is {_GROUNDS[denial.ground]}"
    refusal = f"; key {policy.opt_out_key} refuses" if policy.opt_out_key else ""
    return f"recorded: yes ({policy.purpose}), the notice {policy.notice} comes first{refusal}"
