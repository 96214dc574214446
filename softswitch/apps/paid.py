"""A number outside is rung at somebody's charge: for dialled calls and transfers."""

from typing import TYPE_CHECKING

from softswitch.apps.desk import FrontDesk
from softswitch.apps.outside import ring_outside
from softswitch.apps.outward import Outward
from softswitch.apps.spending.meter import Charge
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.party import Party
from softswitch.office.numbers import Dialled

if TYPE_CHECKING:
    from softswitch.apps.ring import Ringer


async def ring_paid(
    desk: FrontDesk,
    call: Call,
    ringer: "Ringer",
    meant: Dialled,
    charge: Charge,
    seconds: float,
    party: Party,
) -> DialResult:
    """Ring outside for `party`; the charge is given back, or runs until the leg ends."""
    try:
        result = await ring_outside(
            desk, call, ringer, Outward(meant.value, charge.who), seconds, party
        )
        if result.leg is not None:
            desk.spending.answered(charge, result.leg, call)
    finally:
        if charge.answered is None:
            desk.spending.end(charge, call)
    return result
