"""What the world is shown: our numbers and no others, hidden when asked; forwards."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from media import api
from softswitch.apps.desk import FrontDesk
from softswitch.office.codes import Setting
from softswitch.office.contacts import Contact
from softswitch.trace.message import unpack
from softswitch.trace.recorder import Recorder
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_media import VirtualMedia
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_deflection import deflects

MAIN, MARTAS, CALLED = "+48221234567", "+48221234569", "+48221234570"
CLIENT, MOBILE = "+48600100200", "600555777"
FOREIGN = "+48229999999"


def house_with(
    trunk: str = "", person: str = "", number: str = MAIN, more: str = ""
) -> Iterator[VirtualOffice]:
    """The trunk's entry and Marta's (121) say more than usual."""
    usual = 'operator: {server: "TRUNK", watch: none,'.replace("TRUNK", "127.0.0.1:5090")
    make = partial(VirtualOffice, old=usual, new=usual + trunk)
    with virtual_office(more, make) as office:
        config = office.server.desk.office.office
        marta = config.people["121"].model_copy(update={"number": person or None})
        people = {**config.people, "121": marta}
        info = config.office.model_copy(update={"number": number})
        changed = config.model_copy(update={"people": people, "office": info})
        office.server.desk.office = replace(office.server.desk.office, office=changed)
        yield office
        office.check_calm()


@pytest.fixture
def house() -> Iterator[VirtualOffice]:
    yield from house_with(person=MARTAS)


async def dialled(house: VirtualOffice, who: str, digits: str) -> Call:
    """What the provider sees of a dialled call, which is then over."""
    phone, provider = await house.phone(who), await house.provider()
    out = await phone.dial(digits)
    rung = await provider.rung()
    rung.answer(486)
    await out.status(486)
    return rung


def asserted(call: Call) -> str:
    return call.invite.get("P-Asserted-Identity")


@pytest.mark.parametrize(("who", "shown"), [("101", MAIN), ("121", MARTAS)])
def test_the_offices_number_or_the_persons(house: VirtualOffice, who: str, shown: str) -> None:
    rung = house.do(dialled(house, who, "600100300"))
    assert shown in rung.invite.get("From") and shown in asserted(rung)
    said = rung.invite.get("From").partition(";tag=")[0]  # a tag is random, and may have any digits
    assert who not in said and "Anna" not in said


@pytest.mark.parametrize(
    ("is_set", "digits", "is_hidden"),
    [
        (False, "#31#600100300", True),
        (True, "600100300", True),
        (True, "*31#600100300", False),
        (False, "*31#600100300", False),
    ],
)
def test_a_hidden_number(house: VirtualOffice, is_set: bool, digits: str, is_hidden: bool) -> None:
    """From is anonymous; the provider, who must know, is told by P-Asserted-Identity."""
    house.server.desk.standing.set("101", Setting.HIDE_NUMBER, is_set)
    rung = house.do(dialled(house, "101", digits))
    assert ("anonymous" in rung.invite.get("From")) is is_hidden
    assert (MAIN not in rung.invite.get("From")) is is_hidden
    assert rung.invite.all("Privacy") == (["id"] if is_hidden else [])
    assert MAIN in asserted(rung)
    assert house.row().called == "600100300"


def test_separators_that_a_phone_leaves_in_a_number_are_none_of_it(house: VirtualOffice) -> None:
    """RFC 3966 5.1.1: visual separators are not looked at."""
    rung = house.do(dialled(house, "101", "0600-100.300"))
    assert "600100300" in rung.invite.get("To")
    assert house.row().called == "0600100300"


def test_it_is_set_by_a_code_and_asked(house: VirtualOffice) -> None:
    async def story() -> None:
        anna = await house.phone("101")
        for code, is_on in (("*31", True), ("*#31#", True), ("#31#", False)):
            out = await anna.dial(code)
            await out.answered()
            await out.over()
            hides = house.server.desk.standing.active("101", Setting.HIDE_NUMBER)
            assert (hides is not None) is is_on

    house.do(story())


def test_colleagues_see_who_calls_whatever_is_hidden_outside(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        house.server.desk.standing.set("101", Setting.HIDE_NUMBER, True)
        out = await anna.dial("102")
        rung = await piotr.rung()
        assert "101" in rung.invite.get("From")
        rung.answer(486)
        await out.status(486)

    house.do(story())


@pytest.mark.parametrize("wrong", [FOREIGN])
def test_a_foreign_number_is_never_shown(wrong: str) -> None:
    """The file names a number that no trunk of the office has."""
    for house in house_with(number=wrong, person=wrong):
        rung = house.do(dialled(house, "121", "600100300"))
        text = rung.invite.to_bytes().decode()
        assert wrong not in text and MAIN in text


async def forwarded(house: VirtualOffice) -> Call:
    """A client calls; the call goes to Piotr's mobile, as he has set it."""
    provider = await house.provider()
    desk = house.server.desk
    desk.standing.set("102", Setting.FORWARD_ALL, True, target="+48" + MOBILE)
    client = await provider.dial(CALLED)
    rung = await provider.rung()
    rung.answer(486)
    desk.standing.set("102", Setting.FORWARD_ALL, False)
    await asyncio.sleep(3.0)
    await client.answered()  # the mailbox
    client.bye()
    await asyncio.sleep(1.0)
    return rung


