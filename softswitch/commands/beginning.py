"""`softswitch init`: a few questions, in Polish or English, and a good office file."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import typer
from pydantic import TypeAdapter, ValidationError

from softswitch.office.beginning import Answers, Employee, office_file
from softswitch.office.calendar import state
from softswitch.office.fields import Email
from softswitch.office.hours import DAY_NAMES, parse
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.office.models import OfficeInfo
from softswitch.office.numbers import international, normalize
from softswitch.office.trunk import Trunk
from softswitch.wording import Slip

QUESTIONS = {
    "pl": {
        "name": "Nazwa biura",
        "country": "Kraj (dwie litery)",
        "timezone": "Strefa czasowa",
        "number": "Numer telefonu (puste: jeszcze nie ma)",
        "server": "Serwer operatora (puste: jeszcze nie ma)",
        "days": "Dni pracy (pn-pt, pn-so, ...)",
        "begin": "Otwarte od (GG:MM)",
        "end": "Otwarte do (GG:MM)",
        "first_person": "Osoba {}: imię i nazwisko (co najmniej jedna osoba)",
        "person": "Osoba {}: imię i nazwisko (puste: koniec)",
        "email": "Osoba {}: adres e-mail (puste: bez)",
        "mail": "Na jaki adres wysyłać wiadomości głosowe",
        "wrong": "Tego nie rozumiem: ",
        "needed": "Tu trzeba coś wpisać.",
        "first_person_needed": "W biurze jest co najmniej jedna osoba, która odbiera: wpisz ją.",
    },
    "en": {
        "name": "Name of the office",
        "country": "Country (two letters)",
        "timezone": "Time zone",
        "number": "Telephone number (empty: none yet)",
        "server": "Server of the provider (empty: none yet)",
        "days": "Working days (Mo-Fr, Mo-Sa, ...)",
        "begin": "Open from (HH:MM)",
        "end": "Open until (HH:MM)",
        "first_person": "Person {}: name (at least one person)",
        "person": "Person {}: name (empty: no more)",
        "email": "Person {}: e-mail address (empty: none)",
        "mail": "Where voice messages are sent",
        "wrong": "This is not understood: ",
        "needed": "Something has to be written here.",
        "first_person_needed": "An office has at least one person who answers: write the name.",
    },
}
_WEEK = {"pl": "pn-pt", "en": "Mo-Fr"}
_COUNTRIES = {"pl": "PL", "en": "GB"}
_ZONES = {
    "PL": "Europe/Warsaw",
    "GB": "Europe/London",
    "DE": "Europe/Berlin",
    "IE": "Europe/Dublin",
}
# Longer offices are better written in an editor.
_MOST_PEOPLE = 30
# An open day is found well before this.
_DAYS_AHEAD = 30


class _Questions:
    """Asks until an answer can be used; what has no default cannot be left empty."""

    def __init__(self, language: str) -> None:
        self._texts, self._language = QUESTIONS[language], language

    def ask(
        self,
        key: str,
        check: Callable[[str], str],
        default: str | None = None,
        place: int | None = None,
    ) -> str:
        question = self._texts[key].format(place)
        while True:
            # An empty default: else an empty line is asked about again without a word.
            told = typer.prompt(question, default=default or "", show_default=bool(default))
            answer = str(told).strip()
            if not answer and default is None:
                typer.echo(self._texts.get(f"{key}_needed", self._texts["needed"]))
                continue
            try:
                return check(answer)
            except ValueError as error:
                typer.echo(self._texts["wrong"] + _reason(error, self._language))


def ask(language: str) -> Answers:
    """All questions, in their order."""
    questions = _Questions(language)
    name = questions.ask("name", str)
    country = questions.ask("country", _country, _COUNTRIES[language])
    zone = questions.ask("timezone", _zone, _ZONES.get(country, "Europe/Warsaw"))
    number = questions.ask("number", lambda text: _number(text, country), "")
    server = questions.ask("server", _server, "") if number else ""
    days = questions.ask("days", _days, _WEEK[language])
    begin = questions.ask("begin", _clock, "08:00")
    end = questions.ask("end", lambda text: _later(text, begin), "16:00")
    people = _people(questions)
    first = next((one.email for one in people if one.email), None)
    mail = questions.ask("mail", _email, first)
    return Answers(
        name, language, country, zone, days, begin, end, people, mail, number or None,
        server or None,
    )  # fmt: skip


def _people(questions: _Questions) -> tuple[Employee, ...]:
    found: list[Employee] = []
    while len(found) < _MOST_PEOPLE:
        place = len(found) + 1
        if found:
            name = questions.ask("person", str, "", place)
        else:  # an office has somebody
            name = questions.ask("first_person", str, None, place)
        if not name:
            break
        email = questions.ask("email", lambda text: _email(text) if text else "", "", place)
        found.append(Employee(name, email or None))
    return tuple(found)


def beginning(answers: Answers, today: date) -> str:
    """The file's text, with tests on the next day on which the office is open."""
    first = office_file(answers)
    return office_file(answers, _open_day(parse_office(first), answers, today))


def _open_day(loaded: LoadedOffice, answers: Answers, today: date) -> date | None:
    for ahead in range(1, _DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        at = datetime.combine(day, time.fromisoformat(answers.begin), loaded.office.zone)
        if state(loaded.office, "office", at).is_open:
            return day
    return None


def _country(text: str) -> str:
    return OfficeInfo(name="?", safe="x", country=text.upper()).country


def _zone(text: str) -> str:
    return OfficeInfo(name="?", safe="x", timezone=text).timezone


def _number(text: str, country: str) -> str:
    number = normalize(text, country) if text else ""
    if number is None:
        raise ValueError(text)
    return international(number) if number else ""


def _server(text: str) -> str:
    return Trunk(server=text).server if text else ""


def _days(text: str) -> str:
    """Also as people say it: `pn-pt` is `Mo-Fr`."""
    days = re.sub(r"[^\W\d_]+", lambda word: DAY_NAMES.get(word[0].lower(), word[0]), text)
    parse(f"{days} 08:00-16:00", "PL")
    return days


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ValueError(text)
    return f"{int(hour):02}:{int(minute):02}"


def _later(text: str, begin: str) -> str:
    end = _clock(text)
    if end <= begin:
        raise ValueError(f"{end} <= {begin}")
    return end


def _email(text: str) -> str:
    return str(TypeAdapter(Email).validate_python(text))


def _reason(error: ValueError, language: str) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        error = found.get("ctx", {}).get("error", ValueError(found["msg"]))
    return error.in_language(language) if isinstance(error, Slip) else str(error)
