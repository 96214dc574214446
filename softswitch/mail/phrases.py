"""The words of the voicemail mail, in Polish and English.

Dates are written here and not by the system's locale: a server has whatever locale its installer
chose, and Polish wants the month's genitive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. `{…}` are filled by `message.py`."""

    subject: str
    subject_hidden: str  # the caller withheld his number
    hidden: str  # the same, in the body
    body: str
    missing: str
    file: str  # ASCII: the name of an attachment passes through every mail program
    days: tuple[str, ...]  # from Monday
    months: tuple[str, ...]  # as after a day's number
    date: str


_POLISH = Phrases(
    subject="Nowa wiadomość głosowa od {caller} — {length}",
    subject_hidden="Nowa wiadomość głosowa z numeru zastrzeżonego — {length}",
    hidden="numer zastrzeżony",
    body="""\
Nowa wiadomość głosowa w skrzynce: {mailbox}

Od:       {caller}
Kiedy:    {date}
Długość:  {length} (min:s)

--\x20
{office}
""",
    missing="""\
UWAGA: nie udało się dołączyć nagrania. Wiadomość jest zapisana w centrali pod nazwą {file};
proszę zwrócić się do administratora.
""",
    file="wiadomosc",
    days=("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
    months=(
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
        "października",
        "listopada",
        "grudnia",
    ),
    date="{weekday}, {day} {month} {year}, {time} ({zone})",
)

_ENGLISH = Phrases(
    subject="New voice message from {caller} — {length}",
    subject_hidden="New voice message from a withheld number — {length}",
    hidden="number withheld",
    body="""\
New voice message in the mailbox: {mailbox}

From:     {caller}
When:     {date}
Length:   {length} (min:s)

--\x20
{office}
""",
    missing="""\
NOTE: the recording could not be attached. The telephone system keeps the message as {file};
please ask your administrator.
""",
    file="message",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    date="{weekday}, {day} {month} {year}, {time} ({zone})",
)

LANGUAGES: Mapping[str, Phrases] = {"pl": _POLISH, "en": _ENGLISH}


def phrases(language: str) -> Phrases:
    """The words of a language (`pl`, `en`, also `pl-PL`); English for one that is not here."""
    return LANGUAGES.get(language[:2].lower(), LANGUAGES[FALLBACK])


def spoken_date(words: Phrases, local: datetime) -> str:
    """`środa, 4 listopada 2026, 8:05 (CET, UTC+01:00)` of an aware local moment."""
    return words.date.format(
        weekday=words.days[local.weekday()],
        day=local.day,
        month=words.months[local.month - 1],
        year=local.year,
        time=f"{local.hour}:{local.minute:02}",
        zone=f"{local.tzname()}, UTC{local.isoformat(timespec='minutes')[-6:]}",
    )
