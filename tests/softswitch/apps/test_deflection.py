"""A phone that answers 3xx: its own forward, obeyed where one of the switch's would be."""

import pytest

from softswitch.store.fold import Result
from tests.helpers.hand_phone import HOST, Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.live.sip_text import Message


def deflects(phone: Phone, *contacts: str, status: int = 302) -> None:
    """It answers each call so at once, as a phone whose user has set a forward on it."""

    def write_contacts(message: Message) -> int:
        if not message.is_request and message.status == status:
            message.headers = [pair for pair in message.headers if pair[0] != "Contact"]
            message.headers += [("Contact", contact) for contact in contacts]
        return 1

    def rings(call: Call) -> None:
        call.answer(status, b"")

    phone.fate, phone.rings = write_contacts, rings


@pytest.mark.parametrize(
    "contacts",
    [
        (f"<sip:103@{HOST}>",),
        (f"<sip:103@{HOST};user=phone>;q=1.0", f"<sip:104@{HOST}>;q=0.5"),
        ("<tel:103>",),
    ],
)
@pytest.mark.parametrize("status", [301, 302])
async def test_the_call_goes_where_the_phone_says(
    line: Line, office: OfficeInProcess, contacts: tuple[str, ...], status: int
) -> None:
    anna, piotr, jan = [await line.phone(one) for one in ("101", "102", "103")]
    deflects(piotr, *contacts, status=status)
    out = await anna.dial("102")
    inward = await jan.rung()
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()
    row = await office.row()
    assert (row.result, row.forwarded) == (Result.TALKED, "102 > 103")


@pytest.mark.parametrize(
    "contacts",
    [
        (),
        ("<sip:>",),
        (f"<sip:{HOST}>",),
        ("<mailto:jan@kancelaria.example>",),
        (f"<sip:nobody@{HOST}>",),
        (f"<sip:0700100200@{HOST}>",),  # premium
        (f"<sip:0044123456789@{HOST}>",),  # abroad
        (f"<sip:*21*600100200@{HOST}>",),  # a star code would be an order
    ],
)
async def test_what_leads_nowhere_is_as_if_no_phone_were_there(
    line: Line, office: OfficeInProcess, contacts: tuple[str, ...]
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    deflects(piotr, *contacts)
    out = await anna.dial("102")
    await out.status(480)
    await office.row()


async def test_two_phones_that_point_at_each_other(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    deflects(piotr, f"<sip:104@{HOST}>")
    deflects(ewa, f"<sip:102@{HOST}>")
    out = await anna.dial("102")
    await out.status(480)
    await office.row()


async def test_the_other_device_may_still_answer(line: Line, office: OfficeInProcess) -> None:
    """One device forwards, another one rings: as long as it does, nobody else is bothered."""
    anna, desk, mobile, jan = [await line.phone(one) for one in ("101", "102", "102", "103")]
    deflects(desk, f"<sip:103@{HOST}>")
    out = await anna.dial("102")
    inward = await mobile.rung()
    inward.ring()
    await out.status(180)
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()
    await office.row()
    assert not jan.got("INVITE")
