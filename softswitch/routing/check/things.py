"""What can be said of each thing of the office alone: people, queues, menus, what is unused."""

from collections.abc import Iterable

from softswitch.mail.templates import FIELDS, faults
from softswitch.office.directory import group_by_number
from softswitch.office.findings import Findings, suggest
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import Need
from softswitch.wording import say

# More options than this are not remembered by somebody who listens.
MAX_MENU_KEYS = 5


def check_usage(graph: Graph, reached: set[str], findings: Findings) -> None:
    """What no call ever comes to."""
    for name, node in graph.nodes.items():
        if not node.is_implied and name not in reached:
            message = say("route_unused", name=name)
            findings.warning(node.where, message, say("point_or_remove"), at_key=True)
    used = {
        (reference.need, reference.word)
        for name, node in graph.nodes.items()
        if name in reached
        for reference in node.verb.references(node.options)
    }
    office = graph.office
    used |= {(Need.HOURS, office.callbacks.hours or "")}
    used |= {(Need.PEOPLE, group_by_number(office, word) or word) for _, word in used}
    # People and groups that a route rings are used, though nobody goes through their own node.
    sections: list[tuple[str, Need, Iterable[str]]] = [
        ("queues", Need.QUEUE, office.queues),
        ("mailboxes", Need.MAILBOX, office.mailboxes),
        ("groups", Need.PEOPLE, office.groups),
        ("hours", Need.HOURS, office.hours),
        ("rosters", Need.ROSTER, office.rosters),
    ]
    for section, need, names in sections:
        for name in names:
            if (need, name) not in used:
                message = say("never_used", name=name, section=section)
                findings.warning((section, name), message, say("point_or_remove"), at_key=True)


def check_idle(office: Office, graph: Graph, findings: Findings) -> None:
    """Rooms, switches and music that nobody can come to, turn for something, or hear."""
    asked = {
        (reference.need, reference.word)
        for node in graph.nodes.values()
        if not node.is_implied
        for reference in node.verb.references(node.options)
    }
    for name, room in office.conferences.items():
        if room.number is None and (Need.CONFERENCE, name) not in asked:
            message = say("conference_unreachable", name=name)
            remedy = say("write_conference_number")
            findings.warning(("conferences", name), message, remedy, at_key=True)
    for name, switch in office.switches.items():
        if not switch.closes and not switch.opens and (Need.SWITCH, name) not in asked:
            message = say("switch_idle", name=name)
            remedy = say("write_closes")
            findings.warning(("switches", name), message, remedy, at_key=True)
    heard = {queue.music for queue in office.queues.values()}
    heard |= {room.music for room in office.conferences.values()}
    if office.parking is not None:
        heard.add(office.parking.music)
    for name in office.music:
        if name not in heard:
            message = say("music_idle", name=name)
            remedy = say("name_music")
            findings.warning(("music", name), message, remedy, at_key=True)


def check_menu(node: Node, findings: Findings) -> None:
    """Not more keys than can be remembered."""
    if node.verb.name != "menu":
        return
    keys = [name for name, edge in node.edges.items() if edge.outcome.is_chosen]
    if len(keys) > MAX_MENU_KEYS:
        message = say("menu_too_long", name=node.name, keys=len(keys), most=MAX_MENU_KEYS)
        findings.warning(node.where, message, say("second_menu"), at_key=True)


def check_variables(graph: Graph, findings: Findings) -> None:
    """What is said was collected somewhere."""
    known = {str(getattr(n.options, "as_", "")) for n in graph.nodes.values()} - {""}
    for node in graph.nodes.values():
        for reference in node.verb.references(node.options):
            if reference.need is Need.VARIABLE and reference.word not in known:
                index = () if reference.index is None else (reference.index,)
                remedy = suggest(reference.word, sorted(known), say("let_collect"))
                message = say("nobody_asked_for", variable=reference.word)
                findings.error((*node.where, reference.key, *index), message, remedy)


def check_people(loaded: LoadedOffice, findings: Findings) -> None:
    """Somebody answers, somebody reads the messages, somebody's phone can register."""
    office = loaded.office
    for name, queue in office.queues.items():
        if not queue.agents:
            message = say("queue_without_people", name=name)
            remedy = say("name_agents")
            findings.error(("queues", name, "agents"), message, remedy)
    for name, mailbox in office.mailboxes.items():
        if not mailbox.mail:
            message = say("mailbox_without_mail", name=name)
            remedy = say("write_mail")
            findings.warning(("mailboxes", name), message, remedy, at_key=True)
    for name, why in faults(loaded.folder, office):
        remedy = say("in_braces", fields=", ".join(FIELDS))
        findings.error(("mails",), say("mail_text_unusable", name=name, why=why), remedy)
    without = [extension for extension in office.people if extension not in loaded.secrets]
    if without:
        few = say("word", word=tuple(without[:5]))
        if len(without) > 5:
            few = say("and_others", people=few)
        message = say("no_password", people=few)
        findings.warning(("people",), message, say("run_passwd", extension=without[0]), at_key=True)


def check_office(office: Office, findings: Findings) -> None:
    """The office as a whole: numbers, trunks, sections that do nothing yet."""
    if not office.numbers:
        message = say("no_numbers")
        findings.warning((), message, say("write_numbers"))
    own = {number for trunk in office.trunks.values() for number in trunk.numbers}
    shown = office.office.number
    if shown is not None and own and shown not in own:
        message = say("shown_on_no_trunk", number=pretty(shown, office.country))
        remedy = say("shown_instead")
        findings.warning(("office", "number"), message, remedy)
