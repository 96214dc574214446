"""A caller's offer of sound that cannot be taken (RFC 3261 13.3.1.3, 488): who is told of it.

The line in the log and the metric are for every caller. A client whom a provider brings is more
than a phone that is set wrong: where the trunk and its provider do not agree on encryption or
codecs, every client is refused, so the office gets a mail, one an hour for each trunk.
"""

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Origin
from softswitch.log import get_logger
from softswitch.mail.alarm_notice import Alarm, AlarmKind, compose_alarm
from softswitch.sip.crypto import Srtp
from softswitch.sip.refused_offer import OfferAnswerError

_log = get_logger("apps.refusals")

MAIL_EVERY = 3600.0
"""Seconds, for each trunk."""


def tell_of_refusal(desk: FrontDesk, origin: Origin, error: OfferAnswerError) -> None:
    """Never waits."""
    who = {"trunk": origin.trunk} if origin.trunk is not None else {"who": origin.number}
    _log.warning("an offer was refused", status=error.status, reason=error.reason, **who)
    metrics.calls_refused.labels(str(error.status)).inc()
    if origin.trunk is not None:
        _mail(desk, origin.trunk, error)


def _mail(desk: FrontDesk, name: str, error: OfferAnswerError) -> None:
    office, trunk, now = desk.office.office, desk.trunks.all.get(name), desk.exchange.now()
    told = desk.refusals_told.get(name)
    if trunk is None or not office.alarms or (told is not None and now - told < MAIL_EVERY):
        return
    desk.refusals_told = {one: at for one, at in desk.refusals_told.items() if one in office.trunks}
    desk.refusals_told[name] = now
    is_plain = trunk.srtp is Srtp.REQUIRED and error.is_about_transport
    kind = AlarmKind.NOT_ENCRYPTED if is_plain else AlarmKind.NOT_SPOKEN
    at, language = desk.local_time(desk.exchange.clock()), office.office.language
    alarm = Alarm(kind, office.office.name, language, at, name, error.reason)
    desk.outbox.add(compose_alarm(alarm, office.alarms))
