"""A directory asked by LDAP who calls (RFC 4511, RFC 4515, RFC 4519).

ldap3 blocks, so one thread a directory asks, over a connection that is kept. Numbers are looked for
in the forms in which people write them without blanks; RFC 4517 4.2.29 has the directory pass over
blanks and hyphens itself.
"""

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from softswitch.apps.clients.source import Question, SourceFailed
from softswitch.office.contact_sources import ContactSource
from softswitch.office.numbers import pretty

# Seconds for the thread: longer than a caller waits, since a late answer helps his next call.
CONNECT_WITHIN, ANSWER_WITHIN = 2, 3
# Questions before the thread; more than these come of a directory that is dead.
MOST_WAITING = 20


class LdapSource:
    """`folder`: where the office's files are, for the authority's certificate."""

    kind = "ldap"

    def __init__(self, source: ContactSource, folder: Path, country: str) -> None:
        self._source, self._folder, self._country = source, folder, country
        self._thread = ThreadPoolExecutor(1, "ldap")
        self._connection: Any = None
        self._waiting = 0
        self.where = urlsplit(source.ldap or "").hostname or ""

    async def ask(self, question: Question, seconds: float) -> Mapping[str, object] | None:
        if self._waiting >= MOST_WAITING:
            raise SourceFailed("too many questions wait")
        loop = asyncio.get_running_loop()
        self._waiting += 1
        asking = loop.run_in_executor(self._thread, self._search, question.number)
        asking.add_done_callback(self._asked)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(asking)
        except TimeoutError:
            raise SourceFailed("no answer in time") from None

    def close(self) -> None:
        self._thread.submit(self._hang_up)
        self._thread.shutdown(wait=False)

    def _asked(self, asking: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        if not asking.cancelled():
            asking.exception()  # looked at, also when nobody waits any more

    # --- in the thread ---

    def _search(self, number: str) -> Mapping[str, object] | None:
        from ldap3.core.exceptions import LDAPException

        for is_last in (False, True):
            is_new = self._connection is None
            try:
                return self._found(self._connected(), number)
            except (LDAPException, OSError, ssl.SSLError) as error:
                self._hang_up()
                # One that was kept may have been cut in the meantime; a new one is tried once.
                if is_new or is_last:
                    raise SourceFailed(str(error) or type(error).__name__) from None
        return None

    def _connected(self) -> Any:
        if self._connection is None:
            from ldap3 import AUTO_BIND_NO_TLS, AUTO_BIND_TLS_BEFORE_BIND, SYNC, Connection, Server

            source = self._source
            server = Server(source.ldap, tls=self._tls(), connect_timeout=CONNECT_WITHIN)
            self._connection = Connection(
                server,
                source.login,
                source.password.get_secret_value() if source.password is not None else None,
                client_strategy=SYNC,
                read_only=True,
                raise_exceptions=True,
                receive_timeout=ANSWER_WITHIN,
                auto_bind=AUTO_BIND_TLS_BEFORE_BIND if source.starttls else AUTO_BIND_NO_TLS,
            )
        return self._connection

    def _tls(self) -> Any:
        from ldap3 import Tls

        own = None if self._source.ca is None else str(self._folder / self._source.ca)
        return Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=own)

    def _found(self, connection: Any, number: str) -> Mapping[str, object] | None:
        source = self._source
        wanted = {
            "name": source.name,
            "caretaker": source.caretaker,
            "card": source.card,
            **({"privileged": source.privileged} if source.privileged is not None else {}),
        }
        terms = [f"({one}={form})" for one in source.numbers for form in self._forms(number)]
        connection.search(
            source.base, f"(|{''.join(terms)})", attributes=list(wanted.values()), size_limit=1
        )
        if not connection.entries:
            return None
        found = connection.entries[0].entry_attributes_as_dict
        return {key: _first(found.get(attribute)) for key, attribute in wanted.items()}

    def _forms(self, number: str) -> list[str]:
        """+48600100200, 48600100200, 0048600100200, 600100200; escaped (RFC 4515 3)."""
        from ldap3.utils.conv import escape_filter_chars

        bare = number.removeprefix("+")
        forms = [number, bare, f"00{bare}", pretty(number, self._country).replace(" ", "")]
        return [escape_filter_chars(form) for form in dict.fromkeys(forms) if form]

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            from ldap3.core.exceptions import LDAPException

            with suppress(LDAPException, OSError):  # it was cut already
                connection.unbind()


def _first(values: object) -> object:
    """Of an attribute's values; a card's address is followed by a label (RFC 2079)."""
    value = next(iter(values), None) if isinstance(values, list) else values
    return value.split(" ")[0] if isinstance(value, str) and value.startswith("http") else value
