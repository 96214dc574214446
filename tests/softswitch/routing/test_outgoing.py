"""Calls out, before anybody makes them: what the check says, and what the simulator."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.office.findings import OfficeErrors
from softswitch.office.permission import Barred
from softswitch.routing.simulate.outgoing import OutgoingStory, dialled_outside, simulate_outgoing
from tests.softswitch.routing.test_check import OFFICE, findings, load

DAY = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Warsaw"))
TRUNKS = """
trunks:
  main: {server: a.example, format: national, numbers: ["+48 22 123 45 67", "+48 22 123 45 68"]}
  spare: {server: b.example, format: "0048", enabled: false}
"""
SHOWN = OFFICE.replace("safe: message", 'safe: message, number: "+48 22 123 45 67"') + TRUNKS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SHOWN.replace("101: {", '101: {number: "+48 22 999 99 99", '),
            "22 999 99 99 is to be shown, and is on no trunk",
        ),
        (SHOWN + 'emergency: {number: "+48 22 999 99 99"}', "is on no trunk"),
        (SHOWN + 'emergency: {places: {101: {number: "+48 12 111 22 33"}}}', "is on no trunk"),
        (SHOWN + "emergency: {make_room: true}", "cannot know when a trunk is full"),
        (SHOWN + "outgoing: {costly: true}", "every phone may call numbers that cost extra"),
        (
            SHOWN + "outgoing: {person: {abroad: 5h}}",
            "one person alone can use up the office's `abroad`",
        ),
        (
            SHOWN + "outgoing: {person: {money: 50}, office: {money: 50}, tariff: {home: 1}}",
            "one person alone can use up the office's `money`",
        ),
        (OFFICE + "trunks: {t: {server: a.b}}", "calls out by the trunk t show no number"),
        (
            OFFICE + 'trunks: {t: {server: a.b, enabled: false, numbers: ["+48 22 123 45 67"]}}',
            "every trunk is switched off",
        ),
    ],
)
def test_what_the_check_says(text: str, said: str) -> None:
    assert any(said in one for one in findings(text)), findings(text)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ('{number: "+48 22 123 45 67"}', "krakow is no person, and nothing says which phones"),
        ("{networks: krakow}", "`krakow` is no network"),
    ],
)
def test_a_place_of_nobody(place: str, said: str) -> None:
    with pytest.raises(OfficeErrors, match=said):
        load(SHOWN + f"emergency: {{places: {{krakow: {place}}}}}")


@pytest.mark.parametrize(
    "more",
    [
        "",
        "outgoing: {countries: [DE]}",
        "emergency: {tell: [desk]}",
        'emergency: {places: {krakow: {networks: "10.2.0.0/16", number: "+48 22 123 45 67"}}}',
    ],
)
def test_what_is_well_is_not_mentioned(more: str) -> None:
    assert not [one for one in findings(SHOWN + more) if "+48221234568" not in one]


def story(digits: str, more: str = "", at: datetime = DAY) -> OutgoingStory:
    loaded = load(SHOWN + more)
    meant = dialled_outside(loaded.graph, digits)
    assert meant is not None
    return simulate_outgoing(loaded.office, "101", digits, meant, at)


def test_a_permitted_call_tells_its_way() -> None:
    text = str(story("600 100 200").story)
    assert "by the trunk main as 600100200, showing 22 123 45 67" in text
    assert "spare" not in text


def test_a_refused_call_tells_why() -> None:
    found = story("0044 20 7183 8750")
    assert found.refused is Barred.ABROAD
    assert "101 may not call GB" in str(found.story) and "hears call_not_permitted" in str(found)


def test_the_hour_counts() -> None:
    rules = 'outgoing: {locked: "22:00-06:00"}'
    assert story("600100200", rules).refused is None
    assert story("600100200", rules, DAY.replace(hour=23)).refused is Barred.LOCKED


def test_a_call_for_help_tells_everything() -> None:
    rules = "outgoing: {locked: 24/7}\nemergency: {tell: [desk], mail: x@b.example}"
    text = str(story("112", rules).story)
    assert "no lock, no limit" in text
    assert "by the trunk main as 112, showing 22 123 45 67" in text
    assert "if that fails, by the trunk spare as 112" in text and "switched off" in text
    assert "told by mail: x@b.example" in text


@pytest.mark.parametrize("digits", ["101", "555", "*21", "+48221234567"])
def test_what_does_not_lead_outside(digits: str) -> None:
    assert dialled_outside(load(SHOWN).graph, digits) is None


def test_by_command() -> None:
    words = ["simulate", "config/firm.yaml", "--from", "110", "--to", "+442071838750"]
    done = CliRunner().invoke(app, [*words, "--at", "2026-11-25 12:00"])
    assert done.exit_code == 0 and "110 may not call GB" in done.output
    done = CliRunner().invoke(app, [*words[:-1], "112", "--json"])
    assert done.exit_code == 0 and '"refused": null' in done.output
