"""What a provider's refusal of a call means for the next server and the next trunk.

    status                      Q.850 in Reason         then
    486 600 603 607 608 487     any                     the world's own answer: it stands
    404 410 484 485 604         any                     there is no such number: it stands
    482 483                     any                     a loop: another trunk would turn it longer
    480, and any with a cause    17 18 19 21 and others  nobody there: it stands
    any                         2 3 25 27 38 41 44      the network failed: the next server
                                34 42 47 58
    408 and silence             none                    nobody answers: the next server
    500 502 503 504 513 5xx     none                    the server failed: the next server
    300 to 399, not followed    none                    the next trunk
    401 402 403 407             any                     we are not let: the next trunk
    405 415 420 421 488 606     any                     not understood, no codec: the next trunk
    any, after it rang          any                     a human was disturbed: it stands

RFC 3261 21, RFC 3398 7.2.4.1 (status and cause), Q.850, RFC 3326 (Reason).
"""

from enum import Enum, auto

from softswitch.sip.errors import ParseError
from softswitch.sip.headers import Reason, parse_list


class Then(Enum):
    """Where the call goes after a refusal."""

    NOWHERE = auto()
    NEXT_SERVER = auto()
    NEXT_TRUNK = auto()


NETWORK_CAUSES = frozenset({2, 3, 25, 27, 34, 38, 41, 42, 44, 47, 58})
"""Q.850: no route, destination out of order, no circuit, congestion, temporary failure."""
_TO_NEXT_TRUNK = frozenset({401, 402, 403, 405, 407, 415, 420, 421, 488, 606})
_STANDS = frozenset({404, 410, 482, 483, 484, 485, 486, 487, 600, 603, 604, 607, 608})


def after(status: int | None, reason: str, has_rung: bool) -> Then:
    """`status`: None for no answer at all; `reason`: the Reason header; `has_rung`: a 180 came."""
    if has_rung or status in _STANDS:
        return Then.NOWHERE
    if status in _TO_NEXT_TRUNK or (status is not None and status // 100 == 3):
        return Then.NEXT_TRUNK
    cause = q850(reason)
    if cause is not None:
        return Then.NEXT_SERVER if cause in NETWORK_CAUSES else Then.NOWHERE
    if status is None or status == 408 or status // 100 == 5:
        return Then.NEXT_SERVER
    return Then.NOWHERE


def q850(reason: str) -> int | None:
    """The Q.850 cause in a Reason header, if one stands there."""
    try:
        values = parse_list(Reason, [reason] if reason else [])
    except ParseError:
        return None
    return next((one.cause for one in values if one.protocol.upper() == "Q.850"), None)
