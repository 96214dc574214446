"""The one list of the house: every room is made here and handed what it needs.

Nothing is started and nothing decides anything about a call; `server` starts what is made here, and
stops it.
"""

import random
import secrets as randomness
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from media.api import MediaClient
from softswitch.apps.arrivals import Arrivals
from softswitch.apps.callbacks.room import CallbackRoom
from softswitch.apps.click import Clicks
from softswitch.apps.desk import FrontDesk
from softswitch.apps.emergency_alert import HelpAlarms
from softswitch.apps.gate import Gate
from softswitch.apps.queue.hall import QueueHall
from softswitch.apps.queue.line import Waiting
from softswitch.apps.queue.promise import Promises
from softswitch.apps.recording.room import RecordingRoom
from softswitch.apps.registration import Registration
from softswitch.apps.spending.room import Spending
from softswitch.apps.texting.desk import Texting
from softswitch.calls.dispatch import Dispatcher
from softswitch.calls.exchange import ALLOW, Exchange
from softswitch.calls.people import People
from softswitch.calls.sound import SoundDesk
from softswitch.calls.standing import Standing
from softswitch.calls.strays import Strays
from softswitch.calls.switches import Switches
from softswitch.calls.terms import Terms
from softswitch.calls.tokens import Tokens
from softswitch.control import Verb
from softswitch.guard.guard import Guard
from softswitch.listening import client_tls, dns_of, listeners, websocket_policy
from softswitch.log import get_logger
from softswitch.net.endpoint import Endpoint, EndpointConfig
from softswitch.office.loader import LoadedOffice
from softswitch.presence.room import EVENTS, Presence
from softswitch.registrar.persistence import PersistentBindings
from softswitch.registrar.registrar import Registrar, RegistrarConfig
from softswitch.registrar.steady import SteadyClock
from softswitch.routing.graph import Graph
from softswitch.routing.verbs.queue import QueueOptions
from softswitch.settings import Settings
from softswitch.sip.auth import DigestServer
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Response
from softswitch.sip.stack import Event, RequestReceived, Stack, StackConfig
from softswitch.store.database import Database
from softswitch.store.events import EventLog
from softswitch.trunks.alarms import Alarms, Recipients
from softswitch.trunks.keeper import TrunkKeeper
from softswitch.trunks.link import Ports
from softswitch.trunks.trunks import Trunks
from softswitch.vault.audit_key import AuditKey
from softswitch.vault.office_key import VaultError
from softswitch.vault.recording_keys import RecordingKeys

_log = get_logger("wiring")

USER_AGENT = "softswitch"


def office_terms(office: LoadedOffice) -> Terms:
    """On codecs and encryption, as the office file says."""
    sound = office.office.sound
    return Terms(sound.codecs, sound.srtp, sound.srtp_without_tls)


@dataclass(slots=True)
class Server:
    """A running office: what its owner may look at."""

    desk: FrontDesk
    arrivals: Arrivals
    endpoint: Endpoint
    registrar: Registrar
    presence: Presence
    texting: Texting
    keeper: TrunkKeeper
    promises: Promises
    clicks: Clicks
    commands: dict[str, Verb] = field(default_factory=dict)  # by the door of `control`

    async def use(self, office: LoadedOffice) -> None:
        """From the next call on, this version of the office; calls in progress keep theirs."""
        self.desk.office = office
        self.desk.prompts.clear()
        self.desk.sounds.use(office.office, office.folder)
        self.desk.queues.use(office.office.queues, partial(priority_now, office.graph))
        self.desk.queues.figures.zone = office.office.zone
        self.desk.exchange.terms = office_terms(office)
        self.arrivals.gate.secrets = office.secrets
        self.arrivals.gate.guard.forgive()
        self.arrivals.trunks.use(office.office.trunks, office.office.country)
        await self.arrivals.trunks.refresh()
        self.keeper.use()
        self.arrivals.gate.guard.sources.use_servers(self.arrivals.trunks.servers())
        self.desk.clients.use(office)
        self.presence.office_changed()
        self.desk.standing.tick()
        self.desk.switches.tick()

    def dump(self) -> dict[str, int]:
        """What calls hold; every figure is zero when no call is up and all transactions ended."""
        exchange = self.desk.exchange
        return {
            "calls": len(self.arrivals.calls),
            **self.desk.queues.dump(),
            "talking": len(self.desk.talks),
            "conferring": sum(len(room) for room in self.desk.conferences.values()),
            "late answers": len(self.arrivals.gate.late),
            **self.desk.callbacks.dump(),
            **self.desk.recordings.dump(),
            **self.desk.spending.meter.dump(),
            **self.desk.recent.dump(),
            **self.desk.clients.dump(),
            **self.promises.dump(),
            "clicks": len(self.clicks.tasks),
            **self.desk.alarms.dump(),
            **self.desk.pushes.dump(),
            **exchange.ringing.dump(),
            **self.desk.parking.dump(),
            **self.arrivals.trunks.dump(),
            **exchange.dispatcher.dump(),
            **exchange.sounds.dump(),
            **self.texting.dump(),
            **self.endpoint.stack.dump(),
        }


