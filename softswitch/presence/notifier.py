"""The notifier of RFC 6665: takes SUBSCRIBE, sends NOTIFY, keeps and ends subscriptions.

Each subscription's own story is `sip/subscription.py`'s table; what is notified is `Views`'. Here
they are found, bounded, saved and carried out. Changes are collected and told once a turn of the
loop (`defer`), so that an event which changes a lamp twice is one NOTIFY.

Who sends is proved before (`admit`); what he may watch is `rights.py`'s. Wall-clock seconds.
"""

from collections import deque

from softswitch.log import get_logger
from softswitch.presence.ports import Surroundings
from softswitch.presence.rights import find_thing
from softswitch.presence.things import PACKAGES, PRESENCE, Thing
from softswitch.presence.views import Views
from softswitch.presence.watch import Watch, from_record, to_record
from softswitch.presence.watchers import Watchers
from softswitch.sip.admission import Refusal
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.errors import ParseError
from softswitch.sip.events import (
    FailureCause,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.subscription import (
    Ending,
    Input,
    Step,
    Subscription,
    Wanted,
    allow_events,
    meaning_of,
    read_subscribe,
)
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import Uri, parse_uri
from softswitch.store.subscriptions import SubscriptionRecord

_log = get_logger("presence.notifier")

# A console of three key modules watches 120 things; twice that may overlap while it restarts.
MOST_OF_A_PHONE = 250
# 200 phones with 50 keys each. The stack has room for twice as many dialogs, calls included.
MOST = 10_000
RETRY_AFTER = (("Retry-After", "60"),)
# After a restart so many are told at once, at each tick: 10,000 in a minute, calls unharmed.
RESUMED_A_TICK = 50
# And so many in one turn of the loop, some three milliseconds: the lamp of a receptionist that a
# whole office watches must not hold up the calls.
TOLD_A_TURN = 25


class Notifier:
    """Every subscription. Bounded by `MOST` and `MOST_OF_A_PHONE`; what is sent by the watches."""

    def __init__(self, around: Surroundings, views: Views) -> None:
        self._around, self._views = around, views
        self._watchers = Watchers()
        self._sent: dict[TransactionKey, Watch] = {}
        self._due: dict[DialogId, Watch] = {}
        self._is_deferred = False
        self._resuming: deque[Watch] = deque()

    # --- SUBSCRIBE ---

    def subscribe(self, event: RequestReceived) -> None:
        """Handler of SUBSCRIBE, outside dialogs and in them."""
        watcher = self._around.admit(event)
        if watcher is None:
            return
        try:
            if event.dialog is None:
                self._open(event, watcher)
            else:
                self._refresh(event, event.dialog, watcher)
        except ParseError as error:
            self._refuse(event, Refusal(error.status))

    def _open(self, event: RequestReceived, watcher: str) -> None:
        request = event.request
        wanted = read_subscribe(request, PACKAGES)
        if isinstance(wanted, Refusal):
            self._refuse(event, wanted)
            return
        thing = self._find(request, watcher, wanted)
        phone = (watcher, event.flow.remote[0])
        refusal = self._bound(phone) if isinstance(thing, Thing) else Refusal(thing)
        if request.contact is None:
            refusal = Refusal(400)
        if refusal is not None or not isinstance(thing, Thing):
            self._refuse(event, refusal or Refusal(404))
            return
        response = self._grant(event, wanted)
        dialog = Dialog.uas(request, response, event.flow)
        subscription = Subscription(dialog, wanted, self._around.now())
        watch = Watch(subscription, watcher, thing, _entity(request), event.flow.remote[0])
        self._around.wire.adopt(dialog)
        self._watchers.enter(watch)
        self._around.wire.send(response, event.key)
        self._asked(watch, wanted)

    def _refresh(self, event: RequestReceived, dialog: Dialog, watcher: str) -> None:
        watch = self._watchers.get(dialog.id)
        if watch is None or watch.watcher != watcher:
            # A dialog of a call, or of somebody else.
            self._refuse(event, Refusal(481 if watch is None else 403))
            return
        subscription = watch.subscription
        known = Wanted(subscription.package, subscription.event_id, 0)
        wanted = read_subscribe(event.request, PACKAGES, known)
        if isinstance(wanted, Refusal):
            self._refuse(event, wanted)
            return
        self._around.wire.send(self._grant(event, wanted), event.key)
        subscription.refresh(wanted.expires, self._around.now())
        self._asked(watch, wanted)

    def _asked(self, watch: Watch, wanted: Wanted) -> None:
        """4.2.1.2: a NOTIFY at once; 4.4.1: `Expires: 0` makes it the last one."""
        watch.told, watch.is_resumed = None, True
        if wanted.expires:
            self._save(watch)
            self._do(watch, watch.subscription.step(Input.REFRESHED))
        else:
            self._do(watch, watch.subscription.step(Input.ENDED), Ending.TIMEOUT)

    def _find(self, request: Request, watcher: str, wanted: Wanted) -> Thing | int:
        uri = request.uri
        if not isinstance(uri, Uri) or not uri.user:
            return 404
        return find_thing(self._around.office(), watcher, wanted.package, uri.user)

    def _bound(self, phone: tuple[str, str]) -> Refusal | None:
        if self._watchers.count_of(phone) >= MOST_OF_A_PHONE:
            _log.warning("a phone watches too much", user=phone[0], address=phone[1])
            return Refusal(403)
        # Not 503: a phone that lacks a lamp must not take the whole switch for dead.
        return Refusal(500, RETRY_AFTER) if len(self._watchers) >= MOST else None

    def _grant(self, event: RequestReceived, wanted: Wanted) -> Response:
        response = Response.answering(event.request, 200, to_tag=self._around.token())
        response.headers.add("Expires", str(wanted.expires))
        response.headers.add("Contact", self._contact(event.flow))
        response.headers.add("Allow-Events", allow_events(PACKAGES))
        return response

    def _refuse(self, event: RequestReceived, refusal: Refusal) -> None:
        response = Response.answering(event.request, refusal.status, to_tag=self._around.token())
        for name, value in refusal.headers:
            response.headers.add(name, value)
        self._around.wire.send(response, event.key)

    # --- changes ---

    def changed(self, thing: Thing) -> None:
        """A thing may look different now; its watchers are told in the loop's next turn."""
        for watch in self._watchers.of(thing):
            self._due[watch.id] = watch
        self._defer()

    def _defer(self) -> None:
        if self._due and not self._is_deferred:
            self._is_deferred = True
            self._around.defer(self._tell)

    def _tell(self) -> None:
        """A portion of those who are due; each is told the state of his own moment."""
        self._is_deferred = False
        portion = list(self._due.values())[:TOLD_A_TURN]
        for watch in portion:
            del self._due[watch.id]
        self._defer()
        for watch in portion:
            self._look(watch)

    def _look(self, watch: Watch) -> None:
        if not watch.is_resumed or self._views.state(watch) == watch.told:
            return
        flow = watch.subscription.dialog.flow
        if flow is not None and flow.transport.reliable and not self._has_way(watch):
            # To dial a phone behind a router is to wait for nothing: it will dial us, and be told.
            watch.told = None
        else:
            self._do(watch, watch.subscription.step(Input.CHANGED))

    # --- time ---

    def tick(self) -> None:
        """Ends what ran out, goes on with what a restart left. Several times a second."""
        now = self._around.now()
        for watch in self._watchers.expired(now):
            self._do(watch, watch.subscription.step(Input.ENDED), Ending.TIMEOUT)
        for _ in range(min(RESUMED_A_TICK, len(self._resuming))):
            watch = self._resuming.popleft()
            watch.is_resumed = True
            if watch.id in self._watchers:
                self._look(watch)

    def look_again(self) -> None:
        """What changes without a word: phones that come and go, and ways that are open again."""
        for watch in self._watchers:
            is_presence = watch.subscription.package is PRESENCE
            if is_presence or (watch.told is None and self._has_way(watch)):
                self._look(watch)

    def office_changed(self) -> None:
        """After a reload: what is no more, or not for him any more, is not watched any more."""
        for watch in self._watchers:
            thing = self._thing_of(watch.uri, watch.watcher, watch.subscription.package.name)
            if thing != watch.thing:
                ending = Ending.REJECTED if thing == 403 else Ending.NO_RESOURCE
                self._do(watch, watch.subscription.step(Input.ENDED), ending)

    def restore(self) -> int:
        """Take over what the last run left; returns how many. They are told at the next ticks."""
        now = self._around.now()
        for record in self._around.shelf.load():
            watch = self._restored(record, now)
            if watch is None:
                self._around.shelf.delete(record)
                continue
            self._around.wire.adopt(watch.subscription.dialog)
            self._watchers.enter(watch)
            self._save(watch)
            self._resuming.append(watch)
        return len(self._resuming)

    def _restored(self, record: SubscriptionRecord, now: float) -> Watch | None:
        thing = self._thing_of(record.watched, record.watcher, record.package)
        if record.expires <= now or not isinstance(thing, Thing) or len(self._watchers) >= MOST:
            return None
        try:
            return from_record(record, thing)
        except (ParseError, KeyError, ValueError) as error:
            _log.warning("a stored subscription is unusable", error=str(error))
            return None

    def _thing_of(self, uri: str, watcher: str, package: str) -> Thing | int:
        parsed = parse_uri(uri)
        user = parsed.user if isinstance(parsed, Uri) else None
        if package not in PACKAGES:
            return 404
        return find_thing(self._around.office(), watcher, PACKAGES[package], user or "")

    # --- NOTIFY ---

    def _do(self, watch: Watch, step: Step, ending: Ending | None = None) -> None:
        """Carry out what a subscription's table asks for."""
        if step is Step.NOTIFY:
            self._notify(watch, None)
        elif step is Step.LAST:
            self._notify(watch, ending)
            self._leave(watch)
        elif step is Step.FORGET:
            self._leave(watch)

    def _notify(self, watch: Watch, ending: Ending | None) -> None:
        around, subscription = self._around, watch.subscription
        self._has_way(watch)
        state = self._views.state(watch)
        body = self._views.body(watch, state)
        flow = subscription.dialog.flow
        contact = self._contact(flow) if flow is not None else ""
        request = subscription.notify(around.now(), contact, body, ending)
        self._unsend(watch)
        watch.told = state
        if watch.needs_saving() and ending is None:
            self._save(watch)
        key = around.wire.send_in_dialog(subscription.dialog, request)
        if ending is not None:
            return  # nobody waits for what comes of the last one
        if key is None:
            # The way leads through DNS: nobody will tell how it went.
            self._do(watch, subscription.step(Input.ACCEPTED))
            return
        watch.sent = key
        self._sent[key] = watch
        around.transactions.own_transaction(key, self)

    def response_received(self, event: ResponseReceived) -> None:
        """Something came back for a NOTIFY."""
        if event.response.status >= 200:
            self._settle(event.key, meaning_of(event.response))

    def transaction_failed(self, event: TransactionFailed) -> None:
        """Silence is a 408 and ends it; a way that is closed may open again (8.1.3.1)."""
        is_silent = event.cause is FailureCause.TIMEOUT
        self._settle(event.key, Input.GONE if is_silent else Input.UNREACHED)

    def _settle(self, key: TransactionKey, happened: Input) -> None:
        watch = self._sent.get(key)
        if watch is None:
            return
        self._unsend(watch)
        if happened is Input.UNREACHED:
            watch.told = None
        self._do(watch, watch.subscription.step(happened))

    def _has_way(self, watch: Watch) -> bool:
        """Whether he can be sent anything; a phone that came back by another way is found there."""
        dialog, wire = watch.subscription.dialog, self._around.wire
        if dialog.flow is not None and wire.is_alive(dialog.flow):
            return True
        flow = self._around.find_flow(watch.watcher, dialog.remote_target)
        if flow is None:
            return False
        dialog.flow = flow
        return True

    def _contact(self, flow: Flow) -> str:
        return f"<sip:switch@{self._around.wire.local_contact(flow)}>"

    def _leave(self, watch: Watch) -> None:
        if self._watchers.leave(watch):
            self._unsend(watch)
            self._due.pop(watch.id, None)
            self._around.wire.forget(watch.id)
            self._around.shelf.delete(to_record(watch))

    def _unsend(self, watch: Watch) -> None:
        """What comes of the NOTIFY on its way does not count any more."""
        if watch.sent is not None:
            self._sent.pop(watch.sent, None)
            self._around.transactions.disown_transaction(watch.sent)
            watch.sent = None

    def _save(self, watch: Watch) -> None:
        self._around.shelf.save(to_record(watch))

    def dump(self) -> dict[str, int]:
        """Counts for the leak check; all zero when nobody watches anything."""
        return {
            **self._watchers.dump(),
            "notifies under way": len(self._sent),
            "to be told": len(self._due),
            "resuming": len(self._resuming),
        }


def _entity(request: Request) -> str:
    """The address that is watched, bare."""
    uri = request.uri
    return str(uri.with_params(()).without_headers()) if isinstance(uri, Uri) else str(uri)
