"""The mails of the callback list say whom nobody called, in both languages, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from softswitch.mail.callback_notice import (
    EscalationNotice,
    MissingNotice,
    compose,
    compose_missing,
)
from softswitch.mail.message import to_email
from tests.softswitch.store.test_callback_table import item

AT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NOTICE = EscalationNotice(
    items=(item("a", message="a"),),
    office="Kancelaria Nowak",
    language="pl",
    zone=ZoneInfo("Europe/Warsaw"),
    at=AT,
    names={"101": "Anna"},
)


def test_one_late_client_stands_in_the_subject() -> None:
    mail = compose(NOTICE, ["biuro@kancelaria.example"], "*55")
    assert mail.subject == "Nikt nie oddzwonił: +48 600 100 200 (Jan)"
    line = "+48 600 100 200 (Jan) — prób: 2, czeka od 2026-11-24 10:00, ostatnio 2026-11-24 10:00"
    assert f"{line}, do: reception, zostawiono wiadomość" in mail.body
    assert "Kod *55 na telefonie" in mail.body
    to_email(mail, "centrala@kancelaria.example", None)


def test_many_are_counted_and_a_withheld_number_is_said_so() -> None:
    many = tuple(item(f"c{n}", n, number=None, name=None, owner="101") for n in range(60))
    mail = compose(replace(NOTICE, items=many, language="en"), ["a@b.example"])
    assert mail.subject == "Nobody has called back: 60 are waiting"
    assert mail.body.count("number withheld — attempts: 2") == 50
    assert "… and 10 more" in mail.body and "for: 101 Anna" in mail.body
    assert "*55" not in mail.body


def test_a_strangers_name_writes_no_header_and_no_line() -> None:
    evil = item("a", name="Jan\r\nBcc: all@world.example\n\x1b[2J", owner="a\nb")
    mail = compose(replace(NOTICE, items=(evil,)), ["a@b.example"])
    assert "\n" not in mail.subject and "\x1b" not in mail.subject + mail.body
    assert "\nBcc" not in mail.body
    to_email(mail, "centrala@kancelaria.example", None)


def test_calls_that_are_nowhere_are_named() -> None:
    notice = MissingNotice(("20261124-090000-abc",), "Kancelaria", "pl", AT + timedelta(hours=1))
    mail = compose_missing(notice, ["a@b.example"])
    assert "połączenia spoza listy (1)" in mail.subject
    assert "20261124-090000-abc" in mail.body
