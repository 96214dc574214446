"""MESSAGE outside dialogs: to a colleague's phones at once, or kept until one of them is there.

RFC 3428, pager mode. The sender is told the truth: 200 when a phone took the text, 202 when it is
kept, 415 when the phones there take no texts, 404 when there is nobody of that number. What is
written is confidential: no body and no name is logged, and none is in the history of calls.

Of one text several things may be going on: its delivery (`_under_way`), somebody who waits to tell
the sender, and the round of its recipient (`_rounds`), which brings what waits, in order.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from typing import Any

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.gate import Gate
from softswitch.apps.outside import meaning_of
from softswitch.apps.texting.content import PLAIN, Content, Refused, Weight, content_of
from softswitch.apps.texting.delivery import Delivery, Outcome
from softswitch.apps.texting.waiting import LONGEST, Kept, Table, WaitingTexts
from softswitch.log import get_logger
from softswitch.office.numbers import Kind
from softswitch.registrar.binding import Binding
from softswitch.sip.grammar import digits
from softswitch.sip.message import Request, Response
from softswitch.sip.stack import RequestReceived
from softswitch.sip.uri import Uri
from softswitch.store.texts import TextRecord

_log = get_logger("apps.texting")

# A phone that is there answers in a blink. The sender's own phone gives up after 32 seconds
# (RFC 3261 17.1.2.2), so it is told 202 long before; a late 200 then takes the text back.
PATIENCE = 5.0
# At once. A phone that floods is told to come again.
MOST_UNDER_WAY = 500
COME_AGAIN = ("Retry-After", "5")
# Texts whose answer is remembered, for a sender who asks again by another branch.
REMEMBERED = 1_024
# Seconds; what the switch itself tells is no news after that.
NEWS = 3600.0
LOOK_AGAIN = 60.0

_STATUS = {Outcome.CANNOT: 415, Outcome.TOO_LARGE: 413, Outcome.REFUSED: 603, Outcome.AWAY: 480}


class Texting:
    """Handler of MESSAGEs outside dialogs."""

    def __init__(self, desk: FrontDesk, gate: Gate, table: Table) -> None:
        self._desk, self._gate = desk, gate
        self._exchange = desk.exchange
        self.waiting = WaitingTexts(table)
        self.waiting.restore(self._now())
        self._under_way: dict[str, Delivery] = {}
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: OrderedDict[str, int] = OrderedDict()

    def message(self, event: RequestReceived) -> None:
        """A text came in."""
        sender = self._gate.admit(event)
        if sender is None:
            return
        content = content_of(event.request)
        recipient = self._recipient(event.request)
        if sender not in self._desk.office.office.people:
            self._answer(event, 403)
        elif isinstance(content, Refused):
            self._answer(event, content.status, *content.headers)
        elif recipient is None:
            self._answer(event, 404)
        elif len(self._under_way) >= MOST_UNDER_WAY:
            self._answer(event, 503, COME_AGAIN)
        else:
            self._accept(event, self._text(event.request, sender, recipient, content), content)

    def phone_came(self, extension: str) -> None:
        """A phone of somebody has registered: what waits for him is brought."""
        if extension not in self._rounds and self.waiting.of(extension, self._now()):
            task = asyncio.create_task(self._round(extension), name=f"texts {extension}")
            self._rounds[extension] = task
            task.add_done_callback(self._done)

    def bring(self, sender: str, recipient: str, words: str) -> None:
        """A text of the switch itself in somebody's name; it waits for a phone for an hour."""
        now = self._now()
        body = words.encode()
        text = TextRecord(self._exchange.token(), recipient, sender, now, now + NEWS, PLAIN, body)
        if self.waiting.keep(text, now):
            self._desk.pushes.text_waits(recipient)
            self.phone_came(recipient)

    async def run(self) -> None:
        """Forget what nobody fetched; to be cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            gone = self.waiting.expire_all(self._now())
            if gone:
                _log.info("texts ran out", count=gone)
                metrics.texts.labels("expired").inc(gone)

    async def close(self) -> None:
        """Stop; what is kept stays in the store."""
        tasks = [*self._tasks, *self._rounds.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._rounds.clear()
        for delivery in list(self._under_way.values()):
            delivery.abandon()
        self._under_way.clear()

    def dump(self) -> dict[str, int]:
        """Counts for the leak check; what waits for a phone is no leak."""
        return {"texts under way": len(self._under_way) + len(self._tasks) + len(self._rounds)}

    # --- a new text ---

    def _recipient(self, request: Request) -> str | None:
        """The person whose number is in the Request-URI; groups and the world have no texts."""
        number = request.uri.user if isinstance(request.uri, Uri) else None
        if not number:
            return None
        meant = meaning_of(self._desk.office, number)
        is_person = meant.value in self._desk.office.office.people
        return meant.value if meant.kind is Kind.INTERNAL and is_person else None

    def _text(self, request: Request, sender: str, recipient: str, content: Content) -> TextRecord:
        now = self._now()
        asked = digits((request.headers.get("Expires") or "").strip(), LONGEST)
        lifetime = LONGEST if asked is None else min(asked, LONGEST)
        # RFC 3261 8.2.2.2: what makes it this request and no other, by whatever way it comes.
        same = (sender, request.call_id, request.from_.tag or "", str(request.cseq.number))
        identity = hashlib.sha256("\0".join(same).encode("utf-8", "replace")).hexdigest()[:32]
        return TextRecord(
            identity, recipient, sender, now, now + lifetime, content.kind, request.body
        )

    def _accept(self, event: RequestReceived, text: TextRecord, content: Content) -> None:
        if text.id in self._told:
            self._answer(event, self._told[text.id])
            return
        phones = self._phones(text.recipient, event)
        if content.weight is Weight.FLEETING:
            if phones:
                self._send(text, phones)
            self._tell(event, text, 200)
        elif phones and not self.waiting.of(text.recipient, self._now()):
            self._begin(self._deliver(event, text, phones))
        else:
            # What came earlier goes first.
            self._keep(event, text)
            if phones:
                self.phone_came(text.recipient)

    async def _deliver(
        self, event: RequestReceived, text: TextRecord, phones: Sequence[Binding]
    ) -> None:
        """Straight to the phones that are there, and the sender is told."""
        delivery = self._send(text, phones)
        try:
            outcome = await self._outcome(delivery, PATIENCE)
        except asyncio.CancelledError:
            self._answer(event, 503, COME_AGAIN)
            raise
        if outcome is None or outcome is Outcome.AWAY:
            self._keep(event, text)
        else:
            self._tell(event, text, 200 if outcome is Outcome.TAKEN else _STATUS[outcome])
        if outcome is None:
            outcome = await self._outcome(delivery)
        if outcome is Outcome.TAKEN:
            self.waiting.remove(text)
        elif set(self._phones(text.recipient)) - set(phones):
            self.phone_came(text.recipient)  # a phone has come meanwhile, when nothing waited

    def _keep(self, event: RequestReceived, text: TextRecord) -> None:
        is_kept = self.waiting.keep(text, self._now())
        self._tell(event, text, 202 if is_kept else _STATUS[Outcome.AWAY])
        if is_kept:
            self._desk.pushes.text_waits(text.recipient)

    # --- what waits ---

    async def _round(self, recipient: str) -> None:
        try:
            await self._bring_all(recipient)
        finally:
            # At once, not by a callback: what is kept from now on begins a round of its own.
            self._rounds.pop(recipient, None)

    async def _bring_all(self, recipient: str) -> None:
        """Bring what waits, the oldest first, until a phone is gone again."""
        passed: set[str] = set()
        while True:
            waiting = self.waiting.of(recipient, self._now())
            kept = next((one for one in waiting if one.text.id not in passed), None)
            if kept is None:
                return
            going = self._under_way.get(kept.text.id)
            if going is not None:
                # Its first try is not over; if it fails, the phone that came now is tried: at once
                # if it is the same one, at another address.
                if not going.is_to_any_of(self._phones(recipient)):
                    going.abandon()
                    self._ended(going)
                if await self._outcome(going) is Outcome.TAKEN:
                    self.waiting.remove(kept.text)
                continue
            readers = kept.readers(self._phones(recipient))
            outcome = await self._bring(kept, readers) if readers else Outcome.CANNOT
            if outcome is Outcome.AWAY:
                return
            passed.add(kept.text.id)

    async def _bring(self, kept: Kept, readers: Sequence[Binding]) -> Outcome:
        """One more try for a text that waits."""
        text = kept.text
        outcome = await self._outcome(self._send(text, readers)) or Outcome.AWAY
        if outcome is Outcome.CANNOT:
            # Another phone of his may be able to, when it comes.
            kept.deaf.update(binding.row for binding in readers)
        elif outcome is not Outcome.AWAY:
            self.waiting.remove(text)
        _log.info("a text that waited", sender=text.sender, to=text.recipient, how=outcome.value)
        metrics.texts.labels(f"later {outcome.value}").inc()
        return outcome

    # --- both ---

    def _send(self, text: TextRecord, phones: Sequence[Binding]) -> Delivery:
        person = self._desk.office.office.people.get(text.sender)
        name = person.name if person is not None else None
        delivery = Delivery(self._exchange, text, name, phones, self._ended)
        self._under_way[text.id] = delivery
        return delivery

    def _ended(self, delivery: Delivery) -> None:
        self._under_way.pop(delivery.text.id, None)

    async def _outcome(self, delivery: Delivery, within: float | None = None) -> Outcome | None:
        """What became of it; None when that is not known in time. The delivery goes on."""
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(delivery.outcome)
        except TimeoutError:
            return None

    def _phones(self, extension: str, event: RequestReceived | None = None) -> list[Binding]:
        """His phones, but the one that writes: who writes to himself means another one."""
        known = self._exchange.registrar.lookup(extension, self._exchange.steady())
        if event is None:
            return known
        return [one for one in known if one.flow != event.flow or one.path]

    def _tell(self, event: RequestReceived, text: TextRecord, status: int) -> None:
        """The sender is told, and the same again if he asks again."""
        self._told[text.id] = status
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        _log.info("a text", sender=text.sender, to=text.recipient, status=status)
        metrics.texts.labels(str(status)).inc()
        self._answer(event, status)

    def _answer(self, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
        response = Response.answering(event.request, status, to_tag=self._exchange.token())
        for name, value in headers:
            response.headers.add(name, value)
        self._exchange.endpoint.send(response, event.key)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a text could not be carried", exc_info=task.exception())

    def _now(self) -> float:
        return self._exchange.clock().timestamp()
