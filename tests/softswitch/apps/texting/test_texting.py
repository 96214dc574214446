"""MESSAGE between phones (RFC 3428): told at once, kept while the phone is away, never twice."""

import asyncio

import pytest

from softswitch.apps.texting import waiting as limits
from tests.helpers.office_fixtures import Line
from tests.live.sip_text import Message
from tests.softswitch.apps.texting.conftest import (
    answer,
    nothing_comes,
    read,
    waiting,
    write,
    writing,
)


async def test_at_once_with_name_and_number(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    sending = asyncio.create_task(write(anna, "102", "Proszę o akta 🗂"))
    message = await piotr.expect("MESSAGE")
    assert message.body.decode() == "Proszę o akta 🗂"
    assert message.get("Content-Type") == "text/plain"
    assert message.get("From").startswith('"Anna" <sip:101@') or message.get("From").startswith(
        "Anna <sip:101@"
    )
    assert "<sip:102@" in message.get("To")
    assert message.get("Date").endswith("GMT")
    assert not message.get("Contact"), "RFC 3428 4: a MESSAGE has none"
    assert message.start == f"MESSAGE {piotr.contact[1:-1]} SIP/2.0"
    answer(piotr, message)
    assert await sending == 200
    assert waiting(line) == 0
    assert not line.office.calls(), "a text is no call"


async def test_kept_in_order_and_brought_once(line: Line) -> None:
    anna = await line.phone("101")
    assert [await write(anna, "102", text) for text in ("raz", "dwa", "trzy")] == [202] * 3
    assert waiting(line) == 3
    piotr = await line.phone("102")
    assert [await read(piotr) for _ in range(3)] == ["raz", "dwa", "trzy"]
    await line.office.until(lambda: waiting(line) == 0, "they are gone")
    await piotr.register()
    await nothing_comes(piotr)
    sending = asyncio.create_task(write(anna, "102", "cztery"))
    assert await read(piotr) == "cztery"
    assert await sending == 200


async def test_a_phone_that_leaves_between_two_texts(line: Line) -> None:
    anna = await line.phone("101")
    for text in ("raz", "dwa", "trzy"):
        assert await write(anna, "102", text) == 202
    piotr = await line.phone("102")
    assert await read(piotr) == "raz"
    assert await read(piotr, 480) == "dwa"
    await nothing_comes(piotr)
    await piotr.register()
    assert [await read(piotr) for _ in range(2)] == ["dwa", "trzy"]
    await line.office.until(lambda: waiting(line) == 0, "they are gone")


async def test_who_answers_late_is_not_told_twice(line: Line) -> None:
    """The sender cannot wait for ever; what arrives after his 202 is taken back."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    sending = asyncio.create_task(write(anna, "102", "powoli"))
    message = await piotr.expect("MESSAGE")
    assert await sending == 202
    assert waiting(line) == 1
    await piotr.register()  # the first try is still on its way: no second one beside it
    await nothing_comes(piotr, but=message)
    answer(piotr, message)
    await line.office.until(lambda: waiting(line) == 0, "it is taken back")
    await piotr.register()
    await nothing_comes(piotr)


async def test_a_silent_phone_gets_it_when_it_registers_again(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    piotr.fate = lambda message: 0 if message.method == "MESSAGE" else 1
    assert await write(anna, "102", "halo") == 202
    piotr.fate = lambda _: 1
    await line.office.until(
        lambda: not any(line.office.ask(lambda server: server.texting.dump()).values()),
        "the first try is over",
    )
    piotr.inbox.clear()
    await piotr.register()
    assert await read(piotr) == "halo"
    await line.office.until(lambda: waiting(line) == 0, "it is there")


@pytest.mark.parametrize(
    ("phone", "sender"), [(405, 415), (415, 415), (488, 415), (413, 413), (603, 603), (202, 200)]
)
async def test_what_the_phone_says_the_sender_hears(line: Line, phone: int, sender: int) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    sending = asyncio.create_task(write(anna, "102"))
    await read(piotr, phone)
    assert await sending == sender
    assert waiting(line) == 0


async def test_one_of_two_phones_is_enough(line: Line) -> None:
    anna, desk, mobile = [await line.phone(one) for one in ("101", "102", "102")]
    sending = asyncio.create_task(write(anna, "102"))
    await read(desk, 415)
    await asyncio.sleep(0.1)
    assert not sending.done(), "the other one may take it"
    await read(mobile)
    assert await sending == 200


async def test_a_text_that_one_phone_cannot_read_waits_for_another(line: Line) -> None:
    """And it holds up none of those behind it, and does not come again and again."""
    anna = await line.phone("101")
    assert await write(anna, "102", b"\x89PNG", ("Content-Type", "image/png")) == 202
    assert await write(anna, "102", "tekst") == 202
    old = await line.phone("102")
    message = await old.expect("MESSAGE")
    assert message.get("Content-Type") == "image/png"
    old.answer(message, 415)
    assert await read(old) == "tekst"
    await old.register()
    await nothing_comes(old)
    assert waiting(line) == 1
    new = await line.phone("102")
    message = await new.expect("MESSAGE")
    assert message.body == b"\x89PNG"
    new.answer(message, 200)
    await line.office.until(lambda: waiting(line) == 0, "it is there")
    await nothing_comes(old)


async def test_lost_packets_neither_lose_nor_double_it(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    seen: set[tuple[str, str]] = set()

    def first_is_lost(message: Message) -> int:
        what = (message.start, message.branch)
        is_new = what not in seen
        seen.add(what)
        return 0 if is_new else 2

    anna.fate = piotr.fate = first_is_lost
    sending = asyncio.create_task(write(anna, "102", "raz"))
    assert await read(piotr) == "raz"
    assert await sending in (200, 202)
    anna.fate = piotr.fate = lambda _: 1
    await nothing_comes(piotr, 1.0)
    await line.office.until(lambda: waiting(line) == 0, "it does not wait any more")


async def test_asked_again_by_another_branch(line: Line) -> None:
    """A sender that heard nothing asks again; the text comes once (RFC 3261 8.2.2.2)."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    request = writing(anna, "102", "raz")
    anna.send(request)
    challenge = await anna.expect(branch=request.branch, final=True)
    signed = anna.with_credentials(request, challenge)
    anna.send(signed)
    assert await read(piotr) == "raz"
    assert (await anna.expect(branch=signed.branch, final=True)).status == 200
    # The first transaction's memory is short here: the stack no longer knows the request.
    await line.office.until(lambda: not line.office.dump()["server_transactions"], "forgotten")
    # A fresh nonce, the same request.
    anna.send(request)
    challenge = await anna.expect(branch=request.branch, final=True)
    signed = anna.with_credentials(request, challenge)
    anna.send(signed)
    assert (await anna.expect(branch=signed.branch, final=True)).status == 200
    await nothing_comes(piotr)


async def test_who_may_not_and_whom_there_is_not(line: Line) -> None:
    anna = await line.phone("101")
    for nobody in ("999", "320", "300", "600", "+48600100200", "112"):
        assert await write(anna, nobody) == 404, nobody
    anna.password, right = "wrong", anna.password
    assert await write(anna, "102") == 401
    anna.password = right
    assert waiting(line) == 0


async def test_what_cannot_be_carried(line: Line) -> None:
    anna = await line.phone("101")
    assert await write(anna, "102", "x" * 8193) == 413
    assert await write(anna, "102", b"\xb3\xf3d\xbc") == 415  # Latin-2 that does not say so
    assert await write(anna, "102", "") == 400
    assert await write(anna, "102", "x", ("Content-Type", "nonsense")) == 400
    assert await write(anna, "102", "x", ("Content-Encoding", "gzip")) == 415
    assert await write(anna, "102", "x", ("Expires", "0")) == 480  # now or never
    assert waiting(line) == 0


async def test_a_box_is_bounded(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FOR_ONE", 2)
    anna = await line.phone("101")
    assert [await write(anna, "102", text) for text in "abc"] == [202, 202, 480]
    piotr = await line.phone("102")
    assert [await read(piotr) for _ in range(2)] == ["a", "b"]
    await line.office.until(lambda: waiting(line) == 0, "there is room again")


async def test_typing_and_read_marks_are_never_kept(line: Line) -> None:
    anna = await line.phone("101")
    kind = ("Content-Type", "application/im-iscomposing+xml")
    assert await write(anna, "102", "<isComposing/>", kind) == 200
    assert waiting(line) == 0
    piotr = await line.phone("102")
    await nothing_comes(piotr)
    assert await write(anna, "102", "<isComposing/>", kind) == 200
    assert await read(piotr, 415) == "<isComposing/>"


async def test_to_oneself_means_the_other_phone(line: Line) -> None:
    desk, mobile = await line.phone("101"), await line.phone("101")
    sending = asyncio.create_task(write(desk, "101", "notatka"))
    assert await read(mobile) == "notatka"
    assert await sending == 200
    await nothing_comes(desk)


async def test_inside_a_call_it_is_no_way(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    call = await anna.dial("102")
    (await piotr.rung()).answer()
    await call.answered()
    request = call.inside("MESSAGE", b"x")
    anna.send(request)
    refusal = await anna.expect(branch=request.branch, final=True)
    assert refusal.status == 405
    assert "MESSAGE" not in refusal.get("Allow")
    call.bye()
    await anna.expect(200, call=call)


async def test_nobody_reads_it_in_the_log(line: Line, capfd: pytest.CaptureFixture[str]) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    sending = asyncio.create_task(write(anna, "102", "tajemnica adwokacka"))
    await read(piotr)
    assert await sending == 200
    assert await write(anna, "103", "tajemnica adwokacka") == 202
    out, err = capfd.readouterr()
    assert "tajemnica" not in out + err
    jan = await line.phone("103")
    assert await read(jan) == "tajemnica adwokacka"
    await line.office.until(lambda: waiting(line) == 0, "it is there")
