"""The office's purse: asked before each call out, told when it is answered and over.

A call that its person, the office, the hour or the file does not permit is refused, and told to the
caller, the log, the metrics and the call's story. A call that uses up a limit is ended. Many short
or refused calls abroad of one person stop his calls abroad until somebody releases them: that is
what a stolen password looks like. Nobody else is touched by it.

What was used today is read from the event log at the start (`memory.py`); who is stopped is kept
with what people have set.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from softswitch import metrics
from softswitch.apps.spending.meter import Charge, Meter, Used
from softswitch.calls.call import Call
from softswitch.calls.exchange import Exchange
from softswitch.calls.leg import Leg
from softswitch.calls.standing import Standing
from softswitch.log import get_logger
from softswitch.mail.alarm_notice import Alarm, AlarmKind, compose_alarm
from softswitch.office.codes import Setting
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled, Kind, is_free
from softswitch.office.permission import Barred, barred, in_words, is_far, priced_as
from softswitch.store.outbox import Outbox

_log = get_logger("apps.spending")

REFUSED, ANSWERED, TALKED, CUT = (
    "outside.refused",
    "outside.answered",
    "outside.talked",
    "outside.cut",
)
STOPPED = "outside.stopped"
MOST_REFUSALS = 20
USED_UP = 'SIP;cause=403;text="The limit of calls out is used up"'
BY_SWITCH = "switch"
_LIMITS = frozenset({Barred.TIME, Barred.MONEY, Barred.OFFICE_TIME, Barred.OFFICE_MONEY})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that did not go out."""

    at: datetime
    who: str
    number: str
    why: Barred


