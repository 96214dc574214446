"""The clock of a session: refreshed at half its time, hung up when nobody refreshes it (RFC 4028).

Nothing runs until both sides agreed on it (`sip/session_timer.py`). A refresh of ours is sent by
`offering.py`. A phone that refuses it, but answers, is there: then the session goes on for another
interval as far as we are concerned, since a caller must not be cut off for his phone's manners.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.calls.part import Part
from softswitch.sip.message import Response
from softswitch.sip.session_timer import Agreed, Lines, agreed_by, asking_again

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg

NOT_REFRESHED = 'SIP;cause=408;text="Session timer expired"'


class SessionTimer(Part["Leg"]):
    """The timer of one leg."""

    __slots__ = ("_agreed", "_alarm", "_least")

    def __init__(self, leg: "Leg") -> None:
        super().__init__(leg)
        self._agreed: Agreed | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._least: Lines = ()

    @property
    def lines(self) -> Lines:
        """Of every UPDATE and re-INVITE of ours, or the far side would take the timer for off."""
        if self._agreed is None:
            return ()
        return (*self._agreed.lines, *self._least)

    def agree(self, agreed: Agreed | None) -> None:
        """A 2xx of either side set the clock anew; None: it says that there is none."""
        self._agreed = agreed
        self._stop()
        if agreed is None or not self._leg.is_up:
            return
        if agreed.is_ours:
            self._wait(agreed.refresh_after, self._refresh)
        else:
            self._wait(agreed.over_after, self._over)

    def refreshed(self, response: Response) -> None:
        """The 2xx to an UPDATE or re-INVITE of ours."""
        self.agree(agreed_by(response))

    def not_refreshed(self) -> None:
        """Refused, but answered: the far side is there."""
        self.agree(self._agreed)

    def lengthen(self, refused: Response) -> bool:
        """After a 422 to a request of ours; whether it is worth another try."""
        agreed = self._agreed
        again = None if agreed is None else asking_again(refused, agreed.interval)
        if agreed is None or again is None:
            return False
        self._agreed = Agreed(again[0], agreed.is_ours)
        self._least = tuple(line for line in again[1] if line[0] == "Min-SE")
        return True

    def close(self) -> None:
        """The leg is over."""
        self._stop()

    def _refresh(self) -> None:
        agreed = self._agreed
        if agreed is not None:
            self._wait(agreed.over_after - agreed.refresh_after, self._over)
            self._leg.offering.refresh()

    def _over(self) -> None:
        self._leg.hang_up(NOT_REFRESHED)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._alarm = asyncio.get_running_loop().call_later(seconds, then)

    def _stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
