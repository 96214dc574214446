"""Who hears whom where not everybody hears everybody: a supervisor beside two who talk.

The words a queue's or an office's supervisor uses, as bridges of the media engine. The two who talk
are still forwarded to each other as their packets arrive; only what is new for an ear is mixed.
"""

from enum import StrEnum

from media.api import Bridge, Hearing
from softswitch.calls.sound import Sound


class Supervision(StrEnum):
    """How a third one takes part in a talk; he always hears both."""

    LISTEN = "listen"  # nobody hears him
    WHISPER = "whisper"  # one of the two hears him, the other knows nothing of it
    BARGE = "barge"  # both hear him


def supervised(
    bridge: int, coached: Sound, other: Sound, supervisor: Sound, how: Supervision
) -> Bridge:
    """The bridge of three. `coached`: the one a whisper is for; `other`: whom he talks with.

    Sent again for the same bridge number it changes how; `Bridge(bridge, (coached, other))`
    without the supervisor ends it, and the talk of the two is not interrupted by either.
    """
    legs = (coached.leg, other.leg, supervisor.leg)
    hears: tuple[Hearing, ...] = ()
    if how is not Supervision.BARGE:
        hears = (Hearing(other.leg, (coached.leg,)),)
    if how is Supervision.LISTEN:
        hears += (Hearing(coached.leg, (other.leg,)),)
    return Bridge(bridge=bridge, legs=legs, hears=hears)
