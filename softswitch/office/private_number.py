"""Somebody's own phone outside, and how it is named where everybody may read.

Lists of calls, stories, ladders and logs are read by colleagues: a private number stands in the
INVITE to it and nowhere else.
"""

import re
from dataclasses import dataclass

from softswitch.office.models import Office
from softswitch.office.numbers import national_digits


@dataclass(frozen=True, slots=True)
class PrivateNumber:
    """`number`: E.164; `name`: what stands in its place."""

    number: str
    name: str

    @property
    def pattern(self) -> str:
        """Regular expression of every form in which it is written, in a URI too."""
        national = national_digits(self.number)
        code = self.number[1:].removesuffix(national)
        return rf"(?:(?:\+|%2[Bb]|00)?{code}|0)?{national}"

    def hidden_in(self, text: str) -> str:
        """The text without the number."""
        return re.sub(self.pattern, self.name, text)


def private_number(office: Office, number: str, extension: str) -> PrivateNumber:
    """Where somebody has his calls forwarded: his mobile, a colleague's, or another phone."""
    owner = mobile_owner(office, number)
    name = f"{extension} outside" if owner is None else f"{owner} mobile"
    return PrivateNumber(number, name)


def mobile_owner(office: Office, number: str) -> str | None:
    """Whose `mobile:` it is."""
    return next((one for one, who in office.people.items() if who.mobile == number), None)
