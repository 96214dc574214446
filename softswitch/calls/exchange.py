"""What every call may use, in one place: the SIP endpoint, the sounds, the registrar, the log.

Made once by `server.py`. It owns nothing that lives as long as a call, and decides nothing.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from softswitch.calls.dispatch import Dispatcher
from softswitch.calls.identity import Identity
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.people import People
from softswitch.calls.ringing import Ringing
from softswitch.calls.sound import Sound, SoundDesk
from softswitch.calls.terms import Terms
from softswitch.calls.tokens import Tokens
from softswitch.calls.ways import Way
from softswitch.log import Logger, get_logger
from softswitch.net.endpoint import Endpoint
from softswitch.registrar.registrar import Registrar
from softswitch.registrar.steady import SteadyClock
from softswitch.settings import Settings
from softswitch.sip.codecs import Codec
from softswitch.sip.dialog import Dialog
from softswitch.sip.flow import Flow, Hop
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.offer_answer import LocalMedia, OfferAnswer
from softswitch.sip.session_timer import TimerWishes, asking
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri
from softswitch.store.events import EventLog
from softswitch.trace.recorder import Recorder
from softswitch.trunks.dealings import Dealings

Target = Flow | Hop
Waking = Callable[[], Awaitable[Way | None]]

# Said in every INVITE and 2xx. The rest join when they are understood.
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REGISTER, SUBSCRIBE, REFER, NOTIFY, PRACK, UPDATE"
ALLOW += ", MESSAGE"  # outside of calls
# A phone offers the attended transfer only to one who understands Replaces (RFC 3891 4).
SUPPORTED = "replaces, norefersub, timer, 100rel"
ACCEPT = "application/sdp"
CONTACT_USER = "switch"
# RFC 3261 8.1.1.6; less on a leg that carries somebody's call on.
MAX_HOPS = 70


class Invitation(msgspec.Struct, frozen=True):
    """One INVITE to place: what stands in its Request-URI, where it goes, who it shows."""

    uri: Uri | OtherUri
    target: Target
    identity: Identity
    who: str
    to: Uri | None = None
    route: tuple[str, ...] = ()
    hops: int = MAX_HOPS  # Max-Forwards
    prefer: Codec | None = None  # the caller's codec: two legs of one codec need no transcoding
    beside: Sound | None = None  # the caller's: two legs of one call share a media worker
    headers: tuple[tuple[str, str], ...] = ()
    is_ours: bool = False  # a phone of the office, which may be told whom it talks with
    own: Callable[[OutgoingLeg], None] | None = None  # tells the call whose leg it is
    other_ways: tuple[Way, ...] = ()  # to the same device, when this one fails
    # A phone that sleeps: wakes it, and gives the way to it then; None when it does not wake.
    waking: Waking | None = None
    device: object = None  # the same for a phone's contact and for its waking
    # What a provider wants otherwise than our phones.
    host: str | None = None  # of From, if it is not our address
    dealings: Dealings | None = None  # answers his challenges and redirections
    terms: Terms | None = None  # on codecs and encryption; none: the office's
    sign_within: float | None = None  # seconds for a sign of life, where there is another way
    refused: tuple[str, ...] = ()  # extensions (RFC 3261 19.2) that he is not told of


@dataclass(slots=True)
class Exchange:
    """See the module's docstring."""

    settings: Settings
    endpoint: Endpoint
    sounds: SoundDesk
    registrar: Registrar
    events: EventLog
    dispatcher: Dispatcher
    people: People
    tokens: Tokens
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    # Monotonic seconds, for waits.
    now: Callable[[], float] = field(default_factory=lambda: time.monotonic)
    # By which registrations last, whatever the clock is set to meanwhile.
    steady: Callable[[], float] = field(default_factory=SteadyClock)
    ringing: Ringing = field(default_factory=Ringing)
    trace: Recorder | None = None
    # Of the office file in force; a reload brings others.
    terms: Terms = field(default_factory=Terms)
    allow: str = ALLOW
    supported: str = SUPPORTED
    log: Logger = field(default_factory=lambda: get_logger("calls"))
    token: Callable[[], str] = field(init=False)
    timer_wishes: TimerWishes = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.tokens.token
        self.timer_wishes = TimerWishes(
            self.settings.session_expires, self.settings.session_minimum
        )
        self.dispatcher.on_stray_answer = self.end_stray

    def contact(self, target: Target) -> str:
        """Our Contact as the far side of `target` can reach it."""
        return f"<sip:{CONTACT_USER}@{self.endpoint.local_contact(target)}>"

    def address_of(self, user: str, target: Target) -> Uri:
        """The address of record of one of our numbers, as the far side of `target` knows us."""
        return Uri("sip", user, None, self.endpoint.advertised_address(target), None, (), ())

    async def open_sound(
        self,
        target: Target,
        prefer: Codec | None = None,
        terms: Terms | None = None,
        beside: Sound | None = None,
    ) -> tuple[Sound, OfferAnswer]:
        """A media row on the address that faces `target`, and an offer/answer state for it.

        `terms`: a provider's; none: the office's.
        Raises `SoundError` when the media engine has no port left or is restarting.
        """
        host = self.endpoint.local_address(target)
        sound = await self.sounds.open(host, beside)
        advertised = self.endpoint.advertised_address(target)
        local = LocalMedia(advertised, sound.port)
        capabilities = (terms or self.terms).capabilities(target, prefer)
        return sound, OfferAnswer.start(self.tokens.session(), capabilities, local)

    async def place(self, invitation: Invitation, on_change: Callable[[], None]) -> OutgoingLeg:
        """Send an INVITE with our offer; `on_change` is called at each step of it.

        Raises `SoundError` when there is no media row to be had.
        """
        sound, session = await self.open_sound(
            invitation.target, invitation.prefer, invitation.terms, invitation.beside
        )
        session, offer = session.make_offer()
        leg = OutgoingLeg(self, sound, session, invitation.who, on_change)
        leg.is_ours = invitation.is_ours
        leg.shown = invitation.identity
        leg.other_ways = invitation.other_ways
        leg.dealings = invitation.dealings
        interval = 0 if "timer" in invitation.refused else self._interval
        leg.invite(self._invite(invitation, offer), invitation.target, interval)
        if invitation.own is not None:
            invitation.own(leg)
        if invitation.sign_within is not None:
            leg.expect_sign(invitation.sign_within)
        return leg

    @property
    def _interval(self) -> int:
        """Seconds of the session timer that our INVITEs ask for; 0: none."""
        wishes = self.timer_wishes
        return max(wishes.interval, wishes.minimum) if wishes.interval else 0

    @property
    def abilities(self) -> tuple[tuple[str, str], ...]:
        """The header lines of an answer to OPTIONS (RFC 3261 11.2)."""
        return (("Allow", self.allow), ("Accept", ACCEPT), ("Supported", self.supported))

    def reaches(self, dialog: Dialog) -> bool:
        """Can a request of this dialog be sent at once, so that its answer finds who sent it?"""
        return self.endpoint.way_of(dialog) is not None

    def send_in_dialog(self, dialog: Dialog, request: Request) -> TransactionKey | None:
        """Send a request of a dialog where its route set and remote target say."""
        return self.endpoint.send_in_dialog(dialog, request)

    def end_stray(self, answer: Response, dialog: Dialog) -> None:
        """A 2xx to an INVITE that nobody waits for: acknowledge it and hang up."""
        self.send_in_dialog(dialog, dialog.ack(answer.cseq.number))
        self.send_in_dialog(dialog, dialog.request("BYE"))

    def _supported_but(self, refused: tuple[str, ...]) -> str:
        if not refused:
            return self.supported
        return ", ".join(one for one in self.supported.split(", ") if one not in refused)

    def _invite(self, invitation: Invitation, offer: bytes) -> Request:
        host = invitation.host or self.endpoint.advertised_address(invitation.target)
        from_ = invitation.identity.name_addr(host)
        from_ = NameAddr(from_.display, from_.uri, (("tag", self.token()),))
        headers = Headers()
        headers.add("Max-Forwards", str(invitation.hops))
        for route in invitation.route:
            headers.add("Route", route)
        headers.add("From", str(from_))
        headers.add("To", f"<{invitation.to or invitation.uri}>")
        headers.add("Call-ID", self.token())
        headers.add("CSeq", "1 INVITE")
        headers.add("Contact", self.contact(invitation.target))
        headers.add("Allow", self.allow)
        headers.add("Supported", self._supported_but(invitation.refused))
        for name, value in asking(self.timer_wishes) if "timer" not in invitation.refused else ():
            headers.add(name, value)
        for name, value in invitation.headers:
            headers.add(name, value)
        headers.add("Content-Type", "application/sdp")
        return Request("INVITE", invitation.uri, headers, offer)
