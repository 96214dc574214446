"""The office's clients by telephone number: name, caretaker, card, secrecy; from CSV and vCard.

The file is what a CRM or a spreadsheet exports, so its mistakes are warnings: a row that cannot be
used is named and left out, and the telephones go on. Columns are found by their headings, in
English or Polish; a cell may hold several numbers.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from softswitch.office.contact_sources import card_address, caretaker_in
from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.numbers import normalize
from softswitch.office.shown import one_line
from softswitch.office.source import Place, Source
from softswitch.wording import Said, of_disk, say

MAX_FILE = 20_000_000
MAX_CONTACTS = 200_000
# More broken rows than these are one mistake of the export, not many of a person.
NAMED_ROWS = 20
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("number", "phone", "telephone", "numer", "telefon"), "number"),
    **dict.fromkeys(("name", "client", "nazwa", "klient", "nazwisko"), "name"),
    **dict.fromkeys(("caretaker", "owner", "opiekun"), "caretaker"),
    **dict.fromkeys(("card", "url", "karta", "link"), "card"),
    **dict.fromkeys(("privileged", "secret", "tajemnica"), "privileged"),
}
# What stands in the column of those who are never recorded.
_YES = frozenset(("yes", "true", "1", "x", "tak"))
_NO = frozenset(("", "no", "false", "0", "nie"))
_BETWEEN = re.compile(r"\s*[|/]\s*")
_VCARD = {
    "FN": "name",
    "TEL": "number",
    "X-CARETAKER": "caretaker",
    "X-PRIVILEGED": "privileged",
    "URL": "card",
}


@dataclass(frozen=True, slots=True)
class Contact:
    """A known caller. `caretaker`: the extension of whoever looks after him.

    `source`: the place in `contacts:` where he was found.
    """

    number: str
    name: str
    caretaker: str | None = None
    card: str | None = None
    is_privileged: bool = False  # never recorded, never listened to
    source: int = 0


class _Over(Mapping[str, Contact]):
    """One contact laid over many, which are not copied for it."""

    def __init__(self, told: Contact, below: Mapping[str, Contact]) -> None:
        self._told, self._below = told, below

    def __getitem__(self, number: str) -> Contact:
        return self._told if number == self._told.number else self._below[number]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._below, self._told.number})

    def __len__(self) -> int:
        return len(self._below) + (self._told.number not in self._below)


@dataclass(frozen=True, slots=True)
class Contacts:
    """All of them, by E.164 number."""

    by_number: Mapping[str, Contact] = field(default_factory=dict)

    def find(self, number: str | None) -> Contact | None:
        """Whoever calls from this number; None when he is not known, or withholds it."""
        return self.by_number.get(number) if number else None

    def heeding(self, told: Contact | None) -> "Contacts":
        """These, but who is privileged by what another system told is privileged."""
        if told is None or not told.is_privileged:
            return self
        return Contacts(_Over(told, self.by_number))

    def __len__(self) -> int:
        return len(self.by_number)


NOBODY = Contacts()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int  # from 0
    cells: Mapping[str, str]
    numbers: tuple[str, ...]


def contact_from(
    office: Office, number: str, told: Mapping[str, object], source: int
) -> Contact | None:
    """What another system says of a number; None when it says no name."""
    name = one_line(told.get("name"))
    if name is None:
        return None
    caretaker = caretaker_in(office.people, told.get("caretaker"))
    # Here too, what cannot be read is a yes.
    is_privileged = str(told.get("privileged") or "").strip().lower() not in _NO
    card = card_address(told.get("card"))
    return Contact(number, name, caretaker, card, is_privileged, source)


def load_files(folder: Path, office: Office, findings: Findings) -> Contacts:
    """All files of `contacts:`; a number that stands in two of them is as the first one says."""
    known: dict[str, Contact] = {}
    for place, source in enumerate(office.contacts):
        if source.file is not None:
            found = load_contacts(folder / source.file, office, findings)
            for number, contact in found.by_number.items():
                known.setdefault(number, replace(contact, source=place))
    return Contacts(known)


def load_contacts(path: Path, office: Office, findings: Findings) -> Contacts:
    """Read the file; what is wrong is noted, at the file's own lines. Never raises."""
    mine = Findings(Source(str(path)))
    text = _text(path, mine)
    rows = list(_vcards(text) if path.suffix.lower() == ".vcf" else _table(text, mine))
    known = _Collector(office, mine).collect(rows)
    findings.include(mine.sorted())
    return Contacts(known)


