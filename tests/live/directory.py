"""OpenLDAP (Debian's slapd) with a directory of clients, and a CRM that answers by HTTP."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.live.certificates import Certificates
from tests.live.ports import free_port
from tests.live.process import Process, until

HOST = "127.0.0.1"
BASE, LOGIN, PASSWORD = "dc=kancelaria,dc=example", "cn=phone,dc=kancelaria,dc=example", "tajne"

_CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {chain}
TLSCertificateKeyFile {key}
database mdb
suffix "{base}"
directory {folder}/data
rootdn "{login}"
rootpw {password}
access to * by dn.exact="{login}" read by anonymous auth
"""


class Directory:
    """One slapd. `entries`: (name, telephone, caretaker, card)."""

    def __init__(
        self, folder: Path, certificates: Certificates, *entries: tuple[str, str, str, str]
    ) -> None:
        self.folder = folder / "slapd"
        (self.folder / "data").mkdir(parents=True)
        self.port = free_port()
        config = self.folder / "slapd.conf"
        config.write_text(
            _CONFIG.format(
                folder=self.folder, base=BASE, login=LOGIN, password=PASSWORD,
                chain=certificates.chain, key=certificates.key,
            )
        )  # fmt: skip
        data = self.folder / "clients.ldif"
        data.write_text(_ldif(entries), encoding="utf-8")
        add = Process(["slapadd", "-f", str(config), "-l", str(data)], self.folder / "add.log")
        assert add.wait(20) == 0, add.text
        argv = ["slapd", "-f", str(config), "-h", f"ldap://{HOST}:{self.port}/", "-d", "0"]
        self.process = Process(argv, self.folder / "log")

    def __enter__(self) -> "Directory":
        until(self._listens, f"slapd starts\n{self.process.text}")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end(5.0)

    def _listens(self) -> bool:
        assert self.process.is_alive, self.process.text
        try:
            socket.create_connection((HOST, self.port), 1.0).close()
        except OSError:
            return False
        return True


def _ldif(entries: tuple[tuple[str, str, str, str], ...]) -> str:
    parts = [f"dn: {BASE}\nobjectClass: domain\ndc: kancelaria\n"]
    for number, (name, telephone, caretaker, card) in enumerate(entries):
        parts.append(
            f"dn: uid={number},{BASE}\nobjectClass: inetOrgPerson\nuid: {number}\n"
            f"cn: {name}\nsn: {name}\ntelephoneNumber: {telephone}\n"
            f"employeeNumber: {caretaker}\nlabeledURI: {card}\n"
        )
    return "\n".join(parts)


class Crm:
    """Answers by number; whoever is not in `clients` gets 404."""

    def __init__(self, clients: dict[str, dict[str, Any]]) -> None:
        self.clients = clients
        self.asked: list[dict[str, Any]] = []
        self.signatures: list[str | None] = []
        crm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                question = json.loads(body)
                crm.signatures.append(self.headers.get("X-Softswitch-Signature"))
                crm.asked.append(question)
                found = crm.answer(question)
                answer = json.dumps(found or {}).encode()
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def answer(self, question: dict[str, Any]) -> dict[str, Any] | None:
        """What it says; None for 404."""
        return self.clients.get(question["number"])

    def __enter__(self) -> "Crm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
