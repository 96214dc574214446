"""The mail that says that recordings lose sound."""

from softswitch.office.models import Office
from softswitch.store.outbox import Mail

_SUBJECT = {
    "pl": "nagrania tracą dźwięk",
    "en": "recordings lose sound",
}
_BODY = {
    "pl": "Nagranie {recording} nie zapisuje się w całości: {error}.\n"
    "Rozmowy trwają dalej. Proszę sprawdzić dysk i folder kluczy.\n"
    "Kolejna wiadomość o tym przyjdzie najwcześniej za godzinę.\n",
    "en": "The recording {recording} is not written as a whole: {error}.\n"
    "The calls go on. Look at the disk and at the folder of the keys.\n"
    "There will be no other mail about it within the hour.\n",
}


def alarm_mail(office: Office, recording: str, error: str) -> Mail:
    """To those whom the office's alarms go to."""
    language = office.office.language if office.office.language in _SUBJECT else "en"
    subject = f"{office.office.name}: {_SUBJECT[language]}"
    return Mail(office.alarms, subject, _BODY[language].format(recording=recording, error=error))