def priority_now(graph: Graph, place: Waiting) -> int | None:
    """Of a caller who waits, as the node of his route says it in another version."""
    node = graph.nodes.get(place.node or "")
    options = None if node is None else node.options
    if not isinstance(options, QueueOptions) or options.queue != place.queue:
        return None
    return options.priority.rank


def wire(
    settings: Settings, office: LoadedOffice, database: Database, media: MediaClient
) -> Server:
    """Make the rooms and hand each what it needs. The one list of the house."""
    sounds = SoundDesk(media)
    tokens = Tokens()
    dispatcher = Dispatcher(lambda event, status: _reply(exchange, event, status))
    guard = Guard(settings.spared.replace(",", " ").split())
    endpoint = _endpoint(settings, dispatcher.handle, guard, tokens)
    exchange = _exchange(settings, office, database, endpoint, sounds, dispatcher, tokens)
    registrar, events = exchange.registrar, exchange.events
    digest = DigestServer(settings.realm, randomness.token_bytes(32), allow_without_qop=True)
    gate = Gate(exchange, digest, office.secrets, guard=guard)
    desk = _desk(settings, office, database, exchange)
    arrivals = Arrivals(desk, gate, desk.trunks, {})
    promises = Promises(desk, arrivals.calls)
    desk.queues.promise, desk.queues.is_ready = promises.keep, promises.is_ready
    desk.queues.kept_since = promises.kept_since
    events.subscribe(desk.queues.see, desk.queues.kinds)
    registration = Registration(exchange, gate)
    strays = Strays(exchange, EVENTS)
    presence = _presence(exchange, desk, gate, database)
    texting = Texting(desk, gate, database.texts)
    registration.observers += [texting.phone_came, desk.pushes.registered]
    desk.text = texting.bring
    dispatcher.handlers = {
        "INVITE": arrivals.invite,
        "REGISTER": registration.register,
        "OPTIONS": registration.options,
        "SUBSCRIBE": presence.subscribe,
        "MESSAGE": texting.message,
        "NOTIFY": strays.notify,
        "REFER": strays.refer,
    }
    keeper = desk.trunk_tests.keeper = _keeper(desk)
    endpoint.on_flow_lost = partial(_flow_lost, registrar, keeper)
    clicks = Clicks(desk, arrivals.calls)
    return Server(desk, arrivals, endpoint, registrar, presence, texting, keeper, promises, clicks)


def _flow_lost(registrar: Registrar, keeper: TrunkKeeper, flow: Flow) -> None:
    """A connection ended, a phone's or a provider's."""
    registrar.flow_lost(flow)
    keeper.flow_lost(flow)


def _keeper(desk: FrontDesk) -> TrunkKeeper:
    """Who keeps the trunks registered, and whom he tells of trouble."""
    exchange = desk.exchange

    def recipients() -> Recipients:
        office = desk.office.office
        return Recipients(office.alarms, office.office.name, office.office.language)

    endpoint, owners = exchange.endpoint, exchange.dispatcher
    ports = Ports(endpoint, owners, exchange.token, random.random, time.monotonic)
    alarms = Alarms(desk.outbox.add, recipients, time.monotonic)
    return TrunkKeeper(desk.trunks, ports, alarms, exchange.clock)


