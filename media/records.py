"""What the packet loop knows of each descriptor: one record, a cache line (media/native/pump.py).

Confidential: a record says where a phone's voice goes. So whoever's descriptor is closed is struck
out of all records at once, whatever else is known of it: the number may be another call's next.

A record leads to sessions of libsrtp by their addresses. So the sessions are kept here as well, as
long as a record leads to them: whoever gives his away, for another key or at the end of a call,
leaves nothing behind that machine code could step into.
"""

from typing import Final

import numpy as np
from pylibsrtp import Session

from media.libsrtp import address_of
from media.native.pump import (
    BLANK,
    HIGH,
    KEY,
    NEVER,
    NOBODY,
    NOTHING,
    OPEN,
    OUT,
    PLAIN,
    RECORD,
    ROW,
    SEAL,
    SEALED,
    SHIFTS,
    shifts_of,
)

# As many as a worker of some hundred calls needs; doubled when a descriptor lies beyond.
FIRST_SIZE: Final = 4096


class Records:
    def __init__(self, size: int = FIRST_SIZE) -> None:
        self.words = np.full((size, RECORD), BLANK, np.int64)
        self._used = 0  # all records from here on have always been blank
        # By descriptor: the sessions that records lead to.
        self._opens = dict[int, Session]()
        self._seals = dict[int, Session]()

    def open(self, descriptor: int, row: int, sealed_by: Session | None = None) -> bool:
        """Of a leg, which the caller reads until it is `admitted`; what is sent to it is sealed by
        this session. True: the records lie elsewhere now.
        """
        size = len(self.words)
        is_beyond = descriptor >= size
        if is_beyond:
            words = np.full((2 * descriptor + 2, RECORD), BLANK, np.int64)
            words[:size] = self.words
            self.words = words
        self._blank(descriptor)
        self._used = max(self._used, descriptor + 1)
        self.words[descriptor, ROW] = row
        if sealed_by is not None:
            self._seals[descriptor] = sealed_by
            self.words[descriptor, SEAL] = address_of(sealed_by)
        return is_beyond

    def admit(self, descriptor: int, opened_by: Session | None = None) -> None:
        """The loop reads it from now on; what it reads is opened by this session."""
        if opened_by is None:
            self.words[descriptor, OPEN] = PLAIN
        elif self._opens.get(descriptor) is not opened_by:
            self.words[descriptor, [OPEN, HIGH]] = address_of(opened_by), NOTHING
            self._opens[descriptor] = opened_by

    def arm(
        self, descriptor: int, key: int, out: int, key_out: int, shifts: tuple[int, int]
    ) -> None:
        """Packets that show this key are ordinary from now on."""
        self.words[descriptor, KEY : SHIFTS + 1] = (key, out, key_out, shifts_of(*shifts))

    def disarm(self, descriptor: int) -> None:
        """No packet is ordinary."""
        if descriptor >= 0:
            self.words[descriptor, KEY] = NEVER

    def close(self, descriptor: int) -> None:
        """It is nobody's, and nobody's packets go on to it."""
        self._blank(descriptor)
        used = self.words[: self._used]
        outs = used[:, OUT]
        leads_to = (outs == descriptor) | (outs == SEALED - descriptor)
        if leads_to.any():
            used[leads_to, KEY] = NEVER
            used[leads_to, OUT] = NOBODY

    def dump(self) -> dict[str, int]:
        return {"sessions": len(self._opens) + len(self._seals)}

    def _blank(self, descriptor: int) -> None:
        self.words[descriptor] = BLANK
        self._opens.pop(descriptor, None)
        self._seals.pop(descriptor, None)
