"""The drafts name every policy with its purpose, ground, time and listeners, in both languages."""

import pytest

from softswitch.commands.privacy import privacy_text
from softswitch.office.loader import parse_office

OFFICE = """
office: {name: Kancelaria Nowak, safe: leave, number: "+48 22 123 45 67"}
people: {101: {name: Anna}, 110: {name: Jan, privileged: true}}
queues: {desk: {agents: [101]}}
mailboxes: {all: {mail: a@b.example}}
routes: {leave: {voicemail: all}}
"""
POLICY = """\
recording: [{queue: desk, purpose: ustalenia, keep: 90d, notice: notice_recorded, opt_out_key: 9,
             hear: [110]}]
"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pl", ["Kancelaria Nowak", "kolejka desk", "ustalenia", "90 dni", "Jan", "klawisz 9",
                "[DO UZUPEŁNIENIA]", "tajemnicą zawodową", "art. 30 RODO"]),
        ("en", ["Kancelaria Nowak", "queue desk", "ustalenia", "90 days", "Jan", "key 9",
                "[TO BE FILLED IN]", "professional secrecy", "art. 30 GDPR"]),
    ],
)  # fmt: skip
def test_what_is_recorded(language: str, words: list[str]) -> None:
    text = privacy_text(parse_office(OFFICE + POLICY).office, language)
    assert not [word for word in words if word not in text], text


@pytest.mark.parametrize(("language", "said"), [("pl", "nie są nagrywane"), ("en", "not recorded")])
def test_nothing_is_recorded(language: str, said: str) -> None:
    text = privacy_text(parse_office(OFFICE).office, language)
    assert text.count(said) == 2 and "90d" not in text
