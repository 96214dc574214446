"""The car park: which slots are taken, by whom, and who comes to fetch the one who waits there.

    lot.meant_by("701"), lot.meant_by("*7"), lot.meant_by("*7701")     is parking meant by that?
    space = lot.reserve(slot, by)                                      or `NoSpace`
    raise LedOn(space.slot, space)                                     and `park.py` does the rest

Everything that may hand somebody over (a REFER, codes pressed in a talk, the switch itself) asks
`meant_by` of the word it was given. Bounded by the slots. A reload with other slots leaves who is
parked where he is. Knows no sound and no story: those stand in `park.py`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from softswitch.calls.ringing import Claim
from softswitch.office.codes import Act
from softswitch.office.directory import is_slot
from softswitch.office.models import Office
from softswitch.office.parking import Parking

NOT_FOUND, TAKEN = 404, 486
ANY = ""


class NoSpace(Exception):
    """Nobody can be parked there; `status` and `reason` are for the phone that asked."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    @property
    def header(self) -> str:
        """As a Reason header's value (RFC 3326)."""
        return f'SIP;cause={self.status};text="{self.reason}"'


@dataclass(frozen=True, slots=True)
class Terms:
    """As they were when the slot was given away."""

    return_after: float
    music: str


class Space:
    """One slot that was given to somebody, empty until his caller arrives."""

    def __init__(self, lot: "ParkingLot", slot: str, by: str, terms: Terms) -> None:
        self.slot, self.by, self.terms = slot, by, terms
        self.call: str | None = None  # of the one who is parked here
        self._lot = lot
        self._claim: Claim | None = None
        self._news = asyncio.Event()

    @property
    def is_taken(self) -> bool:
        return self.call is not None

    def arrive(self, call: str) -> None:
        """The caller is here; the lamp is lit."""
        self.call = call
        self._lot.on_change(self.slot, True)

    def leave(self) -> None:
        """The slot is free again, whether anybody was there or not; more than once is harmless."""
        if self._claim is not None:
            self._claim.lose()
        self._lot.free(self)

    def take(self, claim: Claim) -> bool:
        """Fetch the one who waits. False: nobody does any more, or he is being fetched."""
        if not self.is_taken or (self._claim is not None and self._claim.is_open):
            return False
        self._claim = claim
        self._news.set()
        return True

    async def somebody_comes(self, seconds: float) -> None:
        """Wait for it, at most so long. Whether he is still there is seen by `fetched`."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    def fetched(self) -> Claim | None:
        """Who has come, to be settled at once; None when he has hung up meanwhile."""
        self._news.clear()
        claim, self._claim = self._claim, None
        if claim is not None and not claim.is_open:
            claim.lose()
            return None
        return claim


class ParkingLot:
    """All slots. `on_change`: a slot is taken (True) or free again."""

    def __init__(self, office: Callable[[], Office]) -> None:
        self.on_change: Callable[[str, bool], None] = lambda _slot, _is_taken: None
        self._office = office
        self._spaces: dict[str, Space] = {}

    def is_slot(self, word: str) -> bool:
        """A slot of the office, or one that was and where somebody is still parked."""
        return word in self._spaces or is_slot(self._office(), word)

    def meant_by(self, word: str) -> str | None:
        """The slot that a dialled word parks at, `ANY` for the first free one; None: no slot."""
        if is_slot(self._office(), word):
            return word
        asked = self._office().codes.understand(word) if word[:1] == "*" else None
        if asked is None or asked.name != "park" or asked.act is not Act.ON:
            return None
        return asked.arguments[0] if asked.arguments else ANY

    def reserve(self, slot: str, by: str) -> Space:
        """Keep a slot (`ANY`: the first free one) for a caller of `by`. Raises `NoSpace`.

        Who was told a number by the park code and sends his caller after gets that very slot.
        """
        office = self._office()
        terms = office.parking
        if terms is None or (slot != ANY and not is_slot(office, slot)):
            raise NoSpace(NOT_FOUND, f"There is no slot {slot}".rstrip())
        kept = self._kept_by(by)
        if kept is not None and slot in (ANY, kept.slot):
            return self._handed_on(kept)
        if slot in self._spaces:
            raise NoSpace(TAKEN, f"Slot {slot} is taken")
        slot = slot or self._first_free(office, terms)
        space = Space(self, slot, by, Terms(terms.return_after, terms.music))
        self._spaces[slot] = space
        return space

    def taken(self, slot: str) -> Space | None:
        """The space in which somebody is parked."""
        space = self._spaces.get(slot)
        return space if space is not None and space.is_taken else None

    def free(self, space: Space) -> None:
        if self._spaces.get(space.slot) is space:
            del self._spaces[space.slot]
            if space.is_taken:
                self.on_change(space.slot, False)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when nobody is parked."""
        return {"parked": len(self._spaces)}

    def _first_free(self, office: Office, terms: Parking) -> str:
        free = (slot for slot in terms.slots if slot not in self._spaces and is_slot(office, slot))
        slot = next(free, None)
        if slot is None:
            raise NoSpace(TAKEN, "All slots are taken")
        return slot

    def _kept_by(self, by: str) -> Space | None:
        mine = (one for one in self._spaces.values() if one.by == by and not one.is_taken)
        return next(mine, None)

    def _handed_on(self, kept: Space) -> Space:
        """The same slot as a new space: who kept it has nothing to free any more."""
        space = Space(self, kept.slot, kept.by, kept.terms)
        self._spaces[kept.slot] = space
        return space
