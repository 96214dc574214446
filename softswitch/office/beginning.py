"""A first office file from a few answers: the smallest that is good, with room to grow.

Nothing in it says what is not true: the shipped `welcome` and `closed` speak of another office's
name and hours, so a welcome stands as a comment until somebody has recorded his own.
"""

import json
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody with a telephone."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What `softswitch init` asks. `number`: international, or None while there is none."""

    name: str
    language: str
    country: str
    timezone: str
    days: str
    begin: str
    end: str
    people: tuple[Employee, ...]
    mail: str
    number: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The comments of the file, in the language of the office."""

    head: str
    safe: str
    hours: str
    people: str
    trunk: str
    welcome: str
    tests: str


_TEXTS = {
    "pl": _Words(
        head="# Cała centrala w jednym pliku. `softswitch check` dowodzi, że nikt nie zginie.",
        safe="# tu trafia każdy, dla kogo nic innego nie zapisano",
        hours="# PH = święta ustawowe; urlopy i przerwy: `calendar:`",
        people="# hasła telefonów nadaje `softswitch passwd`",
        trunk="# operator poznaje nas po adresie IP; konto z hasłem: docs/pl/lacza.md",
        welcome="  # Własne powitanie: prompts/welcome.wav, na górze `prompts: prompts`, tu:\n"
        "  # welcome: {play: welcome, then: opening}   i w `numbers:` welcome zamiast opening",
        tests="# rozmowy, które muszą się udać; `softswitch test`",
    ),
    "en": _Words(
        head="# A whole telephone system in one file. `softswitch check` proves that no caller is "
        "lost.",
        safe="# where everybody goes for whom nothing else is written",
        hours="# PH = public holidays; breaks and days off: `calendar:`",
        people="# `softswitch passwd` sets the passwords of the phones",
        trunk="# the provider knows us by our address; with a password: docs/trunks.md",
        welcome="  # A welcome of your own: prompts/welcome.wav, `prompts: prompts` above, here:\n"
        "  # welcome: {play: welcome, then: opening}   and welcome for opening in `numbers:`",
        tests="# calls that must go right; `softswitch test`",
    ),
}
FIRST_EXTENSION = 101
# Ours to call while no number and no provider is known.
_INSIDE = "200"


def office_file(answers: Answers, open_day: date | None = None) -> str:
    """The YAML text. `open_day`: a day on which the office is open, for the first tests."""
    words = _TEXTS.get(answers.language, _TEXTS["en"])
    extensions = range(FIRST_EXTENSION, FIRST_EXTENSION + len(answers.people))
    agents = ", ".join(str(extension) for extension in extensions)
    called = answers.number or _INSIDE
    lines = [
        words.head,
        "",
        *_head(answers, words),
        "",
        f"hours:                      {words.hours}",
        f'  office: "{answers.days} {answers.begin}-{answers.end}; PH off"',
        "",
        f"people:                     {words.people}",
        *(_person(e, one) for e, one in zip(extensions, answers.people, strict=True)),
        "",
        "queues:",
        f"  reception: {{agents: [{agents}], longest_wait: 3m, announce: {{every: 30s}}}}",
        "",
        "mailboxes:",
        f"  office: {{greeting: mailbox_greeting, mail: {_text(answers.mail)}}}",
        *_trunk(answers, words),
        "",
        "numbers:",
        f"  {_text(called)}: opening",
        "",
        "routes:",
        words.welcome,
        "  opening:   {hours: office, open: reception, closed: message}",
        "  reception: {queue: reception, too_long: message, full: message, no_agents: message}",
        "  message:   {voicemail: office}",
        *_tests(answers, words, open_day),
    ]
    return "\n".join(lines) + "\n"


def _head(answers: Answers, words: _Words) -> list[str]:
    return [
        "office:",
        f"  name: {_text(answers.name)}",
        f"  country: {answers.country}",
        f"  timezone: {answers.timezone}",
        f"  language: {answers.language}",
        *([f"  number: {_text(answers.number)}"] if answers.number else []),
        f"  safe: message             {words.safe}",
    ]


def _person(extension: int, employee: Employee) -> str:
    mail = f", email: {_text(employee.email)}" if employee.email else ""
    return f"  {extension}: {{name: {_text(employee.name)}{mail}}}"


def _trunk(answers: Answers, words: _Words) -> list[str]:
    if answers.number is None or answers.server is None:
        return []
    server, number = _text(answers.server), _text(answers.number)
    return [
        "",
        f"trunks:                     {words.trunk}",
        f"  operator: {{server: {server}, numbers: [{number}]}}",
    ]


def _tests(answers: Answers, words: _Words, open_day: date | None) -> list[str]:
    if open_day is None:
        return []
    return [
        "",
        f"tests:                      {words.tests}",
        f"  open:   {{at: {open_day} {answers.begin}, expect: talk, within: 1m}}",
        f"  closed: {{at: {open_day} {answers.end}, expect: message, in: office}}",
        f"  busy:   {{at: {open_day} {answers.begin}, busy: all, expect: message, within: 5m}}",
    ]


def _text(value: str) -> str:
    """Always in quotes: a name may contain whatever it likes."""
    return json.dumps(value, ensure_ascii=False)
