"""Keys by INFO in the bodies that phones send, and other INFOs."""

import pytest

from softswitch.calls.keys import NORTEL, PLAIN, RELAY, keys_in
from softswitch.wiring import Server
from tests.helpers.early_phone import inside
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


@pytest.mark.parametrize(
    ("kind", "body", "keys"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, b"Signal= 5\r\nDuration= 160", "5"),
        (RELAY, b"  signal = * \nduration=100", "*"),
        (RELAY, b"Duration=160\r\nSignal=10", "*"),
        (RELAY, b"Signal=11", "#"),
        (RELAY, b"Signal=d", "D"),
        (RELAY, b"Signal=12", "A"),
        (RELAY, b"Signal=16", ""),  # the hook flash
        (RELAY, b"Signal=", ""),
        (RELAY, b"5", ""),
        (RELAY, b"\xff\xfe\x00", ""),
        (PLAIN, b"5", "5"),
        (PLAIN, b" # \r\n", "#"),
        (PLAIN, b"10", "*"),
        (PLAIN, b"Signal=7\r\nDuration=250", "7"),
        (PLAIN, b"hello", ""),
        (NORTEL, b"p=Digit-Collection\r\ny=Digits\r\ns=success\r\nu=12345678\r\nd=5\r\n", "5"),
        (NORTEL, b"d=12#\r\n", "12#"),
        (NORTEL, b"y=Digits", ""),
        (NORTEL, b"d=" + b"1" * 500, "1" * 32),
    ],
)
def test_bodies(kind: str, body: bytes, keys: str) -> None:
    assert keys_in(kind, body) == keys


async def test_infos_inside_a_talk(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await out.answered()

    async def send(kind: str, body: bytes, *lines: tuple[str, str]) -> int:
        request = out.inside("INFO", body)
        request.headers = [h for h in request.headers if h[0] != "Content-Type"]
        request.headers += [("Content-Type", kind), *lines]
        anna.send(request)
        return (await anna.expect(branch=request.branch, final=True)).status

    typed: list[str] = []

    def listen(server: Server) -> None:
        legs = server.desk.exchange.dispatcher._dialogs.values()
        sound = next(leg.sound for leg in legs if leg.dialog and not leg.dialog.is_uac)
        sound.key_pressed = lambda key, *_: typed.append(key)  # type: ignore[method-assign]

    office.ask(listen)
    for kind, body in ((RELAY, b"Signal=1"), (PLAIN, b"2"), (NORTEL, b"d=3")):
        assert await send(kind, body) == 200

    assert typed == ["1", "2", "3"]
    assert await send("text/plain", b"hello") == 415
    assert (await inside(out, "INFO")).status == 200, "an empty INFO asks whether we live"
    package = await inside(out, "INFO", b"", ("Info-Package", "nortel"))
    assert package.status == 469 and ("Recv-Info", "") in package.headers
    keep = await inside(out, "NOTIFY", b"", ("Event", "keep-alive"))
    assert keep.status == 200
    strange = await inside(out, "NOTIFY", b"", ("Event", "talk"))
    assert strange.status == 489
    options = await inside(out, "OPTIONS")
    assert "UPDATE" in options.get("Allow") and "timer" in options.get("Supported")
    assert options.get("Accept") == "application/sdp"
    assert (await inside(out, "PUBLISH")).status == 405
    out.bye()
    await inward.over()


async def test_outside_a_call(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    me = f"<sip:101@{anna.domain}>"

    async def ask(method: str, *lines: tuple[str, str]):  # type: ignore[no-untyped-def]
        request = anna.request(method, f"sip:{anna.domain}", me, me)
        request.headers += lines
        anna.send(request)
        return await anna.expect(branch=request.branch, final=True)

    assert (await ask("NOTIFY", ("Event", "keep-alive"))).status == 200
    strange = await ask("NOTIFY", ("Event", "presence"))
    assert strange.status == 489 and strange.get("Allow-Events")
    assert (await ask("REFER", ("Refer-To", "<sip:102@x>"))).status == 403
    assert (await ask("PUBLISH", ("Event", "presence"))).status == 405
    assert (await ask("UPDATE")).status == 481
    assert (await ask("PRACK", ("RAck", "1 1 INVITE"))).status == 481
    assert (await ask("INFO")).status == 481
    options = await ask("OPTIONS")
    assert options.status == 200
    assert {"100rel", "timer", "replaces"} <= set(options.get("Supported").split(", "))
    assert {"PRACK", "UPDATE", "NOTIFY"} <= set(options.get("Allow").split(", "))
