"""Calls for help, 112 and the country's others: who in the office is told.

Such a call asks nobody for permission, shows the site's number, and tries every trunk, also one
that is silent, full, refused or switched off (`outside.py`). The office is told at once: a text on
the phones, which ring as well, and a lamp (`emergency_alert.py`), a mail, a line in the log and in
the story, a metric."""

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.help_alarm import CALLED, TEST, alarm_of
from softswitch.apps.outward import speaks_from
from softswitch.calls.call import Call
from softswitch.log import get_logger
from softswitch.mail.alarm_notice import Alarm, AlarmKind, compose_alarm
from softswitch.office.directory import people_of
from softswitch.office.models import Office

_log = get_logger("apps.emergency")

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
    others = tuple(one for one in told(call, office) if one != extension)
    call.note(f"emergency.{how}", who=extension, number=number, told=list(others))
    metrics.emergency_calls.labels(how).inc()
    _log.warning("a call for help", call=call.id, who=who, dialled=number, how=how)
    recipients = office.emergency.mail or office.alarms
    if recipients:
        kind = AlarmKind.EMERGENCY if how == CALLED else AlarmKind.EMERGENCY_TEST
        at, language = desk.local_time(call.now()), office.office.language
        alarm = Alarm(kind, office.office.name, language, at, who, number)
        desk.outbox.add(compose_alarm(alarm, recipients))
    language = office.office.language if office.office.language in _TEXTS else "en"
    words = _TEXTS[language][how]
    for one in others:
        desk.text(extension, one, words.format(who=who, number=number))
    desk.alarms.begin(
        alarm_of(office, call.id, call.note, extension, number, others, is_drill=how == TEST),
        rings=office.emergency.ring,
    )


def told(call: Call, office: Office) -> list[str]:
    """Whose phones get a text, and ring: as written, else those who answer at the safe place."""
    if office.emergency.tell:
        return people_of(office, office.emergency.tell)
    graph = call.office.graph
    node = graph.nodes.get(graph.safe)
    named = [reference.word for reference in node.verb.references(node.options)] if node else []
    return people_of(office, named)
