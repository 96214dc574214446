"""Messages typed by hand, as ladders and verdicts are tested with."""

from softswitch.trace.message import Direction, TracedMessage

START = 1_772_355_600_000_000  # 1 March 2026, 09:00 UTC
IN, OUT = Direction.IN, Direction.OUT
CLIENT, PHONE = "203.0.113.5:5060", "192.0.2.10:5062"


def sdp(address: str = "192.0.2.10", direction: str = "sendrecv") -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio 4000 RTP/AVP 8\r\na={direction}\r\n"
    )


class Wire:
    """One leg: `ours` says who began it, `far` and `us` are the users in From and To."""

    def __init__(
        self, call_id: str, far: str, us: str, remote: str, *, ours: bool, transport: str = "udp"
    ) -> None:
        self.call_id, self.remote, self.transport = call_id, remote, transport
        self.from_, self.to = (us, far) if ours else (far, us)
        self.has_tag = False

    def say(
        self,
        at: float,
        direction: Direction,
        first: str,
        cseq: str,
        *headers: str,
        body: str = "",
        kind: str = "application/sdp",
    ) -> TracedMessage:
        """One message, `at` seconds from the start. A response with a tag opens the dialog."""
        line = first if first.startswith("SIP/") else f"{first} SIP/2.0"
        self.has_tag = self.has_tag or first.startswith("SIP/2.0 2")
        tag = ";tag=t" if self.has_tag else ""
        lines = [line, f"From: {self.from_};tag=f", f"To: {self.to}{tag}"]
        lines += [f"Call-ID: {self.call_id}", f"CSeq: {cseq}", *headers]
        lines += [f"Content-Type: {kind}"] if body else []
        text = ("\r\n".join([*lines, "", ""]) + body).encode()
        return TracedMessage(
            START + round(at * 1_000_000),
            direction,
            self.transport,
            "192.0.2.1:5060",
            self.remote,
            len(text),
            text,
        )


def plain_call() -> list[TracedMessage]:
    """A client rings 101, who answers; the client's ACK is lost twice."""
    client = Wire(
        "in", '"Jan" <sip:+48600100200@203.0.113.5>', "<sip:+48221234567@x>", CLIENT, ours=False
    )
    phone = Wire("out", "<sip:101@x>", "<sip:+48600100200@x>", PHONE, ours=True)
    ok = ("SIP/2.0 200 OK", "1 INVITE")
    return [
        client.say(0, IN, "INVITE sip:+48221234567@x", "1 INVITE", body=sdp("203.0.113.5")),
        client.say(0.001, OUT, "SIP/2.0 100 Trying", "1 INVITE"),
        phone.say(2.5, OUT, "INVITE sip:101@192.0.2.10:5062", "1 INVITE", body=sdp()),
        phone.say(2.52, IN, "SIP/2.0 180 Ringing", "1 INVITE", "User-Agent: Yealink T46"),
        phone.say(6, IN, *ok, body=sdp()),
        phone.say(6.001, OUT, "ACK sip:101@192.0.2.10:5062", "1 ACK"),
        client.say(6.002, OUT, *ok, body=sdp("192.0.2.1")),
        client.say(6.502, OUT, *ok, body=sdp("192.0.2.1")),
        client.say(7.502, OUT, *ok, body=sdp("192.0.2.1")),
        client.say(7.6, IN, "ACK sip:switch@192.0.2.1", "1 ACK"),
        phone.say(9, IN, "BYE sip:switch@192.0.2.1", "2 BYE", 'Reason: SIP;cause=200;text="Bye"'),
        phone.say(9.001, OUT, "SIP/2.0 200 OK", "2 BYE"),
        client.say(9.002, OUT, "BYE sip:x@203.0.113.5", "2 BYE"),
        client.say(9.05, IN, "SIP/2.0 481 No such call", "2 BYE"),
    ]
