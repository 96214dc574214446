"""The rules: evidence in, verdicts out. Each is a function of a leg or of the whole call. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from softswitch.sip.refused_offer import TRANSPORT
from softswitch.store.fold import INTERRUPTED
from softswitch.trace.ladder import Arrow
from softswitch.trace.reading import Sdp
from softswitch.trace.verdicts.evidence import Evidence, LegEvidence, Opinion

# An INVITE goes out at 0, 0.5, 1.5, 3.5 s (RFC 3261 17.1.1.2): three times without a word is no
# slow network any more.
UNANSWERED = 3
# So many repeated messages on one leg: packets get lost, or come late.
MANY_REPEATS = 3
# Sound of less is no evidence: 2 s of packets sent without one in return, 5 s for shares.
SILENT_PACKETS, FEW_PACKETS = 100, 250
# From here on people complain (ITU-T G.113 gives G.711 with concealment some 3 %).
BAD_LOSS, BAD_JITTER_MS = 0.03, 40.0
# ITU-T G.107 annex B: nearly all users dissatisfied.
BAD_MOS = 3.1
CHALLENGES = (401, 407)
CODECS = (415, 488, 606)


class Certainty(StrEnum):
    """How much the evidence says."""

    SURE = "sure"
    LIKELY = "likely"
    NOTE = "note"  # worth knowing, no fault by itself


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` names the phrase; `facts` stand in it."""

    code: str
    certainty: Certainty
    facts: dict[str, str] = field(default_factory=dict)


def judge(evidence: Evidence) -> list[Verdict]:
    """All verdicts, the surest first; each one once."""
    found: list[Verdict] = list(_of_the_call(evidence))
    for leg in evidence.legs:
        for rule in _RULES:
            found.extend(one for one in rule(leg) if one not in found)
    order = list(Certainty)
    return sorted(found, key=lambda one: order.index(one.certainty))


def _of_the_call(evidence: Evidence) -> Iterator[Verdict]:
    if evidence.end.get("reason") == INTERRUPTED:
        yield Verdict("interrupted", Certainty.SURE)
    if evidence.end.get("reason") == "Media lost":
        yield Verdict("media_lost", Certainty.SURE)


def _no_ack(leg: LegEvidence) -> Iterator[Verdict]:
    """RFC 3261 13.3.1.4: our 200 is repeated for 32 s; then the call is ended."""
    acknowledged = {one.seen.cseq for one in leg.requests("ACK", ours=False)}
    for answer in leg.answers("INVITE", ours=True):
        status = answer.seen.status or 0
        if not 200 <= status < 300 or answer.seen.cseq in acknowledged:
            continue
        if answer.count < UNANSWERED:
            continue
        byes = leg.requests("BYE", ours=True)
        is_why = any(one.seen.reason == "No ACK" for one in byes)
        certainty = Certainty.SURE if is_why else Certainty.LIKELY
        code = "no_ack" if is_why else "no_ack_yet"
        yield Verdict(code, certainty, {"who": leg.who, "count": str(answer.count)})
        return


def _silent(leg: LegEvidence) -> Iterator[Verdict]:
    """We sent sound for seconds and nothing came, although the far side had promised some."""
    sound, described = leg.sound, _description(leg)
    if sound is None or sound.packets_in or sound.packets_out < SILENT_PACKETS:
        return
    if not leg.arrows or described is None or described.direction in ("recvonly", "inactive"):
        return
    facts = {"who": leg.who, "seconds": f"{sound.seconds:.0f}", "address": described.address}
    if described.is_private and not _is_home(leg, described):
        yield Verdict("silent_private", Certainty.LIKELY, facts)
    elif sound.strangers:
        yield Verdict("silent_stranger", Certainty.LIKELY, facts)
    else:
        yield Verdict("silent", Certainty.SURE, facts)


def _codec(leg: LegEvidence) -> Iterator[Verdict]:
    for ours in (False, True):
        for answer in leg.answers("INVITE", ours=ours):
            if answer.seen.status in CODECS:
                code = "codec_us" if ours else "codec_them"
                if ours and _is_for_encryption(leg, answer):
                    code = "plain_us"
                facts = {"who": leg.who, "status": _status(answer)}
                yield Verdict(code, Certainty.SURE, facts)


def _is_for_encryption(leg: LegEvidence, refusal: Arrow) -> bool:
    """RFC 3261 20.43: 302 is the way sound travels; and what they offered was plain."""
    offered = _description(leg)
    is_plain = offered is not None and not offered.is_encrypted
    return is_plain and refusal.seen.headers.get("Warning", "").startswith(f"{TRANSPORT} ")


def _passwords(leg: LegEvidence) -> Iterator[Verdict]:
    """Credentials were given and challenged again."""
    for ours in (True, False):
        methods = {one.seen.method for one in leg.arrows}
        for method in sorted(methods):
            refused = [
                one for one in leg.answers(method, ours=ours) if one.seen.status in CHALLENGES
            ]
            tries = [one for one in leg.requests(method, ours=not ours) if _has_credentials(one)]
            if len(refused) >= 2 and tries and not leg.has_success(method):
                code = "password_ours" if ours else "password_theirs"
                facts = {"who": leg.who, "count": str(len(refused))}
                yield Verdict(code, Certainty.LIKELY, facts)
                return


def _unreachable(leg: LegEvidence) -> Iterator[Verdict]:
    """Our INVITE was repeated and nothing came, not even a 100."""
    invites = [one for one in leg.requests("INVITE", ours=True) if not one.seen.is_inside]
    if (
        invites
        and invites[0].count >= UNANSWERED
        and not any(not one.is_ours for one in leg.arrows)
    ):
        code = "trunk_silent" if leg.participant.trunk else "phone_silent"
        facts = {"who": leg.who, "address": leg.participant.address}
        yield Verdict(code, Certainty.SURE, facts | {"count": str(invites[0].count)})


