"""The real DNS behind `resolver.Dns`: dnspython, its answers kept for as long as they allow.

Names that DNS does not know are asked from the system (the hosts file, mDNS).
"""

import asyncio
import socket
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from softswitch.log import get_logger
from softswitch.net.resolver import Naptr, Srv

_log = get_logger("net.dns")

# Seconds for one question with all its repeats: a caller waits for the sum of up to three.
PATIENCE = 3.0
# Answers kept; each is some hundred bytes. dnspython drops them when their TTL ends.
MAX_ANSWERS = 1_024


class SystemDns:
    """Asks the servers of `/etc/resolv.conf`, or `nameservers` (numeric) on `port`."""

    def __init__(self, nameservers: list[str] | None = None, port: int = 53) -> None:
        self._nameservers = nameservers
        self._port = port
        self._resolver: dns.asyncresolver.Resolver | None = None

    def _made(self) -> dns.asyncresolver.Resolver:
        if self._resolver is None:
            resolver = dns.asyncresolver.Resolver(configure=self._nameservers is None)
            if self._nameservers is not None:
                resolver.nameservers = list(self._nameservers)
                resolver.port = self._port
            resolver.cache = dns.resolver.LRUCache(MAX_ANSWERS)
            resolver.lifetime = PATIENCE
            self._resolver = resolver
        return self._resolver

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> list[Any]:
        try:
            absolute = dns.name.from_text(name)
            return list(await self._made().resolve(absolute, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            _log.warning("DNS look-up failed", name=name, kind=kind.name, error=str(error))
            return []

    async def naptr(self, name: str) -> list[Naptr]:
        return [
            Naptr(
                record.order,
                record.preference,
                record.flags.decode("ascii", "replace"),
                record.service.decode("ascii", "replace"),
                record.replacement.to_text(omit_final_dot=True),
            )
            for record in await self._ask(name, dns.rdatatype.NAPTR)
        ]

    async def srv(self, name: str) -> list[Srv]:
        return [
            Srv(
                record.priority,
                record.weight,
                record.port,
                record.target.to_text(omit_final_dot=record.target != dns.name.root),
            )
            for record in await self._ask(name, dns.rdatatype.SRV)
        ]

    async def addresses(self, name: str) -> list[str]:
        """IPv4 first: phones and providers without working IPv6 are many, the reverse are none."""
        found: list[str] = []
        if "." in name.strip("."):
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                found += [record.address for record in await self._ask(name, kind)]
        return found or await self._ask_system(name)

    async def _ask_system(self, name: str) -> list[str]:
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(
                name, None, type=socket.SOCK_DGRAM
            )
        except (OSError, UnicodeError):
            return []
        answers.sort(key=lambda answer: answer[0] == socket.AF_INET6)
        return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
