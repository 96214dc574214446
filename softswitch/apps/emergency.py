"""Calls for help, 112 and the country's others: who in the office is told.

Such a call asks nobody for permission, shows the site's number, and tries every trunk, also one
that is silent, full, refused or switched off (`outside.py`). The office is told at once: a text on
the phones, a mail, a line in the log and in the story, a metric."""

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.outward import speaks_from
from softswitch.calls.call import Call
from softswitch.log import get_logger
from softswitch.mail.alarm_notice import Alarm, AlarmKind, compose_alarm
from softswitch.office.directory import people_of
from softswitch.office.models import Office

_log = get_logger("apps.emergency")

TEST, CALLED = "tested", "called"
_TEXTS = {
    "pl": {CALLED: "ALARM: {who} dzwoni pod {number}.", TEST: "Test alarmowy: {who}, {number}."},
    "en": {CALLED: "ALARM: {who} calls {number}.", TEST: "Emergency test: {who}, {number}."},
}


def tell_office(desk: FrontDesk, call: Call, number: str, how: str = CALLED) -> None:
    """Everybody who is to know it; never waits."""
    extension = call.origin.number or ""
    office = call.office.office
    person = office.people.get(extension)
    who = f"{extension} {person.name}" if person is not None else extension
    site = office.emergency.site(extension, speaks_from(call))
    if site.address:
        who += f" ({site.address})"
    call.note(f"emergency.{how}", who=extension, number=number)
    metrics.emergency_calls.labels(how).inc()
    _log.warning("a call for help", call=call.id, who=who, dialled=number, how=how)
    recipients = office.emergency.mail or office.alarms
    if recipients:
        kind = AlarmKind.EMERGENCY if how == CALLED else AlarmKind.EMERGENCY_TEST
        at, language = desk.local_time(call.now()), office.office.language
        alarm = Alarm(kind, office.office.name, language, at, who, number)
        desk.outbox.add(compose_alarm(alarm, recipients))
    words = _TEXTS.get(office.office.language, _TEXTS["en"])[how]
    for one in told(call, office):
        if one != extension:
            desk.text(extension, one, words.format(who=who, number=number))


def told(call: Call, office: Office) -> list[str]:
    """Whose phones get a text: as written, else those who answer at the safe place."""
    if office.emergency.tell:
        return people_of(office, office.emergency.tell)
    graph = call.office.graph
    node = graph.nodes.get(graph.safe)
    named = [reference.word for reference in node.verb.references(node.options)] if node else []
    return people_of(office, named)
