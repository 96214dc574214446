"""Settings that more than their type decides: what may stand there, and what to write instead.

A slip in a `SOFTSWITCH_*` variable is told before anything is opened, in the reader's language.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from softswitch.wording import Slip, of_disk, say

DNS_PORT = 53
# Those of the store: what each needs is installed with it (`store/connection`).
_DATABASE = re.compile(r"(sqlite\+aiosqlite|postgresql\+asyncpg)://")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class DnsServers:
    """Whom names are asked of; none: whom the system asks."""

    addresses: Sequence[str] = ()
    port: int = DNS_PORT

    @classmethod
    def read(cls, text: str) -> "DnsServers":
        """`192.0.2.53, 192.0.2.54:5353`. Raises Slip."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        if not words:
            return cls()
        last, colon, port = words[-1].rpartition(":")
        has_port = bool(colon) and (last.count(":") == 0 or last.endswith("]"))
        servers = [*words[:-1], last if has_port else words[-1]]
        try:
            found = [str(ip_address(one.strip("[]"))) for one in servers]
            number = int(port) if has_port else DNS_PORT
        except ValueError:
            number = 0
        if not 0 < number <= _LAST_PORT:
            raise Slip(say("no_dns_server", text=text), say("write_dns_server"))
        return cls(found, number)


def dns(text: str) -> str:
    """As it stands. Raises Slip."""
    DnsServers.read(text)
    return text


def networks(text: str) -> str:
    """As they stand: addresses and networks, by commas. Raises Slip."""
    for word in text.replace(",", " ").split():
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise Slip(say("no_network", value=word), say("write_network")) from None
    return text


def address(text: str | None) -> str | None:
    """A numeric one: it stands in descriptions of sound, and phones look up no names there."""
    try:
        return str(ip_address(text.strip("[]"))) if text else None
    except ValueError:
        raise Slip(say("no_address", text=text), say("write_address")) from None


def database(text: str | None) -> str | None:
    """It may hold a password, which no message shows. Raises Slip."""
    if text is not None and not _DATABASE.match(text):
        raise Slip(say("no_database_url"), say("write_database_url"))
    return text


def readable(path: Path | None) -> Path | None:
    """A file that can be opened. Raises Slip."""
    if path is not None:
        try:
            path.open("rb").close()
        except OSError as error:
            raise Slip(say("told_of_file", file=str(path), why=of_disk(error))) from None
    return path
