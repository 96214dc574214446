"""Between a running server and its reloads: what tells how a version does, who hears of it."""

import time
from collections.abc import Mapping
from typing import Any

from softswitch.control import Verb, who_asked
from softswitch.mail.alarm_notice import Alarm, AlarmKind, compose_alarm
from softswitch.reload import Reloader, Returned, Signs
from softswitch.settings import Settings
from softswitch.trial import CallFaults
from softswitch.versions import asked_by
from softswitch.wiring import Server


def signs(settings: Settings, server: Server) -> Signs:
    """Of this server; calls are watched from now on."""
    calls = CallFaults(time.monotonic)
    server.desk.exchange.events.subscribe(calls.see, calls.kinds)

    def trunks() -> Mapping[str, str]:
        states = server.keeper.status(server.desk.office.office.trunks)
        return {one["trunk"]: one["state"] for one in states}

    def tell(returned: Returned) -> None:
        _mail(server, returned)

    return Signs(settings.reload_trial, calls, trunks, tell)


def _mail(server: Server, returned: Returned) -> None:
    office = server.desk.office.office
    if not office.alarms:
        return
    language, at = office.office.language, server.desk.exchange.clock().astimezone(office.zone)
    why = returned.why.in_language(language)
    note, which = returned.note, returned.version
    if note is not None:
        which += f", {note.line.in_language(language)}"
    alarm = Alarm(AlarmKind.RETURNED, office.office.name, language, at, which, why)
    server.desk.outbox.add(compose_alarm(alarm, office.alarms))


def reloading_verbs(reloader: Reloader) -> dict[str, Verb]:
    """What `softswitch reload` asks beside SIGHUP. How it went stands in `reload.json`."""

    async def reload(request: Mapping[str, Any]) -> dict[str, Any]:
        within = request.get("confirm_within")
        note = asked_by(who_asked(request), str(request.get("comment") or ""))
        outcome = await reloader.reload(note, None if within is None else float(within))
        return {"serial": outcome.serial}

    return {"reload": reload, "confirm": lambda _: {"version": reloader.confirm()}}
