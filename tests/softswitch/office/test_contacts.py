"""Contacts from what people export: CSV of two spreadsheets, vCards, and their mistakes."""

from pathlib import Path

import pytest

from softswitch.office.contact_sources import ContactSource
from softswitch.office.contacts import Contact, Contacts, load_contacts, load_files
from softswitch.office.findings import Findings
from softswitch.office.loader import parse_office
from softswitch.office.source import Source

OFFICE = parse_office("""
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan}}
mailboxes: {all: {mail: a@b.example}}
routes: {leave: {voicemail: all}}
""").office

BOM = "\ufeff"
JAN = Contact("+48600100200", "Żółw sp. z o.o.", "110", "https://c.pl/7")


def load(path: Path) -> tuple[Contacts, list[str]]:
    findings = Findings(Source("office.yaml"))
    found = load_contacts(path, OFFICE, findings)
    return found, [str(one).replace(str(path), path.name) for one in findings.sorted()]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("number,name,caretaker,card\n600 100 200,Żółw sp. z o.o.,110,https://c.pl/7", "utf-8"),
        ("Nazwa;Telefon;Opiekun;Karta\nŻółw sp. z o.o.;600-100-200;110;https://c.pl/7", "cp1250"),
        (
            BOM + "numer\tnazwa\topiekun\tkarta\n600100200\tŻółw sp. z o.o.\t110\thttps://c.pl/7",
            "utf-8",
        ),
        ("name,number,caretaker,card\nŻółw sp. z o.o.,x | 600 100 200,110,https://c.pl/7", "utf-8"),
    ],
)  # fmt: skip
def test_a_table_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "clients.csv"
    path.write_bytes(text.encode(encoding))
    found, _ = load(path)
    assert found.find("+48600100200") == JAN
    assert found.find(None) is None and found.find("+48600100201") is None


def test_several_numbers_are_one_client(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("number;name\n600 100 200 / 22 123 45 67;Nowak\n")
    found, said = load(path)
    assert {one.name for one in found.by_number.values()} == {"Nowak"} and len(found) == 2
    assert not said


def test_vcards(tmp_path: Path) -> None:
    path = tmp_path / "clients.vcf"
    path.write_text(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Żółw sp.\r\n  z o.o.\r\n"
        "TEL;TYPE=work:tel:+48-600-100-200\r\n"
        "item1.TEL:22 123 45 67\r\nX-CARETAKER:110\r\nURL:https://c.pl/7\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nFN:No Number\r\nEND:VCARD\r\n"
    )
    found, said = load(path)
    assert found.find("+48600100200") == JAN
    assert found.find("+48221234567") is not None
    assert said == [
        "clients.vcf:9:1: warning: No Number has no number. It is left out.",
    ]


def test_mistakes_are_warnings_at_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "number;name;caretaker\n12;Short;101\n600100200;Twice;101\n600100200;Again;101\n"
        "600100201;Nobody's;999\n;Without;101\n\n600100202;;101\n"
    )
    found, said = load(path)
    assert [line.split(": warning: ")[0] for line in said] == [
        f"clients.csv:{line}:1" for line in (2, 4, 5, 6)
    ]
    assert "there is no person 999. The client has no caretaker" in said[2]
    assert found.by_number["+48600100201"].caretaker is None
    assert found.by_number["+48600100200"].name == "Twice"
    assert found.by_number["+48600100202"].name == "+48600100202"


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("number;name\n" + "12;Short\n" * 100)
    _, said = load(path)
    assert len(said) == 21 and "80 more rows have mistakes" in said[0]


@pytest.mark.parametrize("text", ["Kowalski;600100200\n", "number\n600100200\n"])
def test_without_headings_nothing_is_guessed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(text)
    found, said = load(path)
    assert not len(found) and "does not name the columns" in said[0] and ": error: " in said[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    found, said = load(tmp_path / "none.csv")
    assert not len(found) and "none.csv:1:1: error: the contacts cannot be read" in said[0]


@pytest.mark.parametrize(
    "text", ["", "\0\0\0", "number;name\n" + '"' * 1000, "number;name\n;;;;\n"]
)
def test_nonsense_is_no_exception(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(text)
    assert len(load(path)[0]) == 0


def test_who_is_never_recorded(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "numer;nazwa;tajemnica\n600100200;A;tak\n600100201;B;\n600100202;C;perhaps\n", "utf-8"
    )
    found, said = load(path)
    assert [one.is_privileged for one in found.by_number.values()] == [True, False, True]
    assert any("`perhaps` is neither yes nor no" in text for text in said), said
    vcard = tmp_path / "clients.vcf"
    vcard.write_text("BEGIN:VCARD\nFN:A\nTEL:600100200\nX-PRIVILEGED:yes\nEND:VCARD\n")
    assert [one.is_privileged for one in load(vcard)[0].by_number.values()] == [True]


def test_several_files_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text("number;name\n600100200;First\n")
    (tmp_path / "second.csv").write_text("number;name\n600100200;Second\n600100201;Else\n")
    sources = OFFICE.model_copy(
        update={"contacts": [ContactSource(file=f"{one}.csv") for one in ("first", "second")]}
    )
    found = load_files(tmp_path, sources, Findings(Source("office.yaml")))
    first, other = found.find("+48600100200"), found.find("+48600100201")
    assert first is not None and (first.name, first.source) == ("First", 0)
    assert other is not None and (other.name, other.source) == ("Else", 1)


def test_who_is_privileged_by_another_system(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("number;name\n600100200;Open\n")
    found, _ = load(path)
    told = Contact("+48600100200", "Told", is_privileged=True)
    heeded = found.heeding(told)
    one = heeded.find(told.number)
    assert one is not None and one.is_privileged and len(heeded) == 1
    assert found.heeding(None) is found and found.heeding(Contact("+48600100201", "x")) is found
    assert set(heeded.by_number) == {told.number} and heeded.find("+48600100209") is None
