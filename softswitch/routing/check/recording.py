"""Recording policies that cannot be meant: deny wins over them, or nothing falls under them."""

from collections.abc import Iterator

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.recording import RecordedDirection, RecordingPolicy
from softswitch.office.secrecy import denial_of
from softswitch.routing.graph import Graph


def check_recording(graph: Graph, findings: Findings) -> None:
    """Each policy records something, says on which ground, and its key does nothing else."""
    for number, policy in enumerate(graph.office.recording):
        where = ("recording", number)
        for key, message, remedy in _contradictions(graph, policy):
            findings.error((*where, key), message, remedy)
        for key, message, remedy in _doubts(graph.office, policy):
            findings.warning((*where, key), message, remedy)


Complaint = tuple[str, str, str]


def _contradictions(graph: Graph, policy: RecordingPolicy) -> Iterator[Complaint]:
    office = graph.office
    for key in ("person", "number"):
        subject = getattr(policy, key)
        if subject is not None and denial_of(office, graph.contacts, subject) is not None:
            message = f"{subject} is never recorded: deny wins, and this policy records nothing"
            yield key, message, "Remove the policy, or let that one be recorded"
    if policy.number is not None and policy.number not in office.numbers:
        message = f"{policy.number} is no number of the office under `numbers:`"
        yield "number", message, "Write the number that is called"
    if policy.queue is not None and policy.direction is RecordedDirection.OUT:
        yield "direction", "nobody comes out of a queue", "Remove the direction"
    for node in graph.nodes.values():
        is_meant = policy.queue is not None and policy.queue == getattr(node.options, "queue", None)
        if is_meant and f"key_{policy.opt_out_key}" in node.edges:
            message = (
                f"key {policy.opt_out_key} refuses the recording in the queue {policy.queue}, "
                f"and leaves it in the route {node.name}"
            )
            yield "opt_out_key", message, "Take another key for one of them"


def _doubts(office: Office, policy: RecordingPolicy) -> Iterator[Complaint]:
    if policy.basis is None:
        message = "the legal ground of the recording is not named"
        yield "purpose", message, "Add it, like `basis: art. 6 ust. 1 lit. f RODO`"
    queue = office.queues.get(policy.queue or "")
    secret = [one for one in (queue.agents if queue is not None else ()) if _is_secret(office, one)]
    if queue is not None and secret:
        everybody = len(secret) == len(queue.agents)
        who = "nobody's" if everybody else f"{', '.join(secret)}'s"
        message = f"{who} talks in the queue {policy.queue} are recorded: deny wins"
        if not everybody:
            message = f"talks of {', '.join(secret)} in the queue {policy.queue} are never recorded"
        yield "queue", message, "Nothing is wrong if that is meant"


def _is_secret(office: Office, extension: str) -> bool:
    person = office.people.get(extension)
    return extension in office.never_recorded or (person is not None and person.privileged)
