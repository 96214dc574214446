"""From written routes to the graph: every outcome has an edge, every word its node."""

import pytest

from softswitch.office.loader import parse_office
from softswitch.routing.graph import Graph
from softswitch.routing.verbs import VERBS
from softswitch.routing.verbs.base import End

OFFICE = """
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: a@b.example}
  102: {name: Piotr}
groups: {payroll: {number: 320, ring: [101, 102], how: in_order}}
queues: {reception: {number: 300, agents: [101]}}
mailboxes: {office: {number: 330}}
numbers: {"+48 22 123 45 67": menu, "+48 22 123 45 68": 101, 250: payroll}
routes:
  menu: {menu: menu_main, 1: 101, 2: 320, 3: reception, "*": hangup, no_key: office}
  reception: {queue: reception, key_1: message, too_long: message}
  link: {goto: reception}
  message: {voicemail: office}
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return parse_office(OFFICE).graph


def targets(graph: Graph, node: str) -> dict[str, str | None]:
    return {name: edge.target for name, edge in graph.nodes[node].edges.items()}


def test_words_become_nodes(graph: Graph) -> None:
    assert targets(graph, "menu") == {
        "no_key": "mailbox office",
        "wrong_key": "message",  # not written: the safe place
        "1": "person 101",
        "2": "group payroll",
        "3": "reception",  # a route comes before a queue of its name
        "*": "hangup",
    }
    assert not graph.nodes["menu"].edges["wrong_key"].is_written


def test_a_goto_leads_to_its_value(graph: Graph) -> None:
    assert targets(graph, "link") == {"then": "reception"}


def test_keys_while_waiting(graph: Graph) -> None:
    assert targets(graph, "reception") == {
        "answered": None,
        "too_long": "message",
        "full": "message",
        "no_agents": "message",
        "unreachable": "message",  # as `no_agents`, for nobody wrote it
        "key_1": "message",
    }
    assert graph.nodes["reception"].edges["answered"].end is End.TALK


def test_a_person_falls_to_his_voicemail_or_to_the_safe_place(graph: Graph) -> None:
    assert targets(graph, "person 101")["busy"] == "mailbox 101"
    assert targets(graph, "person 102")["busy"] == "message"
    assert "mailbox 102" not in graph.nodes


def test_where_calls_begin(graph: Graph) -> None:
    assert graph.entries == {
        "+48221234567": "menu",
        "+48221234568": "person 101",
        "250": "group payroll",
        "101": "person 101",
        "102": "person 102",
        "320": "group payroll",
        "300": "queue reception",
        "330": "mailbox office",
    }
    assert graph.start("300") == "queue reception"
    assert graph.start("payroll") == "group payroll"
    assert graph.start("link") == "link"
    assert graph.start("nobody") is None


def test_every_edge_leads_to_a_node_or_an_end(graph: Graph) -> None:
    for node in graph.nodes.values():
        for edge in node.edges.values():
            assert edge.end is not None if edge.target is None else edge.target in graph.nodes


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_a_verbs_example_is_valid(verb: object) -> None:
    example = VERBS[verb.name].example  # type: ignore[attr-defined]
    words = ("welcome", "opening", "new_matter", "clients", "reception", "message", "menu",
             "closed", "payroll")  # fmt: skip
    text = "office: {name: O, safe: end}\npeople: {101: {name: A}}\nswitches: {early: {}}\n"
    text += "conferences: {board: {}}\ntrunks: {operator: {server: sip.example.net}}\n"
    text += "rosters: {duty: {otherwise: 101}}\n"
    text += "groups: {payroll: {ring: [101]}}\nqueues: {reception: {agents: [101]}}\n"
    text += 'mailboxes: {reception: {}}\nhours: {office: "Mo-Fr 08:00-16:00"}\nroutes:\n'
    text += "".join(f"  {word}: {{goto: end}}\n" for word in words)
    text += f"  example: {example}\n  end: {{voicemail: reception}}\n"
    assert parse_office(text).graph.nodes["example"].verb is VERBS[verb.name]  # type: ignore[attr-defined]


def test_the_language_is_whole() -> None:
    options = {name for verb in VERBS.values() for name in verb.options.model_fields}
    outcomes = {outcome.name for verb in VERBS.values() for outcome in verb.outcomes}
    assert not options & outcomes
