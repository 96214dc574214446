"""One call of a scripted phone: its dialog (RFC 3261 12), its offer and answer, its sound."""

import secrets
import time
from typing import TYPE_CHECKING

from tests.live import sip_text
from tests.live.rtp_media import Media, Recording
from tests.live.sip_text import Message, RemoteSound

if TYPE_CHECKING:
    from tests.live.rtp_peer import Address, ScriptedPhone

_REASONS = {
    180: "Ringing", 183: "Session Progress", 200: "OK", 404: "Not Found", 480: "Unavailable",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 603: "Decline",
}  # fmt: skip


class PhoneCall:
    """A call that the phone placed or got. Its methods belong to the test's thread."""

    def __init__(self, phone: "ScriptedPhone", media: Media, is_outgoing: bool) -> None:
        self.phone, self.media, self.is_outgoing = phone, media, is_outgoing
        self.call_id = secrets.token_hex(8)
        self.local_tag = secrets.token_hex(4)
        self.statuses: list[int] = []
        self.remote: RemoteSound | None = None
        self.directions: list[str] = []  # every direction that the far side described
        self.is_answered = False
        self.ended_by: str | None = None  # "bye" "cancel" "refused" (by them); "us"
        self.end_reason = ""  # the Reason header (RFC 3326) of their BYE or CANCEL
        self.acknowledges = True
        self.acknowledged = False
        self.answered_at: float | None = None
        self.invite: Message | None = None
        self.final: Message | None = None
        self._from = self._to = self._target_uri = ""
        self._routes: list[str] = []
        self._peer: Address = phone.server
        self._cseq = 1
        self._version = 1
        self._waiting_ack: tuple[Message, float, float] | None = None

    # --- what the test asks ---

    @property
    def heard(self) -> Recording:
        return self.media.heard

    @property
    def is_over(self) -> bool:
        return self.ended_by is not None

    def wait_status(self, *wanted: int, timeout: float = 20.0) -> int:
        """Wait until one of these responses to our INVITE came."""
        self._wait(lambda: any(s in wanted for s in self.statuses), f"{wanted}", timeout)
        return next(status for status in self.statuses if status in wanted)

    def wait_final(self, timeout: float = 40.0) -> int:
        """The final status of our INVITE."""
        self._wait(lambda: self.statuses and self.statuses[-1] >= 200, "a final response", timeout)
        return self.statuses[-1]

    def wait_answered(self, timeout: float = 20.0) -> "PhoneCall":
        """Wait for the 200 (we called) or for the ACK of our 200 (we were called)."""
        self._wait(lambda: self.is_answered or self.is_over, "an answer", timeout)
        assert self.is_answered, f"refused: {self.statuses}\n{self.phone.trace_text()}"
        return self

    def wait_over(self, timeout: float = 20.0) -> "PhoneCall":
        """Wait until the far side ended the call or refused it."""
        self._wait(lambda: self.is_over, "the end of the call", timeout)
        return self

    def wait_heard(self, frequency: int, seconds: float = 0.5, timeout: float = 20.0) -> None:
        """Wait until this tone was heard for so long altogether."""
        self._wait(
            lambda: self.heard.seconds(frequency) >= seconds,
            f"{seconds} s of {frequency} Hz",
            timeout,
        )

    def wait_more(self, frequency: int, seconds: float = 0.5, timeout: float = 20.0) -> None:
        """Wait until this tone was heard for so long from now on."""
        self.wait_heard(frequency, self.heard.seconds(frequency) + seconds, timeout)

    def say(self, frequency: int | None) -> None:
        self.media.say(frequency)

    def press(self, digits: str) -> None:
        self.media.press(digits)

    # --- the called side ---

    def ring(self) -> None:
        self._respond(180)

    def progress(self) -> None:
        """183 with our description: early media."""
        self._respond(183, self._describe())

    def answer(self) -> "PhoneCall":
        """200 OK, sent again until the ACK comes."""
        with self.phone.lock:
            response = self._respond(200, self._describe())
            now = time.monotonic()
            self._waiting_ack = (response, now + 0.5, 0.5)
            self.answered_at = now
        return self

    def refuse(self, status: int = 486, reason: str = "") -> None:
        """A final refusal."""
        with self.phone.lock:
            self._respond(status, reason=reason)
            self.ended_by = "us"
            self.media.mute()

    # --- both sides ---

    def hang_up(self, reason: str = "") -> None:
        """CANCEL before the answer, BYE after it. Does not wait."""
        with self.phone.lock:
            if self.is_over:
                return
            self.media.mute()
            if self.is_answered or not self.is_outgoing:
                self._send("BYE", [("Reason", reason)] if reason else [])
                self.ended_by = "us"
            else:
                self._send_cancel()

    def hold(self) -> Message:
        """re-INVITE with sendonly; waits for its answer."""
        return self._reinvite("sendonly")

    def resume(self) -> Message:
        return self._reinvite("sendrecv")

    def refer(self, refer_to: str) -> None:
        """Ask that the far side talk with somebody else (RFC 3515). Does not wait."""
        self._send("REFER", [("Refer-To", refer_to)])

    def send_bye_only_once_more(self) -> None:
        """A BYE for a call that is over (a test of 481)."""
        self._send("BYE", [])

    # --- for the phone's thread ---

    def send_invite(self, uri: str, me: str) -> None:
        """The first INVITE of a call that we place."""
        phone = self.phone
        request = phone.new_request("INVITE", uri, me, f"<{uri}>", self.call_id)
        request.headers = [
            (name, f"{me};tag={self.local_tag}" if name == "From" else value)
            for name, value in request.headers
        ]
        request.headers += [("Contact", phone.contact), ("Content-Type", "application/sdp")]
        request.headers.append(("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY"))
        request.body = self._describe()
        self.invite, self._target_uri = request, uri
        self._from, self._to = f"{me};tag={self.local_tag}", f"<{uri}>"
        phone.send_request(request, phone.server, self._invite_answered)

    def invited(self, request: Message, source: "Address") -> None:
        """An INVITE came in."""
        self.call_id, self.invite, self._peer = request.get("Call-ID"), request, source
        self._from = f"{request.get('To')};tag={self.local_tag}"
        self._to = request.get("From")
        self._target_uri = sip_text.uri_of(request.get("Contact"))
        self._routes = request.all("Record-Route")
        self._take_sound(request.body)

    def is_repeat(self, request: Message) -> bool:
        """The INVITE that opened this call, once more."""
        return not self.is_outgoing and request.branch == self.invite.branch

    def request_received(self, request: Message, source: "Address") -> None:
        """Anything inside the dialog."""
        method = request.method
        if method == "ACK":
            self._ack_received(request)
        elif method == "CANCEL":
            self._cancelled(request, source)
        elif method == "BYE":
            self._answer(request, 200, source)
            self._end("bye", request)
        elif method == "INVITE":
            self._take_sound(request.body)
            # RFC 3261 12.2.2: where the far side is reached from now on.
            self._target_uri = sip_text.uri_of(request.get("Contact")) or self._target_uri
            self._version += 1
            self._answer(request, 200, source, self._describe(self._mirrored()))
        else:
            self._answer(request, 200, source)

    def final_repeated(self, response: Message) -> None:
        """A repeat of a final response: its ACK was lost, so it goes out again."""
        if self.acknowledges and self.final and response.status == self.final.status:
            self._send_ack(response)

    def repeat_answer(self, now: float) -> None:
        """Our 200 again until its ACK is here (RFC 3261 13.3.1.4)."""
        if self._waiting_ack and now >= self._waiting_ack[1]:
            response, _, wait = self._waiting_ack
            self.phone.send(response, self._peer)
            wait = min(2 * wait, 4.0)
            self._waiting_ack = (response, now + wait, wait)

    # --- inside ---

    def _wait(self, check, what: str, timeout: float) -> None:
        with self.phone.changed:
            if not self.phone.changed.wait_for(check, timeout):
                raise TimeoutError(
                    f"{self.phone.user}: {what} did not come in {timeout:.0f} s; "
                    f"responses {self.statuses}\n{self.phone.trace_text()}"
                )

    def _describe(self, direction: str = "sendrecv") -> bytes:
        codecs = self.phone.codecs
        if self.remote and self.remote.codecs and not self.is_outgoing:
            codecs = tuple(codec for codec in codecs if codec in self.remote.codecs) or codecs
        host, port = self.phone.announce_sound or (self.media.host, self.media.port)
        events = self.phone.has_events
        return sip_text.describe_sound(host, port, codecs, direction, self._version, events)

    def _mirrored(self) -> str:
        reverse = {"sendonly": "recvonly", "recvonly": "sendonly"}
        direction = self.remote.direction if self.remote else "sendrecv"
        return reverse.get(direction, direction)

    def _take_sound(self, body: bytes) -> None:
        remote = sip_text.sound_of(body) if body else None
        if remote is None:
            return
        self.remote = remote
        self.directions.append(remote.direction)
        known = [codec for codec in remote.codecs if codec in self.phone.codecs]
        if known:
            self.media.codec = known[0]
        self.media.event_type = remote.event_type or self.media.event_type
        self.media.send_to = None if remote.host == "0.0.0.0" else (remote.host, remote.port)

    def _invite_answered(self, response: Message) -> None:
        self.statuses.append(response.status)
        if response.status < 200:
            self._take_sound(response.body)
            return
        is_challenge = response.status in (401, 407) and self.phone.password
        if response.status >= 300:
            self._send_ack(response)
        if is_challenge and self.invite and not self._was_challenged():
            self.statuses.pop()
            self.invite = self.phone.with_credentials(self.invite, response)
            self.phone.send_request(self.invite, self.phone.server, self._invite_answered)
            return
        self.final = response
        if response.status >= 300:
            self._end("refused", response)
            return
        self.is_answered, self.answered_at = True, time.monotonic()
        self._to = response.get("To")
        self._target_uri = sip_text.uri_of(response.get("Contact")) or self._target_uri
        self._routes = response.all("Record-Route")[::-1]
        self._cseq = max(self._cseq, response.cseq)
        self._take_sound(response.body)
        if self.acknowledges:
            self._send_ack(response)

    def _was_challenged(self) -> bool:
        assert self.invite
        return bool(self.invite.get("Authorization") or self.invite.get("Proxy-Authorization"))

    def _send_ack(self, response: Message) -> None:
        """Of a 2xx: a request of its own; of a refusal: same branch and URI (RFC 3261 17.1.1.3)."""
        assert self.invite
        refused = response.status >= 300
        uri = self.invite.start.split()[1] if refused else self._target_uri
        via = self.invite.get("Via") if refused else self.phone.new_via()
        ack = self._in_dialog("ACK", uri, response.cseq, via)
        ack.headers = [(n, response.get("To") if n == "To" else v) for n, v in ack.headers]
        self.phone.send(ack, self._peer)

    def _send_cancel(self) -> None:
        assert self.invite
        uri = self.invite.start.split()[1]
        cancel = self._in_dialog("CANCEL", uri, self.invite.cseq, self.invite.get("Via"))
        self.phone.send_request(cancel, self._peer, lambda _: None)

    def _send(
        self, method: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> list[Message]:
        """A request in the dialog; the final response comes into the list that is returned."""
        got: list[Message] = []
        self._cseq += 1
        request = self._in_dialog(method, self._target_uri, self._cseq, self.phone.new_via())
        request.headers += headers
        request.body = body

        def on_response(response: Message) -> None:
            if response.status >= 200:
                if method == "INVITE":
                    self._send_ack(response)
                got.append(response)

        if method == "INVITE":
            self.invite = request
        self.phone.send_request(request, self._peer, on_response)
        return got

    def _in_dialog(self, method: str, uri: str, cseq: int, via: str) -> Message:
        headers = [("Via", via), *(("Route", route) for route in self._routes)]
        headers += [("Max-Forwards", "70"), ("From", self._from), ("To", self._to)]
        headers += [("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}")]
        if method != "CANCEL":
            headers.append(("Contact", self.phone.contact))
        return Message(f"{method} {uri} SIP/2.0", headers)

    def _reinvite(self, direction: str) -> Message:
        with self.phone.lock:
            self._version += 1
            headers = [("Content-Type", "application/sdp")]
            got = self._send("INVITE", headers, self._describe(direction))
        self._wait(lambda: got, f"the answer to a re-INVITE ({direction})", 20.0)
        assert got[0].status == 200, f"re-INVITE: {got[0].start}\n{self.phone.trace_text()}"
        self._take_sound(got[0].body)
        return got[0]

    def _respond(self, status: int, body: bytes = b"", reason: str = "") -> Message:
        assert self.invite
        return self._answer(self.invite, status, self._peer, body, reason)

    def _answer(
        self, request: Message, status: int, source: "Address", body: bytes = b"", reason: str = ""
    ) -> Message:
        from tests.live.rtp_peer import answer_to

        text = f"{status} {reason or _REASONS.get(status, 'Whatever')}"
        response = answer_to(request, text, self.local_tag)
        if status < 300 and request.method == "INVITE":
            response.headers.append(("Contact", self.phone.contact))
        if body:
            response.headers.append(("Content-Type", "application/sdp"))
            response.body = body
        self.phone.respond(request, response, source)
        return response

    def _ack_received(self, request: Message) -> None:
        if self._waiting_ack or not self.is_outgoing:
            self._waiting_ack = None
            self.acknowledged = True
            self.is_answered = self.answered_at is not None
            self._take_sound(request.body)

    def _cancelled(self, request: Message, source: "Address") -> None:
        self._answer(request, 200, source)
        if not self.is_over and self.answered_at is None:
            self._respond(487)
            self._end("cancel", request)

    def _end(self, how: str, message: Message) -> None:
        if not self.is_over:
            self.ended_by, self.end_reason = how, message.get("Reason")
        self._waiting_ack = None
        self.media.mute()
