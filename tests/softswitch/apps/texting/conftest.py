"""Phones that write to each other in the office in process."""

import asyncio

import pytest

from softswitch.apps.texting import desk
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line, line, office, own_line, patch_waits
from tests.live.sip_text import Message

__all__ = ["hurry", "line", "office", "own_line", "patch_waits"]


@pytest.fixture(scope="module", autouse=True)
def hurry(patch_waits: pytest.MonkeyPatch) -> None:
    """A silent phone is waited for shortly; SIP itself gives it up after two seconds."""
    patch_waits.setattr(desk, "PATIENCE", 0.4)


def writing(
    phone: Phone, to: str, text: str | bytes = "Dzień dobry", *extra: tuple[str, str]
) -> Message:
    """A MESSAGE, not sent yet."""
    uri = f"sip:{to}@{phone.domain}"
    request = phone.request("MESSAGE", uri, f"<sip:{phone.user}@{phone.domain}>", f"<{uri}>")
    request.headers += extra
    if "Content-Type" not in dict(extra):
        request.headers.append(("Content-Type", "text/plain"))
    request.body = text if isinstance(text, bytes) else text.encode()
    return request


async def write(
    phone: Phone, to: str, text: str | bytes = "Dzień dobry", *extra: tuple[str, str]
) -> int:
    """Send it; the final status."""
    return (await phone.ask(writing(phone, to, text, *extra))).status


async def read(phone: Phone, status: int = 200) -> str:
    """The next text that comes, answered so."""
    message = await phone.expect("MESSAGE")
    return answer(phone, message, status)


def answer(phone: Phone, message: Message, status: int = 200) -> str:
    """Answer a text; the repeats that came meanwhile are no other text."""
    phone.answer(message, status)
    phone.inbox = [one for one in phone.inbox if one.branch != message.branch]
    return message.body.decode()


async def nothing_comes(phone: Phone, seconds: float = 0.5, but: Message | None = None) -> None:
    """No other text than the one that lies there unanswered."""
    await asyncio.sleep(seconds)
    texts = [one for one in phone.inbox if one.is_request and one.method == "MESSAGE"]
    others = [one.body for one in texts if but is None or one.branch != but.branch]
    assert not others


def waiting(line: Line) -> int:
    """How many texts wait in the office."""
    return line.office.ask(lambda server: len(server.texting.waiting))
