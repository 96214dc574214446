"""A registrar with a store and a clock that the test turns, and REGISTERs by hand."""

from softswitch.registrar.binding import Binding, MemoryStore
from softswitch.registrar.registrar import Registrar, RegistrarConfig
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.uri import parse_uri

NOW = 1_750_000_000.0
UDP = Flow(Transport.UDP, ("192.0.2.1", 5060), ("198.51.100.7", 40_000))
TCP = Flow(Transport.TCP, ("192.0.2.1", 5060), ("198.51.100.7", 40_001), 7)
PHONE = "<sip:101@10.0.0.5:5062>"
UUID = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
OTHER_UUID = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E129>"'


def register(
    *contacts: str, cseq: int = 1, call_id: str = "c1", **fields: str | list[str]
) -> Request:
    headers = Headers()
    headers.add("Via", "SIP/2.0/UDP 10.0.0.5:5062;branch=z9hG4bK1;rport")
    headers.add("From", "<sip:101@pbx.example>;tag=a")
    headers.add("To", "<sip:101@pbx.example>")
    headers.add("Call-ID", call_id)
    headers.add("CSeq", f"{cseq} REGISTER")
    for contact in contacts:
        headers.add("Contact", contact)
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            headers.add(name.replace("_", "-"), value)
    return Request("REGISTER", parse_uri("sip:pbx.example"), headers)


class Desk:
    """A registrar, its store, and a clock that the test turns."""

    def __init__(self, **config: int) -> None:
        self.store = MemoryStore()
        self.dead: set[Flow] = set()
        self.config = RegistrarConfig(is_alive=self._is_alive, **config)
        self.registrar = Registrar(self.store, self.config)
        self.now = NOW

    def _is_alive(self, flow: Flow) -> bool:
        is_connected = flow.connection is not None or not flow.transport.reliable
        return is_connected and flow not in self.dead

    def send(self, request: Request, flow: Flow = UDP, extension: str = "101") -> Response:
        return self.registrar.register(request, extension, flow, self.now)

    def contacts(self, extension: str = "101") -> list[str]:
        return [str(one.contact) for one in self.registrar.lookup(extension, self.now)]

    def only(self) -> Binding:
        (binding,) = self.registrar.lookup("101", self.now)
        return binding
