"""Whom a phone shows as its partner: P-Asserted-Identity inside the call (RFC 4916 in spirit)."""

from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.early_phone import accept, respond
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

ALLOW = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE")
PAI = "P-Asserted-Identity"


def show(office: OfficeInProcess, user: str, number: str | None, name: str | None) -> None:
    """Tell the phone of `user` whom it talks with, as a transfer does."""

    def tell(server: Server) -> None:
        legs = server.desk.exchange.dispatcher._dialogs.values()
        at_once = [leg for leg in legs if leg.dialog and user in str(leg.dialog.remote.uri)]
        at_once[0].show(number, name)

    office.ask(tell)


async def talking(line: Line, *lines: tuple[str, str]) -> tuple[Call, Call]:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, *lines)
    inward = await piotr.rung()
    accept(inward, None, *lines)
    await piotr.expect("ACK")
    await out.answered()
    return out, inward


async def test_both_sides_are_told(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line, ALLOW)
    for call, user in ((out, "101"), (inward, "102")):
        show(office, user, "600100200", "Jan Kowalski")
        update = await call.phone.expect("UPDATE")
        assert not update.body
        assert update.get(PAI).startswith('"Jan Kowalski" <sip:600100200@')
        respond(call.phone, update, 200)
        show(office, user, "600100200", "Jan Kowalski")  # known already
        show(office, user, None, None)
        update = await call.phone.expect("UPDATE")
        assert "anonymous.invalid" in update.get(PAI)
        respond(call.phone, update, 200)
    out.bye()
    await inward.over()
    assert not out.phone.got("UPDATE") and not inward.phone.got("UPDATE")
    assert (await office.row()).result is Result.TALKED


async def test_many_changes_are_one_update(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line, ALLOW)
    show(office, "101", "1", None)
    first = await out.phone.expect("UPDATE")
    for number in ("2", "3", "4"):
        show(office, "101", number, None)
    respond(out.phone, first, 200)
    last = await out.phone.expect("UPDATE")
    assert "sip:4@" in last.get(PAI)
    respond(out.phone, last, 200)
    out.bye()
    await inward.over()
    assert not out.phone.got("UPDATE")


async def test_a_phone_without_update_is_left_alone(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    show(office, "101", "600100200", None)
    show(office, "102", "600100200", None)
    out.bye()
    await inward.over()
    for phone in (out.phone, inward.phone):
        assert not phone.got("UPDATE") and not phone.got("INVITE")


async def test_a_refusal_changes_nothing(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line, ALLOW)
    for status in (405, 488, 500):
        show(office, "102", str(status), None)
        if status == 405:
            respond(inward.phone, await inward.phone.expect("UPDATE"), status)
    out.bye()
    await inward.over()
    assert not inward.phone.got("UPDATE"), "it was told once that UPDATE is not for it"
    assert (await office.row()).result is Result.TALKED


async def test_a_provider_is_never_told(line: Line, office: OfficeInProcess) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    out = await provider.dial("+48221234570", None, ALLOW)
    inward = await piotr.rung()
    show(office, "48600100200", "102", "Piotr") if office.ask(_has_dialog) else None
    accept(inward, None, ALLOW)
    final = await out.status(200)
    out.ack()
    assert not final.get(PAI)
    show(office, "48600100200", "102", "Piotr")
    out.bye()
    await inward.over()
    assert not provider.got("UPDATE")


def _has_dialog(server: Server) -> bool:
    return bool(server.desk.exchange.dispatcher._dialogs)


async def test_before_the_answer_it_stands_in_the_200(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    await out.status(180)
    show(office, "101", "102", "Piotr")
    inward.answer()
    final = await out.status(200)
    assert final.get(PAI).startswith('"Piotr" <sip:102@')
    out.ack()
    out.bye()
    await inward.over()


async def test_after_the_end_it_is_harmless(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line, ALLOW)
    legs = office.ask(lambda s: list(s.desk.exchange.dispatcher._dialogs.values()))
    out.bye()
    await inward.over()
    await office.calm()

    def tell(_: Server) -> None:
        for leg in legs:
            leg.show("1", "Nobody")

    office.ask(tell)
    assert not out.phone.got("UPDATE") and not inward.phone.got("UPDATE")