def _desk(
    settings: Settings, office: LoadedOffice, database: Database, exchange: Exchange
) -> FrontDesk:
    """The front desk, and what is set at it for a while."""
    trunks = Trunks(
        office.office.trunks,
        office.office.country,
        exchange.endpoint.locate,
        exchange.token,
        time.monotonic,
    )
    standing = Standing(database.standing, lambda: desk.office.office, exchange.clock)
    switches = Switches(database.switches, lambda: desk.office.office, exchange.clock)
    desk = FrontDesk(
        exchange,
        office,
        {},
        database.messages,
        database.outbox,
        settings.data,
        trunks,
        standing,
        switches,
        CallbackRoom(exchange, lambda: desk.office, database.callbacks, database.outbox),
        Spending(exchange, lambda: desk.office, standing, database.outbox),
        QueueHall(exchange, standing),
    )
    desk.queues.use(office.office.queues, lambda _: None)
    desk.queues.figures.zone = office.office.zone
    desk.recordings = _recordings(settings, database, desk)
    desk.alarms = HelpAlarms(desk)
    return desk


def _recordings(settings: Settings, database: Database, desk: FrontDesk) -> RecordingRoom:
    """What is recorded. A vault that cannot be used stops no telephone: nothing is recorded."""
    folder, keys = settings.keys_folder, None
    try:
        keys = RecordingKeys(folder, settings.given_office_key())
    except (VaultError, OSError) as error:
        _log.error("nothing is recorded", error=str(error))
    audit_key = AuditKey(folder)
    return RecordingRoom(desk, database.recordings, database.audit, keys, audit_key, database)


def _exchange(
    settings: Settings,
    office: LoadedOffice,
    database: Database,
    endpoint: Endpoint,
    sounds: SoundDesk,
    dispatcher: Dispatcher,
    tokens: Tokens,
) -> Exchange:
    """What every call needs; registrations go by its steady clock."""
    steady, people = SteadyClock(), People(time.monotonic)
    registrar = _registrar(settings, database, endpoint, steady)
    events = EventLog(database)
    exchange = Exchange(settings, endpoint, sounds, registrar, events, dispatcher, people, tokens)
    exchange.steady, exchange.terms = steady, office_terms(office)
    return exchange


def _registrar(
    settings: Settings, database: Database, endpoint: Endpoint, steady: SteadyClock
) -> Registrar:
    """Who is where, and what the endpoint asks of it."""
    registrar = Registrar(
        PersistentBindings(database.bindings),
        RegistrarConfig(
            contacts=settings.sip_contacts,
            is_alive=lambda f: endpoint.is_alive(f),
            wall=lambda _: time.time(),
        ),
    )
    registrar.restore(steady())
    endpoint.on_flow_lost = registrar.flow_lost
    endpoint.find_flow = lambda uri: registrar.find_flow(uri, steady())
    return registrar


def _presence(exchange: Exchange, desk: FrontDesk, gate: Gate, database: Database) -> Presence:
    """The lamps, and what they are fed from."""
    presence = Presence(
        exchange.endpoint,
        exchange.dispatcher,
        exchange.registrar,
        database.subscriptions,
        database.messages,
        lambda: desk.office.office,
        gate.admit,
        exchange.token,
        exchange.steady,
    )
    exchange.events.subscribe(presence.see, presence.kinds)
    exchange.people.observers.append(presence.person_changed)
    exchange.events.subscribe(desk.callbacks.see, desk.callbacks.kinds)
    exchange.events.subscribe(desk.recent.see, desk.recent.kinds)
    desk.callbacks.observers.append(presence.callbacks_changed)
    desk.standing.observers.append(presence.standing_changed)
    desk.parking.on_change = presence.slot_changed
    desk.alarms.on_change = presence.alarms_changed
    desk.lamps = presence.lamps
    desk.switches.observers.append(presence.hand_switch_changed)
    desk.standing.tick()
    desk.switches.tick()
    presence.restore()
    return presence


def _endpoint(
    settings: Settings, handler: Callable[[Event], None], guard: Guard, tokens: Tokens
) -> Endpoint:
    endpoint: Endpoint

    def sent_by(target: Target) -> tuple[str, int | None]:
        return endpoint.sent_by(target)

    config = StackConfig(
        methods=tuple(ALLOW.split(", ")),
        user_agent=USER_AGENT,
        sent_by=sent_by,
        refuses=guard.refuses,
    )
    endpoint = Endpoint(
        Stack(config, tokens.token),
        listeners(settings),
        handler,
        config=EndpointConfig(
            public_address=settings.public_address,
            client_tls=client_tls(settings),
            websockets=websocket_policy(settings),
            doorkeeper=guard,
        ),
        dns=dns_of(settings),
    )
    return endpoint


def _reply(exchange: Exchange, event: RequestReceived, status: int) -> None:
    response = Response.answering(event.request, status, to_tag=exchange.token())
    exchange.endpoint.send(response, event.key)
