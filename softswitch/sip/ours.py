"""What our descriptions say of a stream: codecs, telephone events, packet length, direction.

RFC 8866 6 (the attributes), RFC 4733 3.2, RFC 3611 5.1. Knows neither addresses nor keys.
"""

from functools import lru_cache

from softswitch.sip.codecs import Codec
from softswitch.sip.direction import Direction
from softswitch.sip.rtpmap import TELEPHONE_EVENT
from softswitch.sip.sdp import Line, attribute
from softswitch.sip.theirs import XR, XR_METRICS, Events

# What need not be put together again: a few forms for each codec of a caller.
KEPT_LINES = 64
# RFC 4733 3.2: the sixteen keys, and 16, the hook flash.
_EVENTS = "0-16"


@lru_cache(maxsize=KEPT_LINES)
def lines_of(
    codecs: tuple[Codec, ...],
    events: tuple[Events, ...],
    ptime: int,
    direction: Direction,
    asks: bool,
) -> tuple[Line, ...]:
    """What stands under an m-line of ours but for its keys: the same in nearly every call."""
    lines = []
    for codec in codecs:
        channels = f"/{codec.channels}" if codec.channels != 1 else ""
        rtpmap = f"{codec.payload_type} {codec.name}/{codec.clock}{channels}"
        lines.append(attribute("rtpmap", rtpmap))
        if codec.fmtp:
            lines.append(attribute("fmtp", f"{codec.payload_type} {codec.fmtp}"))
    for event in events:
        named = f"{event.payload_type} {TELEPHONE_EVENT}/{event.clock}"
        lines.append(attribute("rtpmap", named))
        lines.append(attribute("fmtp", f"{event.payload_type} {_EVENTS}"))
    lines.append(attribute("ptime", str(ptime)))
    lines.append(attribute(direction.value))
    if asks:
        lines.append(attribute(XR, XR_METRICS))
    return tuple(lines)
