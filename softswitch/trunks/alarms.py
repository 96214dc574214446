"""Who is told that calls over a trunk are at risk, and that they are well again: log, metric, mail.

One alarm a trouble, not one a try. The mails go through the outbox, so that one that cannot be sent
now is sent later; a trunk that comes and goes sends no more than a few an hour.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.store.outbox import Mail
from softswitch.trunks.link import Link, Trouble
from softswitch.trunks.words import in_words
from softswitch.wording import in_language

_log = get_logger("trunks")

MAILS_AN_HOUR, HOUR = 6, 3600.0


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets the mails, and how they are written."""

    addresses: tuple[str, ...]
    office: str
    language: str


@dataclass(frozen=True, slots=True)
class _Words:
    troubles: dict[Trouble, str]
    well: str
    body: str
    well_body: str
    error: str
    held: str


_TEXTS = {
    "pl": _Words(
        {
            Trouble.SILENT: "operator {trunk} nie odpowiada",
            Trouble.REFUSED: "operator {trunk} odrzuca rejestrację",
            Trouble.UNREGISTERED: "nie można zarejestrować się u operatora {trunk}",
        },
        "operator {trunk} znów działa",
        "Połączenia przychodzące na numery łącza {trunk} mogą nie docierać: {numbers}.\n"
        "Serwer: {server}.\n",
        "Łącze {trunk} ({server}) znów działa.\n",
        "Ostatni błąd: {error}.\n",
        "Łącze zmienia stan często: kolejne wiadomości o nim będą rzadsze.\n",
    ),
    "en": _Words(
        {
            Trouble.SILENT: "the provider {trunk} does not answer",
            Trouble.REFUSED: "the provider {trunk} refuses our registration",
            Trouble.UNREGISTERED: "we cannot register at the provider {trunk}",
        },
        "the provider {trunk} is well again",
        "Calls to the numbers of the trunk {trunk} may not come in: {numbers}.\n"
        "Server: {server}.\n",
        "The trunk {trunk} ({server}) is well again.\n",
        "Last error: {error}.\n",
        "The trunk comes and goes: there will be fewer mails about it.\n",
    ),
}


class Alarms:
    """`send`: puts a mail into the outbox; `recipients`: as the office's file has them now."""

    def __init__(
        self,
        send: Callable[[Mail], None],
        recipients: Callable[[], Recipients],
        clock: Callable[[], float],
    ) -> None:
        self._send, self._recipients, self._clock = send, recipients, clock
        self._told: dict[str, Trouble | None] = {}
        self._mailed: dict[str, deque[float]] = {}

    def see(self, link: Link) -> None:
        """How a trunk stands now; something is told when that is news."""
        name, trouble = link.name, link.trouble
        metrics.trunk_up.labels(name).set(trouble is None)
        if link.registration is not None:
            metrics.trunk_registered.labels(name).set(link.is_registered)
        if trouble is self._told.get(name):
            return
        self._told[name] = trouble
        if trouble is None:
            _log.info("a trunk is well again", trunk=name)
        else:
            _log.warning("a trunk is at risk", trunk=name, why=trouble.value, error=link.last_error)
            metrics.trunk_alarms.labels(trouble.value).inc()
        self._mail(link, trouble)

    def forget(self, name: str) -> None:
        """The trunk is no more, or is another."""
        self._told.pop(name, None)
        self._mailed.pop(name, None)
        for gauge in (metrics.trunk_up, metrics.trunk_registered):
            if (name,) in {tuple(s.labels.values()) for m in gauge.collect() for s in m.samples}:
                gauge.remove(name)

    def _mail(self, link: Link, trouble: Trouble | None) -> None:
        to = self._recipients()
        if not to.addresses:
            return
        mailed, now = self._mailed.setdefault(link.name, deque(maxlen=MAILS_AN_HOUR)), self._clock()
        while mailed and now - mailed[0] >= HOUR:
            mailed.popleft()
        if len(mailed) >= MAILS_AN_HOUR:
            return
        mailed.append(now)
        words = _TEXTS.get(to.language, _TEXTS["en"])
        parts = [words.well_body if trouble is None else words.body]
        if trouble is not None and link.last_error:
            parts.append(words.error)
        if len(mailed) == MAILS_AN_HOUR:
            parts.append(words.held)
        subject = words.well if trouble is None else words.troubles[trouble]
        values = {
            "trunk": link.name,
            "server": link.trunk.server,
            "numbers": ", ".join(link.trunk.numbers) or "-",
            "error": in_language(in_words(link.last_error), to.language),
        }
        text = "".join(part.format(**values) for part in parts)
        self._send(Mail(to.addresses, f"{to.office}: {subject.format(**values)}", text))
