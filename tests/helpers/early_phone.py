"""What a hand-played phone does with RFC 3262, 3311 and 4028: by functions, so that a test sees it.

await prack(out, response)              acknowledge a reliable response of the switch
reliable(inward, 183, 5, body)          send one; the test waits for the PRACK
await inside(call, "UPDATE", ...)       any request of the dialog, and its final response
respond(phone, request, 200, body, …)   answer any request with headers of one's own
"""

from tests.helpers.hand_phone import Call, Phone
from tests.live.rtp_peer import answer_to
from tests.live.sip_text import Message

SDP = ("Content-Type", "application/sdp")
Line = tuple[str, str]


async def inside(call: Call, method: str, body: bytes = b"", *lines: Line) -> Message:
    """Send a request of the dialog and wait for its final response."""
    request = call.inside(method, body)
    request.headers += lines
    call.phone.send(request)
    return await call.phone.expect(branch=request.branch, final=True)


async def prack(out: Call, response: Message, body: bytes = b"", rack: str = "") -> Message:
    """PRACK a reliable response; `rack`: another RAck than the right one."""
    out.final = out.final or response
    right = f"{response.get('RSeq')} {response.get('CSeq')}"
    return await inside(out, "PRACK", body, ("RAck", rack or right))


def respond(
    phone: Phone, request: Message, status: int, body: bytes = b"", *lines: Line, tag: str = ""
) -> Message:
    """Answer any request; a repeat of it gets the same."""
    response = answer_to(request, f"{status} Whatever", tag)
    response.headers += [("Contact", phone.contact), *lines]
    if body:
        response.headers.append(SDP)
        response.body = body
    phone._answers[request.branch, request.method] = response
    phone.put(response)
    return response


def early(inward: Call, status: int, body: bytes = b"", *lines: Line, tag: str = "") -> Message:
    """A provisional response to the INVITE that came; `tag`: of another fork."""
    return respond(inward.phone, inward.invite, status, body, *lines, tag=tag or inward.tag)


def reliable(inward: Call, status: int, rseq: int, body: bytes = b"", tag: str = "") -> Message:
    """The same, reliably."""
    lines = (("Require", "100rel"), ("RSeq", str(rseq)))
    return early(inward, status, body, *lines, tag=tag)


def accept(inward: Call, body: bytes | None = None, *lines: Line, tag: str = "") -> None:
    """200 to the INVITE with headers of the test's own; sent again until its ACK."""
    inward.is_answered = True
    text = inward.phone.offer() if body is None else body
    response = early(inward, 200, text, *lines, tag=tag)
    inward.phone._again(response, (inward.invite.get("Call-ID"), "200"), 5.0)