def test_a_forward_shows_the_number_that_the_client_called(house: VirtualOffice) -> None:
    rung = house.do(forwarded(house))
    text = rung.invite.to_bytes().decode()
    assert CALLED in rung.invite.get("From") and CALLED in asserted(rung)
    assert CLIENT not in text and "Diversion" not in text and "History-Info" not in text


def test_diversion() -> None:
    for house in house_with(trunk=" forwards: diversion,"):
        rung = house.do(forwarded(house))
        diversion = rung.invite.get("Diversion")
        assert diversion.startswith(f"<sip:{CALLED}@") and "reason=unconditional" in diversion
        assert CLIENT not in rung.invite.to_bytes().decode()


def test_history_info_and_the_clients_number_where_it_is_permitted() -> None:
    trunk = " forwards: history-info, forward_shows: caller, format: plus,"
    for house in house_with(trunk=trunk):
        rung = house.do(forwarded(house))
        first, second = rung.invite.get("History-Info").split(", ")
        assert first.startswith(f"<sip:{CALLED}@") and first.endswith(">;index=1")
        assert f"+48{MOBILE}@" in second and ";cause=302>;index=1.1;mp=1" in second
        assert CLIENT in rung.invite.get("From") and CALLED in asserted(rung)


def test_a_private_number_stands_nowhere_but_in_the_call_to_it(house: VirtualOffice) -> None:
    """Bytes to the client and to phones, lamps, the story, the history: only the trunk's INVITE."""
    seen: list[bytes] = []

    def look(phone: Phone) -> None:
        before = phone.fate
        phone.fate = lambda message: (seen.append(message.to_bytes()), before(message))[1]  # type: ignore[func-returns-value]

    async def story() -> None:
        anna, zofia, provider = (
            await house.phone("101"),
            await house.phone("124"),
            await house.provider(),
        )
        for phone in (anna, zofia):
            look(phone)
        out = await anna.dial("811")  # desk and mobile
        desk, mobile = await zofia.rung(), await provider.rung()
        assert MOBILE in mobile.invite.start
        desk.answer(486)
        mobile.answer(486)
        await out.answered()
        out.bye()
        await asyncio.sleep(1.0)
        house.server.desk.standing.set("124", Setting.FORWARD_BUSY, True, target="+48" + MOBILE)
        out = await anna.dial("124")
        (await zofia.rung()).answer(486)
        mobile = await provider.rung()
        mobile.answer(486)
        await out.status(486)
        await asyncio.sleep(1.0)
        house.server.desk.standing.set("124", Setting.FORWARD_BUSY, False)

    house.do(story())
    assert seen and not any(MOBILE.encode() in one for one in seen)
    shared = [(e.kind, e.data) for e in house.events] + [house.row(call) for call in house.calls()]
    assert MOBILE not in repr(shared)
    assert "124 mobile" in repr(shared)


def traced(house: VirtualOffice) -> Recorder:
    """What it keeps of all messages from now on."""
    recorder = Recorder(house.loop.time)
    house.server.endpoint.witness = house.server.desk.exchange.trace = recorder
    return recorder


def kept(recorder: Recorder) -> str:
    """As text."""
    while recorder.sort(1000):
        pass
    rows = [unpack(row.data) for row in recorder.rows(1000)]
    return "".join(one.text.decode() for row in rows for one in row.messages)


