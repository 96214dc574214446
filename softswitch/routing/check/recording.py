"""Recording policies that cannot be meant: deny wins over them, or nothing falls under them."""

from collections.abc import Iterator

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.recording import RecordedDirection, RecordingPolicy
from softswitch.office.secrecy import denial_of
from softswitch.routing.graph import Graph
from softswitch.wording import Said, say


def check_recording(graph: Graph, findings: Findings) -> None:
    """Each policy records something, says on which ground, and its key does nothing else."""
    for number, policy in enumerate(graph.office.recording):
        where = ("recording", number)
        for key, message, remedy in _contradictions(graph, policy):
            findings.error((*where, key), message, remedy)
        for key, message, remedy in _doubts(graph.office, policy):
            findings.warning((*where, key), message, remedy)


Complaint = tuple[str, Said, Said]


def _contradictions(graph: Graph, policy: RecordingPolicy) -> Iterator[Complaint]:
    office = graph.office
    for key in ("person", "number"):
        subject = getattr(policy, key)
        if subject is not None and denial_of(office, graph.contacts, subject) is not None:
            message = say("never_recorded", subject=subject)
            yield key, message, say("remove_policy")
    if policy.number is not None and policy.number not in office.numbers:
        message = say("number_not_ours", number=policy.number)
        yield "number", message, say("write_called")
    if policy.queue is not None and policy.direction is RecordedDirection.OUT:
        yield "direction", say("nobody_leaves_queue"), say("remove_direction")
    for node in graph.nodes.values():
        is_meant = policy.queue is not None and policy.queue == getattr(node.options, "queue", None)
        if is_meant and f"key_{policy.opt_out_key}" in node.edges:
            message = say("key_twice", key=policy.opt_out_key, queue=policy.queue, node=node.name)
            yield "opt_out_key", message, say("take_other_key")


def _doubts(office: Office, policy: RecordingPolicy) -> Iterator[Complaint]:
    if policy.basis is None:
        message = say("no_basis")
        yield "purpose", message, say("add_basis")
    queue = office.queues.get(policy.queue or "")
    secret = [one for one in (queue.agents if queue is not None else ()) if _is_secret(office, one)]
    if queue is not None and secret:
        everybody = len(secret) == len(queue.agents)
        message = say("nobodys_talks", queue=policy.queue)
        if not everybody:
            message = say("talks_never_recorded", who=tuple(secret), queue=policy.queue)
        yield "queue", message, say("nothing_wrong")


def _is_secret(office: Office, extension: str) -> bool:
    person = office.people.get(extension)
    return extension in office.never_recorded or (person is not None and person.privileged)
