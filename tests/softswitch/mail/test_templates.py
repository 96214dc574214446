"""The office's own texts of mails, and what becomes of bad ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.mail.message import compose
from softswitch.mail.templates import VOICEMAIL, faults, template_text
from softswitch.office.models import Office
from tests.softswitch.mail.test_message import NOTICE, RECIPIENTS, body_of, sent

OFFICE = Office.model_validate(
    {"office": {"name": "Kancelaria", "safe": "reception"}, "mails": "mails"}
)
OWN = """\
Zażółć gęślą: {caller}, {length}

{name} dzwonił {date} ({number}).
{mailbox} w {office}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mails").mkdir()
    return tmp_path


def test_own_words_in_utf_8(folder: Path) -> None:
    (folder / "mails" / "voicemail.pl.txt").write_text(OWN, encoding="utf-8")
    template = template_text(folder, OFFICE, VOICEMAIL, "pl")
    email = sent(compose(replace(NOTICE, template=template), RECIPIENTS))
    assert email["Subject"] == "Zażółć gęślą: +48 600 100 200 (Jan Kowalski), 0:34"
    body = body_of(email)
    assert body.startswith("Jan Kowalski dzwonił środa, 4 listopada 2026, 8:05")
    assert "(+48600100200)" in body and "Recepcja w Kancelaria Nowak i Wspólnicy" in body
    assert not list(faults(folder, OFFICE))


def test_a_language_without_own_words_has_the_shipped_ones(folder: Path) -> None:
    assert template_text(folder, OFFICE, VOICEMAIL, "en") is None


@pytest.mark.parametrize("text", ["{caler}", "{caller.__class__}", "{caller", "{0}", "{caller!z}"])
def test_a_bad_text_is_found_by_the_check_and_costs_no_mail(folder: Path, text: str) -> None:
    (folder / "mails" / "voicemail.pl.txt").write_text(f"{text}\n\n{text}\n", encoding="utf-8")
    assert [name for name, _ in faults(folder, OFFICE)] == ["voicemail.pl.txt"]
    template = template_text(folder, OFFICE, VOICEMAIL, "pl")
    usual = compose(NOTICE, RECIPIENTS)
    assert compose(replace(NOTICE, template=template), RECIPIENTS).subject == usual.subject


def test_a_caller_cannot_write_into_the_text(folder: Path) -> None:
    """A name is a stranger's input; braces in it are letters."""
    (folder / "mails" / "voicemail.pl.txt").write_text("{name}\n\n{name}", encoding="utf-8")
    template = template_text(folder, OFFICE, VOICEMAIL, "pl")
    message = replace(NOTICE.message, name="{office}\nBcc: x")
    mail = compose(replace(NOTICE, template=template, message=message), RECIPIENTS)
    assert mail.subject == mail.body == "{office} Bcc: x"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert list(faults(tmp_path, OFFICE)) == [("mails", "there is no such folder")]
