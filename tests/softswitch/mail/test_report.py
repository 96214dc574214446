"""The mail with the figures: right numbers in both forms, nothing of a stranger's taken as HTML."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from softswitch.mail.message import to_email
from softswitch.mail.report import Figures, compose
from softswitch.store.fold import Result, fold
from softswitch.store.statistics import Statistics, statistics
from tests.softswitch.store.stories import answered_in_queue

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 11, 5, 6, tzinfo=UTC)
NAMES = {"102": "Piotr <b>Wójcik</b>", "clients": "Klienci"}


def some() -> Statistics:
    call = fold(answered_in_queue())
    lost = structs.replace(call, result=Result.ABANDONED, handled_by=None)
    return statistics([call, structs.replace(call, wait=75.0), lost], WARSAW)


def figures(language: str, days: int = 1) -> Figures:
    last = date(2026, 11, 4)
    first = date(2026, 11, 4 - days + 1)
    return Figures(some(), first, last, "Kancelaria & Wspólnicy", language, 2, NAMES)


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        ("pl", "przychodzących, odebrane 2, nieodebrane 1", "czekające na oddzwonienie: 2"),
        ("en", "3 in, 2 answered, 1 missed", "people who wait to be called back: 2"),
        ("uk", "3 in, 2 answered, 1 missed", "calls in: 3"),
    ],
)
def test_it_tells_the_figures(language: str, subject: str, line: str) -> None:
    mail = compose(figures(language), ["biuro@kancelaria.example"], "report-1", NOW)
    assert subject in mail.subject and line in mail.body
    assert mail.html is not None
    assert "(67%)" in mail.html and "(67%)" in mail.body
    assert "Kancelaria &amp; Wspólnicy" in mail.html
    assert "&lt;b&gt;" in mail.html and "<b>Wójcik" not in mail.html


def test_both_forms_go_out(  # RFC 2046 5.1.4: the best one last
) -> None:
    mail = compose(figures("pl", 3), ["biuro@kancelaria.example"], "report-1", NOW)
    email = to_email(mail, "centrala@kancelaria.example", None)
    assert email.get_content_type() == "multipart/alternative"
    plain, html = email.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "środa 04.11" in html.get_content()


def test_a_time_without_calls_is_no_mistake() -> None:
    empty = replace(figures("pl"), statistics=Statistics())
    assert "przychodzące: 0" in compose(empty, ["a@b.example"], "report-2", NOW).body
