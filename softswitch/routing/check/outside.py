"""Legs out of the office: a human takes the call there, and there is a way to reach him."""

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.office.rosters import roster_name
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.forward import ForwardOptions
from softswitch.routing.verbs.ring import CARETAKER, RECENT, RingOptions, people_of
from softswitch.wording import say


def check_outside(graph: Graph, findings: Findings) -> None:
    """Forwards without a confirmation, and mobiles that cannot be rung."""
    has_way_out = any(trunk.enabled for trunk in graph.office.trunks.values())
    for node in graph.nodes.values():
        options = node.options
        if isinstance(options, ForwardOptions) and not options.confirm:
            number = pretty(options.forward, graph.office.country)
            message = say("whatever_answers", number=number)
            remedy = say("leave_out_confirm")
            findings.warning((*node.where, "confirm"), message, remedy)
        elif isinstance(options, RingOptions) and options.mobile is not None:
            _check_mobiles(graph.office, node, options, has_way_out, findings)


def _check_mobiles(
    office: Office, node: Node, options: RingOptions, has_way_out: bool, findings: Findings
) -> None:
    people = _everybody(office, options)
    if not has_way_out:
        message = say("no_trunk_no_mobile")
        findings.error((*node.where, "mobile"), message, say("write_provider"))
    elif not any(office.people[one].mobile for one in people if one in office.people):
        message = say("nobody_has_mobile", name=node.name)
        remedy = say("write_mobile")
        findings.warning((*node.where, "mobile"), message, remedy)


def _everybody(office: Office, options: RingOptions) -> set[str]:
    """Who may ring at some time."""
    first = options.ring[0]
    if first in (CARETAKER, RECENT):
        return set(office.people)
    roster = roster_name(first)
    words = (
        [word for who in office.rosters[roster].values() for word in who]
        if roster is not None
        else list(options.ring)
    )
    return set(people_of(words, office))
