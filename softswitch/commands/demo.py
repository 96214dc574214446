"""The demonstration office of `make run`: passwords made once, and what to dial.

The passwords of the demo lie readable in its data folder, because somebody must be able to type
them into a phone. An office of one's own keeps digests only (`softswitch passwd`).
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from softswitch.commands.listing import table_of
from softswitch.office.models import Office
from softswitch.office.secrets import write_secret
from softswitch.wording import ENGLISH, Said, say

# Easy to type on a phone's keypad: digits, no 0 and 1 that look like letters.
_ALPHABET = "23456789"
_LENGTH = 10
# RFC 5737: an address for documentation; only the route to it is looked up.
_SOMEWHERE = ("192.0.2.1", 9)
PASSWORDS_FILE = "demo-passwords.json"


def demo_passwords(folder: Path, office: Office, secrets_file: Path, realm: str) -> dict[str, str]:
    """Extension → password. Made on the first start, read on every later one."""
    path = folder / PASSWORDS_FILE
    passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [extension for extension in office.people if extension not in passwords]
    for extension in missing:
        passwords[extension] = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    if missing:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(passwords, file, indent=1)
    for extension in missing:
        write_secret(secrets_file, extension, realm, passwords[extension])
    return passwords


def own_address() -> str:
    """This machine's address as its network sees it, for somebody who sets a phone up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)  # a datagram socket sends nothing by this
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def phones_table(office: Office, passwords: dict[str, str], language: str = ENGLISH) -> Table:
    """Extensions with their passwords."""
    title = say("demo_phones").in_language(language)
    table = table_of(("user_name", "password", "person"), language, title=title)
    for extension, person in office.people.items():
        table.add_row(extension, passwords.get(extension, "(softswitch passwd)"), person.name)
    return table


def dial_table(office: Office, language: str = ENGLISH) -> Table:
    """What to dial from a registered phone."""
    title = say("demo_dial").in_language(language)
    table = table_of(("number", "then"), language, title=title)
    for digits, what in _dialled(office):
        table.add_row(digits, what.in_language(language))
    return table


def _dialled(office: Office) -> Iterator[tuple[str, Said]]:
    for extension, person in office.people.items():
        yield extension, say("dial_person", name=person.name)
    for name, group in office.groups.items():
        if group.number:
            yield group.number, say("dial_group", name=name)
    for name, queue in office.queues.items():
        if queue.number:
            yield queue.number, say("dial_queue", name=name)
    if office.services.echo:
        yield office.services.echo, say("dial_echo")
    for number, target in office.numbers.items():
        yield number, say("dial_number", target=str(target))
    yield from _codes(office)


def _codes(office: Office) -> Iterator[tuple[str, Said]]:
    """The codes that people use every day; the others stand in the guide."""
    codes, somebody = office.codes, next(iter(office.people), "101")
    if codes.pickup:
        yield codes.pickup, say("dial_pickup")
        yield f"{codes.pickup}{somebody}", say("dial_pickup_of", who=somebody)
    if codes.park and office.parking:
        slots = office.parking.slots
        yield codes.park, say("dial_park")
        where = slots[0] if len(slots) == 1 else f"{slots[0]} … {slots[-1]}"
        yield where, say("dial_slot")
    if codes.intercom:
        yield f"{codes.intercom}{somebody}", say("dial_intercom", who=somebody)
    if codes.dnd:
        yield codes.dnd, say("dial_dnd", off=codes.dnd.replace("*", "#", 1))
