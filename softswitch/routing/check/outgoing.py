"""Calls out: whose number they show, who could use up what, how help is called."""

from collections.abc import Iterator

from softswitch.office.findings import Findings
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.office.outgoing import Limits
from softswitch.office.source import Path
from softswitch.wording import say


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
            message = say("shown_on_no_trunk", number=pretty(number, office.country))
            remedy = say("carriers_block")
            findings.error(path, message, remedy)
    if own or office.office.number is not None:
        return
    for name, trunk in office.trunks.items():
        if trunk.enabled:
            message = say("calls_show_nothing", name=name)
            remedy = say("write_shown")
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
        message = say("costly_for_all")
        remedy = say("name_costly")
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
                message = say("one_uses_all", key=key)
                remedy = say("office_more")
                findings.warning((*where, key), message, remedy)


def _check_help(office: Office, findings: Findings) -> None:
    """There is a way, and somebody is told."""
    if office.trunks and not any(trunk.enabled for trunk in office.trunks.values()):
        message = say("all_trunks_off")
        findings.warning(("trunks",), message, say("switch_one_on"), at_key=True)
    if office.emergency.make_room and all(t.calls is None for t in office.trunks.values()):
        message = say("room_unknown")
        findings.warning(("emergency", "make_room"), message, say("write_calls"))
