"""Recording in the check and in simulated calls: deny wins, and it is said where."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import load_office, parse_office
from softswitch.resources import shipped
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, simulate

OFFICE = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan, privileged: true}}
queues:
  desk: {number: 300, agents: [101], longest_wait: 60s}
  law: {number: 310, agents: [101, 110], longest_wait: 60s, how: in_order}
mailboxes: {all: {mail: a@b.example}}
never_recorded: ["+48 600 100 300"]
conferences: {board: {number: 350}}
numbers: {"+48 22 123 45 67": front, "+48 22 123 45 68": 110, "+48 22 123 45 70": meet}
routes:
  front: {queue: desk, too_long: leave, full: leave, no_agents: leave, key_7: second}
  second: {queue: law, too_long: leave, full: leave, no_agents: leave}
  meet: {conference: board, wrong_pin: leave, alone: leave, full: leave}
  leave: {voicemail: all}
recording: [{POLICY, purpose: training, basis: consent, keep: 9d, notice: notice_recorded}]
"""


def findings(policy: str) -> list[str]:
    return [str(one) for one in check(parse_office(OFFICE.replace("POLICY", policy)))]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("person: 110", "110 is never recorded: deny wins, and this policy records nothing"),
        ('number: "+48 22 123 45 69"', "is no number of the office"),
        ("queue: desk, direction: out", "nobody comes out of a queue"),
        ("queue: desk, opt_out_key: 7", "key 7 refuses the recording in the queue desk"),
        ("conference: bord", "there is no conference `bord`"),
        ("conference: board, direction: in", "a conference has no direction"),
        ("conference: board, queue: desk", "names exactly one of"),
        ("queue: law", "warning: talks of 110 in the queue law are never recorded"),
    ],
)
def test_a_policy_that_cannot_be_meant(policy: str, expected: str) -> None:
    try:
        found = findings(policy)
    except OfficeErrors as error:
        found = [str(error)]
    assert any(expected in text for text in found), found


def test_a_good_policy_and_one_without_a_ground() -> None:
    assert not [text for text in findings("queue: desk, opt_out_key: 9") if "record" in text]
    text = OFFICE.replace("POLICY", "queue: desk").replace("basis: consent, ", "")
    assert any("legal ground" in str(one) for one in check(parse_office(text)))


@pytest.mark.parametrize(
    ("policy", "number", "called", "expected"),
    [
        ("queue: desk, opt_out_key: 9", "+48600100200", "+48221234567",
         "recorded: yes (training), the notice notice_recorded comes first; key 9 refuses"),
        ("queue: desk", "+48600100300", "+48221234567",
         "recorded: no, +48600100300 is a number of `never_recorded:`"),
        ("direction: in", "+48600100200", "+48221234568",
         "recorded: no, 110 is a person bound to secrecy"),
        ("queue: law", "+48600100200", "+48221234567", ""),
        ("conference: board", "+48600100200", "+48221234570",
         "recorded: yes (training), the notice notice_recorded comes first"),
        ("conference: board", "110", "350", "recorded: no, 110 is a person bound to secrecy"),
        ("direction: in", "+48600100200", "+48221234570", ""),
    ],
)  # fmt: skip
def test_a_simulated_call_says_whether_it_is_recorded(
    policy: str, number: str, called: str, expected: str
) -> None:
    graph = parse_office(OFFICE.replace("POLICY", policy)).graph
    at = datetime(2026, 11, 26, 12, tzinfo=graph.office.zone)
    story = str(simulate(graph, called, Situation(at, number=number)))
    if expected:
        assert expected in story
    else:
        assert "recorded" not in story


@pytest.mark.parametrize(
    ("policy", "is_met"),
    [
        ("queue: desk", True),
        ("queue: law", False),
        ("conference: board", True),
        ("direction: in", True),
        ("direction: internal", False),
        ('number: "+48 22 123 45 67"', True),
        ('number: "+48 22 123 45 70"', False),
    ],
)
def test_a_notice_that_the_caller_has_not_in_his_language(
    policy: str, is_met: bool, tmp_path: Path
) -> None:
    text = OFFICE.replace("POLICY", policy).replace("notice_recorded", "our_notice")
    text = text.replace("too_long: leave, full: leave, no_agents: leave, key_7: second}",
                        "too_long: foreign, full: leave, no_agents: leave}")  # fmt: skip
    text = text.replace("routes:", """prompts: prompts
routes:
  foreign: {language: en, then: again}
  again: {queue: desk, too_long: meet, full: leave, no_agents: leave}
""")  # fmt: skip
    (tmp_path / "prompts").mkdir()
    shutil.copy(shipped("prompts") / "pl" / "notice_recorded.flac",
                tmp_path / "prompts" / "our_notice.flac")  # fmt: skip
    file = tmp_path / "office.yaml"
    file.write_text(text, "utf-8")
    expected = "is told in another language: there is no our_notice in `en`"
    found = [str(one) for one in check(load_office(file))]
    assert any(expected in one for one in found) is is_met, found
