"""Transfers to somebody whose only device is a private mobile: who waits is shown the office alone.

Every octet of SIP that goes to him, and to whoever transferred him, is searched.
"""

import pytest

from softswitch.office.codes import Setting
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAIN, SHORT, OfficeInProcess
from tests.live.sip_text import Message
from tests.softswitch.apps.test_forwarding import nothing_is_set, press, put
from tests.softswitch.apps.test_transfer import refer
from tests.softswitch.calls.test_talk import connected

__all__ = ["nothing_is_set"]
MOBILE, CLIENT = "+48600555666", "+48601202303"


async def accepts(line: Line, rung: Call) -> None:
    """The owner hears the question and presses the key."""
    heard = rung.phone.rtp
    rung.answer()
    await rung.phone.expect("ACK", call=rung)
    await line.office.until(lambda: rung.phone.rtp > heard + 5, "the question is put")
    await press(rung, "1")


def octets(call: Call, seen: list[tuple[str, bytes]]) -> bytes:
    """All that came in for this call."""
    name = call.invite.get("Call-ID")
    return b"".join(text for call_id, text in seen if call_id == name)


@pytest.mark.parametrize("is_colleague", [True, False], ids=["a colleague", "a client"])
async def test_who_waits_learns_nothing_of_it(
    line: Line, office: OfficeInProcess, is_colleague: bool
) -> None:
    provider, jan = await line.provider(), await line.phone("102")
    caller = await line.phone("101") if is_colleague else provider
    seen: list[tuple[str, bytes]] = []

    def watched(message: Message) -> int:
        seen.append((message.get("Call-ID"), message.to_bytes()))
        return 1

    for phone in (caller, jan, provider):
        phone.fate = watched
    put(office, "103", Setting.FORWARD_UNREACHABLE, MOBILE)
    if is_colleague:
        out, inward = await connected(caller, jan)
    else:
        number = ("From", f"<sip:{CLIENT}@127.0.0.1>;tag=client")
        out = await provider.dial(SHORT, None, number)
        inward = await jan.rung()
        inward.answer()
        await out.answered()
    assert (await refer(inward, "103")).status == 202
    mobile = await provider.rung()
    own = MAIN if is_colleague else SHORT  # the one that the client has called
    assert own in mobile.invite.get("From"), "a number of the office"
    mobile.ring()
    await accepts(line, mobile)
    await inward.over()
    mobile.bye()
    await out.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "103")
    for call in (out, inward):
        assert octets(call, seen)
        assert MOBILE[3:].encode() not in octets(call, seen)
