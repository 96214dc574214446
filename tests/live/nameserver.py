"""A DNS server of a test: SRV and A over UDP on loopback, by dnspython; what it says can change."""

import socket
import threading

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

from tests.live.ports import free_port

HOST = "127.0.0.1"


class NameServer:
    """`records`: (name, type) → texts, as in a zone; whatever is not there does not exist."""

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        self.records, self.port = records, free_port()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, self.port))
        self._socket.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dns", daemon=True)

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._socket.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                data, source = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            self._socket.sendto(self._answer(data), source)

    def _answer(self, data: bytes) -> bytes:
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        (wanted,) = question.question
        name, kind = wanted.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(wanted.rdtype)
        self.asked.append(f"{kind} {name}")
        texts = self.records.get((name.lower(), kind))
        if texts:
            answer.answer.append(dns.rrset.from_text(wanted.name, 1, "IN", kind, *texts))
        return answer.to_wire()
