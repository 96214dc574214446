"""Who is never recorded, listened to or transcribed, whatever any policy says: deny wins.

People (`privileged: true`), clients (the contacts' column), numbers (`never_recorded:`), and calls
for help. The one predicate for everything that hears a call besides those who talk: recording, a
supervisor who listens, a transcription. The media engine is told too and refuses by itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from softswitch.office.contacts import Contacts
from softswitch.office.models import Office
from softswitch.office.numbers import is_emergency


class Ground(StrEnum):
    """Why somebody's talks are nobody else's business."""

    PERSON = "person"
    CLIENT = "client"
    NUMBER = "number"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Denial:
    """Whose secrecy it is, and on which ground."""

    who: str
    ground: Ground


def denial_of(office: Office, contacts: Contacts, *numbers: str | None) -> Denial | None:
    """Whether one of these may not be overheard: extensions, E.164 numbers of clients or ours.

    To be asked with everybody who takes part in a talk, and the number that was called.
    """
    found = (_of_one(office, contacts, number) for number in numbers if number)
    return next((denial for denial in found if denial is not None), None)


def _of_one(office: Office, contacts: Contacts, number: str) -> Denial | None:
    person = office.people.get(number)
    if person is not None and person.privileged:
        return Denial(number, Ground.PERSON)
    if number in office.never_recorded:
        return Denial(number, Ground.NUMBER)
    contact = contacts.find(number)
    if contact is not None and contact.is_privileged:
        return Denial(number, Ground.CLIENT)
    if person is None and is_emergency(number, office.country):
        return Denial(number, Ground.HELP)
    return None
