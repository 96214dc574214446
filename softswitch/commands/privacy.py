"""`softswitch privacy`: drafts of an information clause and a record of processing, from the
office's own policies, in Polish or English. Drafts: what the file does not say is left to be filled
in.
"""

from typing import Annotated

import typer

from softswitch.commands.speech import known_language, language_for
from softswitch.commands.terminal import OfficeArgument, errors, out
from softswitch.office.durations import format_duration
from softswitch.office.models import Office
from softswitch.office.recording import RecordingPolicy, in_words
from softswitch.wording import Said, in_language, say

DAY = 86_400
_TEXTS = {
    "pl": {
        "clause": "KLAUZULA INFORMACYJNA (projekt; art. 13 RODO)",
        "who": "Administratorem danych jest {office}. Kontakt: {number}.",
        "none": "Rozmowy telefoniczne nie są nagrywane.",
        "what": "Nagrywane są rozmowy: {title}. Cel: {purpose}. Podstawa prawna: {basis}. "
        "Okres przechowywania: {keep}. Dostęp: {hear}.",
        "refuse": "Rozmowę można odbyć bez nagrywania: klawisz {key}.",
        "fill": "[DO UZUPEŁNIENIA]",
        "admin": "osoba prowadząca centralę",
        "secret": "Nie są nagrywane rozmowy objęte tajemnicą zawodową.",
        "rights": "Przysługuje prawo dostępu do danych, sprostowania, usunięcia, ograniczenia, "
        "sprzeciwu oraz skargi do Prezesa UODO. Nagrania są szyfrowane i nie opuszczają "
        "urządzeń biura.",
        "record": "REJESTR CZYNNOŚCI PRZETWARZANIA (projekt; art. 30 RODO)",
        "columns": "czynność | kategorie osób | dane | cel | podstawa | termin usunięcia | "
        "odbiorcy | zabezpieczenia",
        "row": "nagrywanie: {title} | rozmówcy i pracownicy | głos, numer, czas | {purpose} | "
        "{basis} | {keep} | {hear} | AES-256-GCM, osobny klucz nagrania, dziennik dostępu",
    },
    "en": {
        "clause": "INFORMATION CLAUSE (draft; art. 13 GDPR)",
        "who": "The controller is {office}. Contact: {number}.",
        "none": "Telephone calls are not recorded.",
        "what": "Recorded are: {title}. Purpose: {purpose}. Legal ground: {basis}. "
        "Kept for: {keep}. Heard by: {hear}.",
        "refuse": "A call can be had without recording: key {key}.",
        "fill": "[TO BE FILLED IN]",
        "admin": "whoever runs the telephone system",
        "secret": "Talks under professional secrecy are not recorded.",
        "rights": "You may ask for access, correction, erasure, restriction, object, and "
        "complain to the supervisory authority. Recordings are encrypted and do not leave the "
        "office's machines.",
        "record": "RECORD OF PROCESSING (draft; art. 30 GDPR)",
        "columns": "activity | people | data | purpose | ground | erased after | "
        "recipients | security",
        "row": "recording: {title} | callers and staff | voice, number, time | {purpose} | "
        "{basis} | {keep} | {hear} | AES-256-GCM, a key each, access log",
    },
}  # fmt: skip


def privacy_text(office: Office, language: str) -> str:
    """Both drafts, one after the other."""
    words = _TEXTS[language]
    values = [_values(office, policy, language) for policy in office.recording]
    number = office.office.number or words["fill"]
    lines = [words["clause"], "", words["who"].format(office=office.office.name, number=number)]
    for policy, value in zip(office.recording, values, strict=True):
        lines.append(words["what"].format(**value))
        if policy.opt_out_key is not None:
            lines.append(words["refuse"].format(key=policy.opt_out_key))
    if not values:
        lines.append(words["none"])
    if values and (office.never_recorded or any(p.privileged for p in office.people.values())):
        lines.append(words["secret"])
    lines += [words["rights"], "", words["record"], "", words["columns"]]
    lines += [words["row"].format(**value) for value in values] or [words["none"]]
    return "\n".join(lines) + "\n"


def _kept(seconds: float) -> Said:
    """Whole days as such, anything else as it is written in the file."""
    days, rest = divmod(round(seconds), DAY)
    written = say("word", word=format_duration(round(seconds)))
    return written if rest else say("days", count=days)


def _values(office: Office, policy: RecordingPolicy, language: str) -> dict[str, str]:
    words = _TEXTS[language]
    names = [
        office.people[one].name if one in office.people else office.groups[one].name or one
        for one in policy.hear
    ]
    return {
        "title": in_language(in_words(policy.title), language),
        "purpose": policy.purpose,
        "basis": policy.basis or words["fill"],
        "keep": _kept(policy.keep).in_language(language),
        "hear": ", ".join(names) or words["admin"],
    }


def privacy(
    office: OfficeArgument,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang",
            "--language",
            callback=known_language,
            help="pl or en; without it the office's own.",
        ),
    ] = None,
) -> None:
    """Draft the information clause and the record of processing from an office's file."""
    from softswitch.commands.offices import read_office

    loaded = read_office(office, errors, language_for(language, office))
    language = language or loaded.office.office.language
    out.print(privacy_text(loaded.office, language), highlight=False, markup=False, soft_wrap=True)


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.command()(privacy)
