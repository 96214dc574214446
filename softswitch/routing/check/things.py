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

# More options than this are not remembered by somebody who listens.
MAX_MENU_KEYS = 5


def check_usage(graph: Graph, reached: set[str], findings: Findings) -> None:
    """What no call ever comes to."""
    for name, node in graph.nodes.items():
        if not node.is_implied and name not in reached:
            message = f"no call ever comes to the route {name}"
            findings.warning(node.where, message, "Point to it, or remove it", at_key=True)
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
                message = f"`{name}` in `{section}` is never used"
                findings.warning((section, name), message, "Point to it, or remove it", at_key=True)


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
            message = f"nobody can come to the conference {name}"
            remedy = "Write its `number:`, or let a route lead there"
            findings.warning(("conferences", name), message, remedy, at_key=True)
    for name, switch in office.switches.items():
        if not switch.closes and not switch.opens and (Need.SWITCH, name) not in asked:
            message = f"the switch {name} changes nothing"
            remedy = "Write `closes:` or `opens:`, or ask it in a route"
            findings.warning(("switches", name), message, remedy, at_key=True)
    heard = {queue.music for queue in office.queues.values()}
    heard |= {room.music for room in office.conferences.values()}
    if office.parking is not None:
        heard.add(office.parking.music)
    for name in office.music:
        if name not in heard:
            message = f"the music `{name}` is never heard"
            remedy = "Name it in a queue, or remove it"
            findings.warning(("music", name), message, remedy, at_key=True)


def check_menu(node: Node, findings: Findings) -> None:
    """Not more keys than can be remembered."""
    if node.verb.name != "menu":
        return
    keys = [name for name, edge in node.edges.items() if edge.outcome.is_chosen]
    if len(keys) > MAX_MENU_KEYS:
        message = f"the menu {node.name} has {len(keys)} keys, and callers remember {MAX_MENU_KEYS}"
        findings.warning(node.where, message, "Put some into a second menu", at_key=True)


def check_variables(graph: Graph, findings: Findings) -> None:
    """What is said was collected somewhere."""
    known = {str(getattr(n.options, "as_", "")) for n in graph.nodes.values()} - {""}
    for node in graph.nodes.values():
        for reference in node.verb.references(node.options):
            if reference.need is Need.VARIABLE and reference.word not in known:
                index = () if reference.index is None else (reference.index,)
                remedy = suggest(reference.word, sorted(known), "Let a `collect:` ask for it")
                message = f"nobody is asked for `${reference.word}`"
                findings.error((*node.where, reference.key, *index), message, remedy)


def check_people(loaded: LoadedOffice, findings: Findings) -> None:
    """Somebody answers, somebody reads the messages, somebody's phone can register."""
    office = loaded.office
    for name, queue in office.queues.items():
        if not queue.agents:
            message = f"nobody answers the queue {name}"
            remedy = "Name its people, like `agents: [101, 102]`"
            findings.error(("queues", name, "agents"), message, remedy)
    for name, mailbox in office.mailboxes.items():
        if not mailbox.mail:
            message = f"nobody is told of messages in the mailbox {name}"
            remedy = "Write `mail:` and an address"
            findings.warning(("mailboxes", name), message, remedy, at_key=True)
    for name, why in faults(loaded.folder, office):
        remedy = f"In braces may stand {', '.join(FIELDS)}"
        findings.error(("mails",), f"the mail's text {name} cannot be used: {why}", remedy)
    without = [extension for extension in office.people if extension not in loaded.secrets]
    if without:
        few = ", ".join(without[:5]) + (" and others" if len(without) > 5 else "")
        message = f"no phone can register for {few}: no password is set"
        findings.warning(("people",), message, f"Run `softswitch passwd {without[0]}`", at_key=True)


def check_office(office: Office, findings: Findings) -> None:
    """The office as a whole: numbers, trunks, sections that do nothing yet."""
    if not office.numbers:
        message = "no number leads anywhere: no call from outside is answered"
        findings.warning((), message, 'Write `numbers:` and `"+48 22 123 45 67": welcome`')
    own = {number for trunk in office.trunks.values() for number in trunk.numbers}
    shown = office.office.number
    if shown is not None and own and shown not in own:
        message = f"{pretty(shown, office.country)} is to be shown, and is on no trunk"
        remedy = "A number of the trunk is shown instead: carriers block others. Write one of yours"
        findings.warning(("office", "number"), message, remedy)
