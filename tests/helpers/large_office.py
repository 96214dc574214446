"""An office of two hundred phones in process, and how they all register from one address."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from softswitch.sip.auth import ha1
from tests.helpers.office_in_process import HOST, OfficeInProcess
from tests.helpers.stranger import Stranger
from tests.live.sip_text import Message

PEOPLE = [str(200 + n) for n in range(200)]
PASSWORD = "tajne-haslo-{}"
AGENT = "Yealink SIP-T46U 108.86.0.20"  # all of one make: nothing but the Contact tells them apart
REPEAT, TRIES = 1.0, 8  # as phones do over UDP


class LargeOffice(OfficeInProcess):
    """Two hundred people, one group."""

    def _write(self) -> None:
        super()._write()
        people = "\n".join(f"  {one}: {{name: Person {one}}}" for one in PEOPLE)
        (self.folder / "office.yaml").write_text(
            "office: {name: Large, country: PL, language: pl, safe: box}\n"
            f"people:\n{people}\nsecrets: secrets.yaml\n"
            "mailboxes:\n  office: {greeting: leave_message}\nroutes:\n  box: {voicemail: office}\n"
            f'trunks:\n  operator: {{server: "{HOST}:{self.trunk_port}", numbers: []}}\n'
        )
        secrets = Path(self.folder / "secrets.yaml")
        lines = ['realm: "softswitch"']
        for one in PEOPLE:
            lines.append(f'"{one}":')
            for name in ("MD5", "SHA-256"):
                lines.append(f'  {name}: "{ha1(one, "softswitch", PASSWORD.format(one), name)}"')
        secrets.write_text("\n".join(lines) + "\n")
        secrets.chmod(0o600)


@dataclass(frozen=True, slots=True)
class Registered:
    """How one phone fared."""

    statuses: tuple[int | None, ...]
    """Of the first request and of the one with credentials."""
    seconds: float


async def register(
    phone: Stranger, user: str, password: str = PASSWORD, after: float = 0.0
) -> Registered:
    """A REGISTER with its 401, after so many seconds; what is lost is sent again. `{}` in the
    password is the user."""
    await asyncio.sleep(after)
    began = time.monotonic()
    request = phone.request("REGISTER", user, contact=f"<sip:{user}@192.168.0.{user}>")
    challenge = await _ask(phone, request)
    if challenge is None or challenge.status != 401:
        return Registered((challenge and challenge.status,), time.monotonic() - began)
    signed = phone.signed(request, challenge, user, password.format(user))
    final = await _ask(phone, signed)
    return Registered((401, final and final.status), time.monotonic() - began)


async def _ask(phone: Stranger, request: Message) -> Message | None:
    for _ in range(TRIES):
        answer = await phone.ask(request, REPEAT)
        if answer is not None:
            return answer
    return None


async def all_register(phones: list[Stranger], over: float = 0.0) -> list[Registered]:
    """All at the same moment, as after a power cut; or one after the other over so many seconds."""
    step = over / len(phones)
    each = enumerate(zip(phones, PEOPLE, strict=True))
    return list(
        await asyncio.gather(*(register(phone, user, after=n * step) for n, (phone, user) in each))
    )


async def two_hundred(office: OfficeInProcess, stack: AsyncExitStack) -> list[Stranger]:
    """Phones behind one address, each with a port of its own."""
    return [await stack.enter_async_context(Stranger(office.address, HOST, AGENT)) for _ in PEOPLE]


async def hammer(office: OfficeInProcess, user: str, until: asyncio.Event) -> int:
    """A phone with an old password that tries as fast as it is answered; how many tries."""
    tries = 0
    async with Stranger(office.address, HOST, AGENT) as bad:
        challenge: Message | None = None
        while not until.is_set():
            request = bad.request("REGISTER", user, contact="<sip:old@192.168.0.66>")
            if challenge is None:
                challenge = await bad.ask(request, REPEAT)
            else:
                bad.put(bad.signed(request, challenge, user, "old password").to_bytes())
                tries += 1
                await asyncio.sleep(0.01)
    return tries
