"""The room as the server wires it: a phone by hand watches, calls, and leaves a message."""

import re

from softswitch.store.messages import Message as Voice
from softswitch.store.schema import from_micros
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.live.sip_text import Message


async def subscribe(phone: Phone, what: str, event: str, expires: int = 300) -> Message:
    uri = f"sip:{what}@{phone.domain}"
    request = phone.request("SUBSCRIBE", uri, f"<sip:{phone.user}@{phone.domain}>", f"<{uri}>")
    request.headers += [("Contact", phone.contact), ("Event", event), ("Expires", str(expires))]
    return await phone.ask(request)


async def unsubscribe(phone: Phone, first: Message, event: str) -> None:
    target = re.findall("<(.*?)>", first.get("Contact"))[0]
    request = phone.request("SUBSCRIBE", target, "", "")
    same = {name: first.get(name) for name in ("From", "To", "Call-ID")}
    same["CSeq"] = f"{first.cseq + 10} SUBSCRIBE"
    request.headers = [(name, same.get(name, value)) for name, value in request.headers]
    request.headers += [("Contact", phone.contact), ("Event", event), ("Expires", "0")]
    assert (await phone.ask(request)).status == 200
    assert "terminated" in (await told(phone)).get("Subscription-State")


async def told(phone: Phone) -> Message:
    notify = await phone.expect("NOTIFY")
    phone.answer(notify, 200)
    for repeat in [one for one in phone.inbox if one.is_request and one.branch == notify.branch]:
        phone.inbox.remove(repeat)
    return notify


async def states(phone: Phone) -> list[str]:
    return re.findall("<state>(.*?)</state>", (await told(phone)).body.decode())


async def test_a_lamp_over_a_call(line: Line) -> None:
    anna, piotr, watcher = [await line.phone(one) for one in ("101", "102", "104")]
    first = await subscribe(watcher, "102", "dialog")
    assert await states(watcher) == []
    call = await anna.dial("102")
    ringing = await piotr.rung()
    ringing.ring()
    assert await states(watcher) == ["early"]
    ringing.answer()
    await call.answered()
    assert await states(watcher) == ["confirmed"]
    call.bye()
    piotr.answer(await ringing.over(), 200)
    assert await states(watcher) == ["terminated"]
    await unsubscribe(watcher, first, "dialog")
    assert not any(line.office.ask(lambda server: server.presence.dump()).values())


async def test_a_message_comes_and_is_heard(line: Line) -> None:
    jan = await line.phone("103")
    first = await subscribe(jan, "103", "message-summary")
    assert b"Messages-Waiting: no" in (await told(jan)).body
    at = from_micros(0)

    def store(name: str) -> None:
        table = line.office.server.desk.messages
        if name == "add":
            table.add(Voice("m1", "103", None, None, None, at, 1.0, "/m1.wav"))
        else:
            table.mark_heard("m1", "103", at)

    line.office.ask(lambda _: store("add"))
    assert b"Voice-Message: 1/0" in (await told(jan)).body
    line.office.ask(lambda _: store("heard"))
    assert b"Voice-Message: 0/1" in (await told(jan)).body
    await unsubscribe(jan, first, "message-summary")


async def test_only_phones_of_the_office_may_watch(line: Line) -> None:
    phone = await line.phone("101")
    phone.password = None
    assert (await subscribe(phone, "102", "dialog")).status == 401
    phone.password = "tajne-haslo-101"
    assert (await subscribe(phone, "102", "conference")).status == 489