@pytest.mark.parametrize("how", ["code", "deflection"])
def test_a_number_that_somebody_forwards_to_is_private_too(house: VirtualOffice, how: str) -> None:
    """Dialled behind a star code, or said by the phone itself; written in any form."""
    other = "600555888"
    recorder = traced(house)

    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        provider = await house.provider()
        if how == "code":
            set_ = await piotr.dial(f"*21*0048{other}*2359")
            await set_.answered()
            await set_.over()
        else:
            deflects(piotr, f"<sip:0048{other}@127.0.0.1>")
        out = await anna.dial("102")
        if how == "deflection":
            await piotr.expect("ACK")
        mobile = await provider.rung()
        assert other in mobile.invite.start
        mobile.answer(486)
        await out.status(486)
        house.server.desk.standing.set("102", Setting.FORWARD_ALL, False)

    house.do(story())
    messages = kept(recorder)
    assert "INVITE sip:102-outside@" in messages
    shared = [(e.kind, e.data) for e in house.events] + [house.row(call) for call in house.calls()]
    assert other not in repr(shared) + messages
    assert ("*21*102 outside*2359" in repr(shared)) is (how == "code")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the prompts of each play."""
    names: list[list[str]] = []
    before = VirtualMedia.send

    def send(media: VirtualMedia, command: api.Command) -> None:
        if isinstance(command, api.Play):
            names.append([str(one).rpartition("/")[2].split(".")[0] for one in command.items])
        before(media, command)

    monkeypatch.setattr(VirtualMedia, "send", send)
    return names


async def answers_his_mobile(house: VirtualOffice, *hides: tuple[str, str]) -> None:
    """A client calls 102, who forwards to his mobile; somebody answers, and presses nothing."""
    provider = await house.provider()
    standing = house.server.desk.standing
    standing.set("102", Setting.FORWARD_ALL, True, target="+48" + MOBILE)
    client = await provider.dial(CALLED, None, *hides)
    rung = await provider.rung()
    rung.answer()
    await provider.expect("ACK")
    await asyncio.sleep(12.0)
    standing.set("102", Setting.FORWARD_ALL, False)
    client.cancel()
    await asyncio.sleep(5.0)


def asked(played: list[list[str]]) -> list[list[str]]:
    return [one for one in played if one[0] == "press_one_to_accept"]


DIGITS = ["caller_is", *(f"number_{digit}" for digit in CLIENT.removeprefix("+48"))]
KNOWN = Contact(CLIENT, "Jan Nowak", caretaker="104")


def test_whoever_answers_the_mobile_is_told_who_calls(
    house: VirtualOffice, played: list[list[str]]
) -> None:
    """His display has the office's number alone; the words come with the question, once."""
    house.do(answers_his_mobile(house))
    first, *rest = asked(played)
    assert first == ["press_one_to_accept", *DIGITS]
    assert all(one == ["press_one_to_accept"] for one in rest) and rest


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ((), ["client_of", "number_1", "number_0", "number_4", *DIGITS]),
        (("name_104",), ["client_of", "name_104", *DIGITS]),
        (
            ("name_104", "name_48600100200"),
            ["name_48600100200", "client_of", "name_104", *DIGITS],
        ),
    ],
)
def test_he_is_told_whose_client_it_is(
    house: VirtualOffice,
    played: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    recorded: tuple[str, ...],
    said: list[str],
) -> None:
    """By names that the office has recorded, else by the extension."""

    async def find(*_: object) -> Contact:
        return KNOWN

    desk = house.server.desk
    desk.clients.find = find  # type: ignore[method-assign]
    monkeypatch.setattr(FrontDesk, "has_prompt", lambda _desk, name, _language: name in recorded)
    monkeypatch.setattr(FrontDesk, "prompt_files", lambda _desk, names, _language: list(names))
    house.do(answers_his_mobile(house))
    assert asked(played)[0] == ["press_one_to_accept", *said]


def test_of_one_who_hides_nothing_is_told(
    house: VirtualOffice, played: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even that he is somebody's client, should the office know him by other means."""

    async def find(*_: object) -> Contact:
        return KNOWN

    house.server.desk.clients.find = find  # type: ignore[method-assign]
    house.do(answers_his_mobile(house, ("Privacy", "id")))
    assert asked(played)[0] == ["press_one_to_accept", "caller_hidden"]


@pytest.mark.parametrize(
    ("number", "rings", "display"),
    [("320", "101", "Kadry: Marta"), ("301", "123", "Recepcja: Marta")],
)
def test_the_display_says_for_which_group_or_queue_it_rings(
    number: str, rings: str, display: str
) -> None:
    """A client's name stands there too, if the office knows it; without one the group's alone."""
    for house in house_with():
        office = house.server.desk.office.office
        groups = {"payroll": office.groups["payroll"].model_copy(update={"name": "Kadry"})}
        queues = {"single": office.queues["single"].model_copy(update={"name": "Recepcja"})}
        named = {"groups": {**office.groups, **groups}, "queues": {**office.queues, **queues}}
        changed = office.model_copy(update=named)
        house.server.desk.office = replace(house.server.desk.office, office=changed)

        async def story(house: VirtualOffice = house) -> None:
            colleague, marta = await house.phone(rings), await house.phone("121")
            out = await marta.dial(number)
            rung = await colleague.rung()
            assert display in rung.invite.get("From")
            if number == "301":
                await out.answered()
                out.bye()
            else:
                out.cancel()
            await rung.over()

        house.do(story())


async def desk_and_mobile(house: VirtualOffice, rings: bool) -> None:
    anna, provider = await house.phone("101"), await house.provider()
    out = await anna.dial("811")
    await asyncio.sleep(1.0)
    assert provider.got("INVITE") is rings
    if rings:
        (await provider.rung()).answer(486)
    await out.answered()
    out.bye()
    await asyncio.sleep(1.0)


@pytest.mark.parametrize(("hours", "rings"), [("24/7", True), ("24/7 off", False)])
def test_a_mobile_has_hours(hours: str, rings: bool) -> None:
    for house in house_with():
        office = house.server.desk.office.office
        zofia = office.people["124"].model_copy(update={"mobile_hours": hours})
        changed = office.model_copy(update={"people": {**office.people, "124": zofia}})
        house.server.desk.office = replace(house.server.desk.office, office=changed)
        house.do(desk_and_mobile(house, rings))
