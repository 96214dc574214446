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

from softswitch.office.models import Office
from softswitch.office.secrets import write_secret

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


def phones_table(office: Office, passwords: dict[str, str]) -> Table:
    """Extensions with their passwords."""
    table = Table(title="Phones", title_justify="left")
    table.add_column("user name")
    table.add_column("password")
    table.add_column("person")
    for extension, person in office.people.items():
        table.add_row(extension, passwords.get(extension, "(softswitch passwd)"), person.name)
    return table


def dial_table(office: Office) -> Table:
    """What to dial from a registered phone."""
    table = Table(title="Dial", title_justify="left")
    table.add_column("number")
    table.add_column("and")
    for extension, person in office.people.items():
        table.add_row(extension, f"{person.name}'s phone rings")
    for name, group in office.groups.items():
        if group.number:
            table.add_row(group.number, f"the group {name} rings")
    for name, queue in office.queues.items():
        if queue.number:
            table.add_row(queue.number, f"you wait in the queue {name}, with music")
    if office.services.echo:
        table.add_row(office.services.echo, "you hear yourself (echo test)")
    for number, target in office.numbers.items():
        table.add_row(number, f"what a client hears: {target}")
    for digits, what in _codes(office):
        table.add_row(digits, what)
    return table


def _codes(office: Office) -> Iterator[tuple[str, str]]:
    """The codes that people use every day; the others stand in the guide."""
    codes, somebody = office.codes, next(iter(office.people), "101")
    if codes.pickup:
        yield codes.pickup, "you take the call that rings at somebody of your groups and queues"
        yield f"{codes.pickup}{somebody}", f"you take the call that rings at {somebody}"
    if codes.park and office.parking:
        slots = office.parking.slots
        yield codes.park, "(transfer a call here) it waits at a free number, which you are told"
        where = slots[0] if len(slots) == 1 else f"{slots[0]} … {slots[-1]}"
        yield where, "(transfer a call here) it waits; anybody who dials the number has it"
    if codes.intercom:
        yield f"{codes.intercom}{somebody}", f"{somebody}'s phone answers by itself: intercom"
    if codes.dnd:
        off = codes.dnd.replace("*", "#", 1)
        yield codes.dnd, f"your phone does not ring; {off} ends it"