class Spending:
    """See the module's docstring. `office`: the version in force."""

    def __init__(
        self,
        exchange: Exchange,
        office: Callable[[], LoadedOffice],
        standing: Standing,
        outbox: Outbox,
    ) -> None:
        self._exchange, self._office, self._standing = exchange, office, standing
        self._outbox = outbox
        self.meter = Meter()
        self.refusals: deque[Refusal] = deque(maxlen=MOST_REFUSALS)
        self._legs: dict[Charge, tuple[Leg, Call]] = {}
        self._day: date | None = None
        self._told: set[tuple[str, Barred]] = set()

    def local(self) -> datetime:
        """The office's wall clock."""
        return self._exchange.clock().astimezone(self._office().office.zone)

    # --- one call ---

    def ask(self, call: Call, who: str, meant: Dialled) -> Charge | Barred:
        """A charge that `end` is owed, or why the call does not go out."""
        self._look_at_the_day()
        office = self._office().office
        charge = self._charge(who, meant)
        why = self._why(charge, meant)
        if why is None:
            self.meter.begin(charge)
            return charge
        self._refused(call, charge, why)
        is_odd = is_far(meant) and why in (Barred.ABROAD, Barred.COSTLY)
        if is_odd and self.meter.was_short(who, self._exchange.now(), office.outgoing.sudden):
            self._stop(who, charge.number, call)
        return why

    def would_refuse(self, who: str, meant: Dialled) -> Barred | None:
        """Why a call of his would not go out now; None too for what leads nowhere outside."""
        self._look_at_the_day()
        if meant.reach is None:
            return None
        return self._why(self._charge(who, meant), meant)

    def _charge(self, who: str, meant: Dialled) -> Charge:
        office = self._office().office
        number = meant.value
        costs_nothing = meant.kind is Kind.EMERGENCY or is_free(number, office.country)
        price = 0.0 if costs_nothing else office.outgoing.price(number, priced_as(meant))
        return Charge(who, number, is_far(meant), costs_nothing, price)

    def _why(self, charge: Charge, meant: Dialled) -> Barred | None:
        if meant.kind is Kind.EMERGENCY:
            return None
        office = self._office().office
        rules = office.outgoing
        why = barred(office, charge.who, meant, self.local())
        if why is not None:
            return why
        if charge.is_far and self._standing.active(charge.who, Setting.STOPPED) is not None:
            return Barred.STOPPED
        now = self._exchange.now()
        return self.meter.over(
            charge.who, rules.limits(charge.who), rules.limits(None), charge, now
        )

    def answered(self, charge: Charge, leg: Leg, call: Call) -> None:
        """Somebody took the call; it is paid for until his leg ends."""
        charge.answered = self._exchange.now()
        self._legs[charge] = (leg, call)
        call.note(ANSWERED, **_told_of(charge))
        leg.ended.add_done_callback(lambda _: self.end(charge, call))

    def end(self, charge: Charge, call: Call) -> None:
        """The call is over, or nobody answered; more than once is harmless."""
        if charge not in self.meter.running():
            return
        now = self._exchange.now()
        self.meter.end(charge, now)
        self._legs.pop(charge, None)
        seconds = charge.seconds(now)
        if charge.answered is not None:
            call.note(TALKED, **_told_of(charge), seconds=round(seconds, 1))
            metrics.outside_seconds.labels("far" if charge.is_far else "home").inc(seconds)
        rule = self._office().office.outgoing.sudden
        is_short = charge.is_far and not charge.is_free and seconds <= rule.short
        if is_short and self.meter.was_short(charge.who, now, rule):
            self._stop(charge.who, charge.number, call)

    def _refused(self, call: Call, charge: Charge, why: Barred) -> None:
        who, number = charge.who, charge.number
        self.refusals.append(Refusal(self._exchange.clock(), who, number, why))
        call.note(REFUSED, who=who, number=number, why=why.value)
        metrics.outside_refused.labels(why.value).inc()
        _log.warning("a call out was refused", call=call.id, why=in_words(why, who, number))
        self._tell_once(who, why)

    # --- time goes by ---

    def tick(self) -> None:
        """Once a second: a new day, and calls that have used up what there is."""
        self._look_at_the_day()
        rules, now = self._office().office.outgoing, self._exchange.now()
        for charge, (leg, call) in list(self._legs.items()):
            if charge.cut is not None:
                continue
            limits = rules.limits(charge.who)
            why = self.meter.over(charge.who, limits, rules.limits(None), charge, now)
            if why is not None:
                charge.cut = why
                call.note(CUT, who=charge.who, number=charge.number, why=why.value)
                _log.warning("a call out was ended", call=call.id, why=why.value)
                metrics.outside_refused.labels(why.value).inc()
                self._tell_once(charge.who, why)
                leg.hang_up(USED_UP)

    def _look_at_the_day(self) -> None:
        today = self.local().date()
        if today != self._day:
            if self._day is not None:
                self.meter.new_day()
                self._told.clear()
            self._day = today

    # --- alarms ---

    def _stop(self, who: str, number: str, call: Call) -> None:
        if self._standing.active(who, Setting.STOPPED) is not None:
            return
        self.meter.forget_short(who)
        self._standing.set(who, Setting.STOPPED, True, by=BY_SWITCH)
        call.note(STOPPED, who=who)
        _log.warning("calls abroad are stopped", who=who, call=call.id, number=number)
        metrics.outside_stopped.inc()
        self._mail(AlarmKind.STOPPED, who, number)

    def _tell_once(self, who: str, why: Barred) -> None:
        """A mail a day for each limit that is used up."""
        whose = "" if why.value.startswith("office") else who
        if why in _LIMITS and (whose, why) not in self._told:
            self._told.add((whose, why))
            language = self._office().office.office.language
            told = in_words(why, who, "").in_language(language)
            self._mail(AlarmKind.USED_UP, who, told)

    def _mail(self, kind: AlarmKind, who: str, detail: str) -> None:
        office = self._office().office
        if not office.alarms:
            return
        person = office.people.get(who)
        name = f"{who} {person.name}" if person is not None else who
        alarm = Alarm(kind, office.office.name, office.office.language, self.local(), name, detail)
        self._outbox.add(compose_alarm(alarm, office.alarms))

    def release(self, who: str, by: str) -> bool:
        """Let somebody call abroad again; False when he was not stopped."""
        if self._standing.active(who, Setting.STOPPED) is None:
            return False
        self._standing.set(who, Setting.STOPPED, False, by=by)
        self.meter.forget_short(who)
        _log.info("calls abroad are released", who=who, by=by)
        return True

    def is_stopped(self, who: str) -> bool:
        return self._standing.active(who, Setting.STOPPED) is not None

    def used(self, who: str | None) -> Used:
        """Today, by one person or by all, what is up included."""
        self._look_at_the_day()
        return self.meter.used(who, self._exchange.now())

    def count(self, who: str | None) -> int:
        """Calls out now."""
        return self.meter.count(who)

    def recall(self, charge: Charge, seconds: float) -> None:
        """A talk of today, from before a restart."""
        self.meter.recall(charge, seconds)


def _told_of(charge: Charge) -> dict[str, Any]:
    return {
        "who": charge.who,
        "number": charge.number,
        "far": charge.is_far,
        "free": charge.is_free,
        "price": charge.price,
    }