def _unknown_dialog(leg: LegEvidence) -> Iterator[Verdict]:
    """Only where the far side should have known: a 481 to a BYE or NOTIFY is a crossing."""
    for method in ("INVITE", "UPDATE", "OPTIONS", "INFO"):
        for answer in leg.answers(method, ours=False):
            if answer.seen.status == 481:
                yield Verdict("unknown_dialog", Certainty.LIKELY, {"who": leg.who})
                return


def _reason(leg: LegEvidence) -> Iterator[Verdict]:
    for method in ("BYE", "CANCEL"):
        for request in leg.requests(method, ours=False):
            if request.seen.reason:
                facts = {"who": leg.who, "reason": request.seen.reason}
                yield Verdict("reason", Certainty.NOTE, facts)


def _glare(leg: LegEvidence) -> Iterator[Verdict]:
    """RFC 3261 14.1: both sides changed the call at once; the next try decides."""
    for ours in (True, False):
        for method in ("INVITE", "UPDATE"):
            crossings = [one for one in leg.answers(method, ours=ours) if one.seen.status == 491]
            if not crossings:
                continue
            later = [
                one
                for one in leg.answers(method, ours=ours)
                if 200 <= (one.seen.status or 0) < 300 and one.offset > crossings[-1].offset
            ]
            code, certainty = "glare", Certainty.NOTE
            if not later:
                code, certainty = "glare_open", Certainty.LIKELY
            yield Verdict(code, certainty, {"who": leg.who})
            return


def _session_timer(leg: LegEvidence) -> Iterator[Verdict]:
    for ours in (True, False):
        for bye in leg.requests("BYE", ours=ours):
            reason = bye.seen.reason.lower()
            if "session" in reason and ("expired" in reason or "timer" in reason):
                code = "session_timer" if ours else "session_timer_them"
                yield Verdict(code, Certainty.SURE, {"who": leg.who})
                return


def _trunk_refused(leg: LegEvidence) -> Iterator[Verdict]:
    if not leg.participant.trunk or leg.has_success():
        return
    for answer in leg.answers("INVITE", ours=False):
        status = answer.seen.status or 0
        if status in _TRUNK_CODES:
            facts = {"who": leg.participant.trunk, "status": _status(answer)}
            yield Verdict(_TRUNK_CODES[status], Certainty.SURE, facts)
            return


def _repeats(leg: LegEvidence) -> Iterator[Verdict]:
    """Messages were repeated and got through in the end: packets get lost on the way."""
    if not any(not one.is_ours for one in leg.arrows):
        return
    count = sum(one.count - 1 for one in leg.arrows if one.seen.message.transport == "udp")
    if count >= MANY_REPEATS and not list(_no_ack(leg)):
        yield Verdict("repeats", Certainty.LIKELY, {"who": leg.who, "count": str(count)})


def _bad_sound(leg: LegEvidence) -> Iterator[Verdict]:
    sound = leg.sound
    if sound is None or sound.packets_in < FEW_PACKETS:
        return
    loss, jitter, remote = sound.loss_in, sound.jitter_ms, sound.loss_remote
    if loss is not None and loss >= BAD_LOSS:
        yield Verdict("loss_from", Certainty.SURE, {"who": leg.who, "share": _percent(loss)})
    if remote is not None and remote >= BAD_LOSS:
        yield Verdict("loss_to", Certainty.SURE, {"who": leg.who, "share": _percent(remote)})
    for code, opinion in (("poor_from", sound.heard), ("poor_to", sound.sent)):
        if opinion.worst is not None and opinion.worst < BAD_MOS:
            yield Verdict(code, Certainty.SURE, _bad_pieces(leg.who, opinion))
    if jitter is not None and jitter >= BAD_JITTER_MS:
        yield Verdict("jitter", Certainty.LIKELY, {"who": leg.who, "ms": f"{jitter:.0f}"})


_RULES: tuple[Callable[[LegEvidence], Iterator[Verdict]], ...] = (
    _no_ack,
    _silent,
    _codec,
    _passwords,
    _unreachable,
    _unknown_dialog,
    _session_timer,
    _trunk_refused,
    _bad_sound,
    _repeats,
    _glare,
    _reason,
)
_TRUNK_CODES = {
    401: "trunk_password",
    403: "trunk_forbidden",
    404: "trunk_number",
    407: "trunk_password",
    484: "trunk_number",
    500: "trunk_fault",
    502: "trunk_fault",
    503: "trunk_fault",
    504: "trunk_fault",
}


def _description(leg: LegEvidence) -> Sdp | None:
    """The last that the far side said of its sound."""
    found = [one.seen.sdp for one in leg.arrows if not one.is_ours and one.seen.sdp is not None]
    return found[-1] if found else None


def _is_home(leg: LegEvidence, described: Sdp) -> bool:
    """A phone in our own network: its signalling comes from an address of the same kind."""
    address = leg.participant.address.rpartition(":")[0]
    return Sdp(address).is_private or address == described.address


def _has_credentials(one: Arrow) -> bool:
    headers = one.seen.headers
    return "Authorization" in headers or "Proxy-Authorization" in headers


def _status(answer: Arrow) -> str:
    return f"{answer.seen.status} {answer.seen.phrase}".rstrip()


def _bad_pieces(who: str, opinion: Opinion) -> dict[str, str]:
    bad = sum(one is not None and one < BAD_MOS for one in opinion.timeline)
    return {"who": who, "mos": f"{opinion.worst:.1f}", "seconds": str(bad * opinion.seconds)}


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
