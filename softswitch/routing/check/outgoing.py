"""Calls out: whose number they show, who could use up what, how help is called."""

from collections.abc import Iterator

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.office.outgoing import Limits
from softswitch.office.source import Path


def check_outgoing(office: Office, findings: Findings) -> None:
    """Everything about calls out that the office's file alone can tell."""
    _check_shown(office, findings)
    _check_limits(office, findings)
    _check_help(office, findings)


def _check_shown(office: Office, findings: Findings) -> None:
    """Only numbers of ours are shown, and no call is without any."""
    own = {number for trunk in office.trunks.values() for number in trunk.numbers}
    for number, path in _shown(office):
        if own and number not in own:
            message = f"{pretty(number, office.country)} is to be shown, and is on no trunk"
            remedy = "Carriers block numbers of others: write it at its trunk's `numbers`"
            findings.error(path, message, remedy)
    if own or office.office.number is not None:
        return
    for name, trunk in office.trunks.items():
        if trunk.enabled:
            message = f"calls out by the trunk {name} show no number"
            remedy = "Many carriers refuse that: write its `numbers`, or `number` in `office:`"
            findings.warning(("trunks", name), message, remedy, at_key=True)


def _shown(office: Office) -> Iterator[tuple[str, Path]]:
    for extension, person in office.people.items():
        if person.number is not None:
            yield person.number, ("people", extension, "number")
    if office.emergency.number is not None:
        yield office.emergency.number, ("emergency", "number")
    for extension, place in office.emergency.places.items():
        if place.number is not None:
            yield place.number, ("emergency", "places", extension, "number")


def _check_limits(office: Office, findings: Findings) -> None:
    """One stolen password must not use up what all of them have."""
    rules = office.outgoing
    if rules.costly:
        message = "every phone may call numbers that cost extra"
        remedy = "Name those that are needed in `numbers`, or the people who may"
        findings.warning(("outgoing", "costly"), message, remedy)
    whole: Limits = rules.limits(None)
    for extension in (None, *rules.people):
        where: Path = ("outgoing", "people", extension) if extension else ("outgoing", "person")
        most = rules.limits(extension or "")
        for key in ("time", "abroad", "money", "at_once"):
            one, all_ = getattr(most, key), getattr(whole, key)
            is_written = (*where, key) in findings.source.values or (
                extension is None and ("outgoing", "office", key) in findings.source.values
            )
            if is_written and all_ is not None and (one is None or one >= all_):
                message = f"one person alone can use up the office's `{key}` of a day"
                remedy = "Let `office` have more than each person: a thief would lock all out"
                findings.warning((*where, key), message, remedy)


def _check_help(office: Office, findings: Findings) -> None:
    """There is a way, and somebody is told."""
    if office.trunks and not any(trunk.enabled for trunk in office.trunks.values()):
        message = "every trunk is switched off, and calls for help have no good way"
        findings.warning(("trunks",), message, "Switch one on", at_key=True)
    if office.emergency.make_room and all(t.calls is None for t in office.trunks.values()):
        message = "`make_room` cannot know when a trunk is full"
        findings.warning(("emergency", "make_room"), message, "Write `calls` at the trunk")
