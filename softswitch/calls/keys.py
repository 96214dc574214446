"""Keys that a phone sends by INFO, and other INFOs (RFC 6086).

Three bodies are in use, none of them an RFC's own:

    application/dtmf-relay                   Signal=5            Cisco's; most phones
    application/dtmf                         5                   one key; some write Signal=5 here
    application/vnd.nortelnetworks.digits    d=5 (with p= y= s=) Nortel and its heirs
"""

import re
from typing import TYPE_CHECKING

from softswitch.calls.answering import reply
from softswitch.sip.stack import RequestReceived

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
NORTEL = "application/vnd.nortelnetworks.digits"
BODIES = (RELAY, PLAIN, NORTEL)
KEYS = frozenset("0123456789*#ABCD")
# RFC 4733 3.2: the keys beyond the digits have numbers too, and phones write either.
_NUMBERED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
_SIGNAL = re.compile(r"^[ \t]*Signal[ \t]*[=:][ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_DIGITS = re.compile(r"^[ \t]*d[ \t]*=[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
# More in one INFO is no finger's work.
MAX_KEYS = 32


def info(leg: "Leg", event: RequestReceived) -> None:
    """200 for keys and for an empty INFO (a keep-alive), 469 or 415 for what nobody knows."""
    request = event.request
    if "Info-Package" in request.headers:
        # 4.2.2: "a UA receives an INFO request associated with an Info Package that the UA has not
        # indicated willingness to receive ... 469 (Bad Info Package)"; 7: an empty Recv-Info.
        reply(leg, event, 469, ("Recv-Info", ""))
        return
    kind = request.content_type or ""
    if request.body and kind not in BODIES:
        reply(leg, event, 415, ("Accept", ", ".join(BODIES)))
        return
    for key in keys_in(kind, request.body):
        leg.sound.key_pressed(key)
    reply(leg, event, 200)


def keys_in(kind: str, body: bytes) -> str:
    """The keys that a body of such a type names; what is no key is passed over."""
    text = body.decode("latin-1").strip()
    found = (_DIGITS if kind == NORTEL else _SIGNAL).search(text)
    said = found[1] if found else text if kind == PLAIN else ""
    said = _NUMBERED.get(said, said).upper()
    if kind != NORTEL:
        return said if said in KEYS else ""
    return "".join(key for key in said[:MAX_KEYS] if key in KEYS)
