"""Mails about single calls: somebody called for help, calls abroad are stopped, a limit is used up,
a provider's caller had to be refused; and that the switch went back to an earlier office file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from softswitch.mail.message import one_line
from softswitch.store.outbox import Mail


class AlarmKind(Enum):
    """What happened."""

    EMERGENCY = "emergency"
    EMERGENCY_TEST = "emergency_test"
    STOPPED = "stopped"
    USED_UP = "used_up"
    NOT_ENCRYPTED = "not_encrypted"
    NOT_SPOKEN = "not_spoken"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`at`: on the office's clock. `who`: extension and name, a trunk, a version. `detail`: a
    number, or why."""

    kind: AlarmKind
    office: str
    language: str
    at: datetime
    who: str
    detail: str


_TEXTS: Mapping[str, Mapping[AlarmKind, tuple[str, str]]] = {
    "pl": {
        AlarmKind.EMERGENCY: (
            "ALARM: {who} dzwoni pod {detail}",
            "{at}: {who} wybrał numer alarmowy {detail}.\n"
            "Proszę sprawdzić, czy ktoś potrzebuje pomocy, i wyjść po służby ratunkowe.\n",
        ),
        AlarmKind.EMERGENCY_TEST: (
            "test połączenia alarmowego: {who}",
            "{at}: {who} sprawdza połączenie z numerem {detail}. Nikt nie został wezwany.\n",
        ),
        AlarmKind.STOPPED: (
            "wstrzymano połączenia zagraniczne: {who}",
            "{at}: z telefonu {who} wykonano wiele krótkich połączeń za granicę lub na numery "
            "o podwyższonej opłacie, ostatnio z numerem {detail}.\nTak wygląda skradzione hasło. "
            "Proszę je zmienić (softswitch passwd), a potem zwolnić blokadę: "
            "softswitch limits release NUMER.\nPozostali dzwonią bez zmian.\n",
        ),
        AlarmKind.USED_UP: (
            "wyczerpany limit połączeń: {who}",
            "{at}: połączenie {who} odrzucono lub zakończono.\nPowód: {detail}.\n"
            "Limity pokazuje: softswitch limits\n",
        ),
        AlarmKind.RETURNED: (
            "przywrócono poprzednią wersję pliku biura",
            "{at}: nowa wersja pliku biura ({who}) została wycofana, działa poprzednia.\n"
            "Powód: {detail}.\nTrwające rozmowy nie zostały przerwane. Wycofany plik jest wśród "
            "wersji: softswitch versions\n",
        ),
        AlarmKind.NOT_ENCRYPTED: (
            "klient odrzucony, łącze {who}: dźwięk bez szyfrowania",
            "{at}: połączenia, które przyszło łączem {who}, nie przyjęto (488): operator nie "
            "zaproponował szyfrowanego dźwięku, a łącze ma `srtp: required`.\n"
            "Proszę poprosić operatora o SRTP z kluczami SDES albo wpisać `srtp: allowed`.\n"
            "Do tego czasu mogą nie docierać wszyscy klienci. Szczegóły: {detail}\n",
        ),
        AlarmKind.NOT_SPOKEN: (
            "klient odrzucony, łącze {who}: brak wspólnego kodeka",
            "{at}: połączenia, które przyszło łączem {who}, nie przyjęto: operator nie "
            "zaproponował dźwięku, który centrala rozumie.\n"
            "Proszę porównać `codecs` i `srtp` łącza z tym, czego używa operator.\n"
            "Do tego czasu mogą nie docierać wszyscy klienci. Szczegóły: {detail}\n",
        ),
    },
    "en": {
        AlarmKind.EMERGENCY: (
            "ALARM: {who} calls {detail}",
            "{at}: {who} has dialled the emergency number {detail}.\n"
            "Please see whether somebody needs help, and meet the rescuers at the door.\n",
        ),
        AlarmKind.EMERGENCY_TEST: (
            "test of an emergency call: {who}",
            "{at}: {who} tests the call to {detail}. Nobody was called.\n",
        ),
        AlarmKind.STOPPED: (
            "calls abroad are stopped: {who}",
            "{at}: many short calls abroad or to costly numbers were made by {who}, the last one "
            "to {detail}.\nThat is what a stolen password looks like. Please change it "
            "(softswitch passwd), then release the stop: softswitch limits release NUMBER.\n"
            "Everybody else calls as before.\n",
        ),
        AlarmKind.USED_UP: (
            "a limit of calls is used up: {who}",
            "{at}: a call of {who} was refused or ended.\nReason: {detail}.\n"
            "The limits are shown by: softswitch limits\n",
        ),
        AlarmKind.RETURNED: (
            "the version before of the office file is back",
            "{at}: the new version of the office file ({who}) was taken back; the one before is in "
            "force.\nReason: {detail}.\nNo call in progress was cut off. The file that was taken "
            "back is among the versions: softswitch versions\n",
        ),
        AlarmKind.NOT_ENCRYPTED: (
            "a client was refused, trunk {who}: sound without encryption",
            "{at}: a call that came over the trunk {who} was refused (488): the provider offered "
            "no encrypted sound, and the trunk says `srtp: required`.\n"
            "Please ask the provider for SRTP with SDES keys, or write `srtp: allowed`.\n"
            "Until then perhaps no client gets through. Details: {detail}\n",
        ),
        AlarmKind.NOT_SPOKEN: (
            "a client was refused, trunk {who}: no codec in common",
            "{at}: a call that came over the trunk {who} was refused: the provider offered no "
            "sound that is spoken here.\n"
            "Please compare `codecs` and `srtp` of the trunk with what the provider uses.\n"
            "Until then perhaps no client gets through. Details: {detail}\n",
        ),
    },
}


def compose_alarm(alarm: Alarm, recipients: tuple[str, ...]) -> Mail:
    """The mail about it, in the office's language."""
    subject, body = _TEXTS.get(alarm.language, _TEXTS["en"])[alarm.kind]
    at = f"{alarm.at:%Y-%m-%d %H:%M:%S}"
    values = {"who": one_line(alarm.who), "detail": one_line(alarm.detail), "at": at}
    title = f"{alarm.office}: {subject.format(**values)}"
    return Mail(recipients, one_line(title), body.format(**values))
