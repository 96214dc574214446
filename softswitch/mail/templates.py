"""The office's own texts of mails, in its config folder: `mails/voicemail.pl.txt`.

The first line is the subject, the rest after an empty line the text; `{caller}` and the like stand
for what is told. They are the office's files, so no upgrade touches them. One that cannot be read
or filled in is passed over for the words that come with the switch: a mail is sent in any case.
"""

import string
from collections.abc import Iterator
from pathlib import Path

from softswitch.log import get_logger
from softswitch.office.models import Office

_log = get_logger("mail")

VOICEMAIL = "voicemail"
# What may stand in braces.
FIELDS = ("mailbox", "caller", "number", "name", "date", "length", "office")


def template_text(folder: Path, office: Office, mail: str, language: str) -> str | None:
    """The text of a mail in this language; None when the office has none of its own."""
    if office.mails is None:
        return None
    path = folder / office.mails / f"{mail}.{language}.txt"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        _log.error("a mail's text cannot be read", file=str(path), error=str(error))
        return None


def told(template: str | None, usual: tuple[str, str], **values: str) -> tuple[str, str]:
    """Subject and text, filled in; `usual`: those that come with the switch."""
    if template is not None:
        subject, _, body = template.lstrip("\ufeff").partition("\n")
        try:
            return _filled(subject.strip(), values), _filled(body.lstrip("\r\n"), values)
        except (ValueError, LookupError) as error:
            _log.error("a mail's text cannot be filled in", error=str(error))
    return usual[0].format(**values), usual[1].format(**values)


def _filled(text: str, values: dict[str, str]) -> str:
    """Names alone stand in braces: nothing behind them is looked into."""
    for _, field, _, _ in string.Formatter().parse(text):
        if field is not None and field not in FIELDS:
            raise LookupError(f"`{{{field}}}` means nothing here")
    return text.format(**values)


def faults(folder: Path, office: Office) -> Iterator[tuple[str, str]]:
    """What is wrong with the office's texts: the file's name, and why."""
    if office.mails is None:
        return
    place = folder / office.mails
    if not place.is_dir():
        yield office.mails, "there is no such folder"
        return
    for path in sorted(place.glob("*.txt")):
        try:
            told_by = _filled(path.read_text(encoding="utf-8"), dict.fromkeys(FIELDS, "x"))
            if not told_by.strip():
                yield path.name, "it is empty"
        except (OSError, ValueError, LookupError) as error:
            yield path.name, str(error).strip("'\"")
