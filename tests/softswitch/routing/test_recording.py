"""Recording in the check and in simulated calls: deny wins, and it is said where."""

from datetime import datetime

import pytest

from softswitch.office.loader import parse_office
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
numbers: {"+48 22 123 45 67": front, "+48 22 123 45 68": 110}
routes:
  front: {queue: desk, too_long: leave, full: leave, no_agents: leave, key_7: second}
  second: {queue: law, too_long: leave, full: leave, no_agents: leave}
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
        ("queue: law", "warning: talks of 110 in the queue law are never recorded"),
    ],
)
def test_a_policy_that_cannot_be_meant(policy: str, expected: str) -> None:
    found = findings(policy)
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