def _text(path: Path, findings: Findings) -> str:
    """UTF-8, or what Polish spreadsheets write."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        findings.error_at(Place(0, 0), say("contacts_unreadable", why=of_disk(error)))
        return ""
    if len(content) > MAX_FILE:
        findings.error_at(Place(0, 0), say("file_too_large", megabytes=MAX_FILE // 1000000))
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace")


def _table(text: str, findings: Findings) -> Iterator[_Row]:
    lines = text.splitlines()
    if not lines:
        return
    delimiter = max(";,\t", key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter)
    headings = [HEADINGS.get(cell.strip().lower(), "") for cell in next(reader)]
    if not {"number", "name"} <= set(headings):
        message = say("no_columns")
        findings.error_at(Place(0, 0), message, say("write_columns"))
        return
    for cells in reader:
        row = {
            heading: cell.strip() for heading, cell in zip(headings, cells, strict=False) if heading
        }
        numbers = [one for one in _BETWEEN.split(row.get("number", "")) if one]
        if any(row.values()):
            yield _Row(reader.line_num - 1, row, tuple(numbers))


def _vcards(text: str) -> Iterator[_Row]:
    """RFC 6350, as far as a telephone needs it: FN, TEL, URL, and two of our own."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    cells: dict[str, str] = {}
    numbers: list[str] = []
    for line, content in enumerate(unfolded.splitlines()):
        name, _, value = content.partition(":")
        word = name.split(";")[0].rpartition(".")[2].upper()
        if word == "BEGIN":
            cells, numbers, begun = {}, [], line
        elif word == "TEL":
            numbers.append(value.removeprefix("tel:"))
        elif word in _VCARD:
            cells.setdefault(_VCARD[word], value.replace("\\,", ",").strip())
        elif word == "END" and cells:
            yield _Row(begun, cells, tuple(numbers))


class _Collector:
    """Rows into contacts."""

    def __init__(self, office: Office, findings: Findings) -> None:
        self._office, self._findings = office, findings
        self._named = 0

    def collect(self, rows: Iterable[_Row]) -> dict[str, Contact]:
        known: dict[str, Contact] = {}
        lines: dict[str, int] = {}
        for row in rows:
            for contact in self._contacts(row):
                if contact.number in known:
                    message = say(
                        "number_in_line_already",
                        number=contact.number,
                        line=lines[contact.number] + 1,
                    )
                    self._warn(row, message, say("first_counts"))
                elif len(known) < MAX_CONTACTS:
                    known[contact.number] = contact
                    lines[contact.number] = row.line
        if self._named > NAMED_ROWS:
            message = say("more_rows_wrong", count=self._named - NAMED_ROWS)
            self._findings.warning((), message)
        return known

    def _contacts(self, row: _Row) -> Iterator[Contact]:
        caretaker = self._caretaker(row)
        is_privileged = self._is_privileged(row)
        name = row.cells.get("name") or ""
        if not row.numbers:
            message = say("row_without_number", name=name or say("this_row"))
            self._warn(row, message, say("row_left_out"))
        for written in row.numbers:
            number = normalize(written, self._office.country)
            if number is None:
                self._warn(row, say("no_telephone_number", written=written), say("row_left_out"))
            else:
                shown, card = one_line(name) or number, self._card(row)
                yield Contact(number, shown, caretaker, card, is_privileged)

    def _caretaker(self, row: _Row) -> str | None:
        written = row.cells.get("caretaker") or None
        caretaker = caretaker_in(self._office.people, written)
        if written is not None and caretaker is None:
            self._warn(row, say("no_such_person", written=written), say("client_without_caretaker"))
        return caretaker

    def _is_privileged(self, row: _Row) -> bool:
        """What cannot be read is a yes: a secret that is kept in vain costs nobody anything."""
        written = row.cells.get("privileged", "").lower()
        if written not in _YES | _NO:
            self._warn(row, say("neither_yes_nor_no", written=written), say("client_is_privileged"))
        return written not in _NO

    def _card(self, row: _Row) -> str | None:
        written = row.cells.get("card") or None
        card = card_address(written)
        if written is not None and card is None:
            self._warn(row, say("no_card_address", written=written[:40]), say("begins_with_https"))
        return card

    def _warn(self, row: _Row, message: Said, remedy: Said) -> None:
        self._named += 1
        if self._named <= NAMED_ROWS:
            self._findings.warning_at(Place(row.line, 0), message, remedy)
