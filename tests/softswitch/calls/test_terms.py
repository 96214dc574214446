"""What is offered on which terms, and where keys may travel."""

import pytest

from softswitch.calls.agreed import in_engine_words
from softswitch.calls.terms import Terms
from softswitch.sip.codecs import G722, OPUS, PCMA, PCMU, Codec
from softswitch.sip.crypto import Srtp
from softswitch.sip.flow import Hop, Transport
from softswitch.sip.offer_answer import LocalMedia, OfferAnswer


def hop(transport: Transport = Transport.TLS) -> Hop:
    return Hop(transport, "192.0.2.1", 5061)


@pytest.mark.parametrize(
    ("prefer", "order"),
    [
        (None, (PCMA, PCMU, G722, OPUS)),
        (PCMU, (PCMU, PCMA, G722, OPUS)),
        (G722, (G722, OPUS, PCMA, PCMU)),
        (Codec("OPUS", 48000, 96, 2), (OPUS, G722, PCMA, PCMU)),
        (Codec("G729", 8000, 18), (PCMA, PCMU, G722, OPUS)),
    ],
)
def test_the_callers_codec_is_first_and_its_kind_follows(
    prefer: Codec | None, order: tuple[Codec, ...]
) -> None:
    assert Terms().capabilities(hop(), prefer).codecs == order


def test_only_what_the_office_names() -> None:
    terms = Terms(codecs=("opus", "PCMA"))
    assert terms.capabilities(hop(), PCMU).codecs == (OPUS, PCMA)


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("is_open_enough", [False, True])
def test_keys_travel_over_tls_unless_told_otherwise(
    transport: Transport, is_open_enough: bool
) -> None:
    may = transport.secure or is_open_enough
    for srtp in Srtp:
        terms = Terms(srtp=srtp, is_open_signalling_enough=is_open_enough)
        caps = terms.capabilities(hop(transport), None)
        assert (caps.new_key is not None) == may
        assert caps.is_encrypting == (may and srtp is not Srtp.OFF)
        assert terms.reach(hop(transport)) == (may or srtp is not Srtp.REQUIRED)


def test_each_key_is_another_one() -> None:
    new_key = Terms().capabilities(hop(), None).new_key
    assert new_key is not None
    assert len({new_key(30) for _ in range(20)}) == 20


def test_the_engine_is_told_both_keys() -> None:
    caps = Terms(srtp=Srtp.REQUIRED).capabilities(hop(), None)
    asking, offer = OfferAnswer.start(1, caps, LocalMedia("192.0.2.1", 4000)).make_offer()
    _, answer, far = OfferAnswer.start(2, caps, LocalMedia("192.0.2.2", 5000)).answer(offer)
    _, near = asking.accept_answer(answer)
    assert near is not None and far is not None
    one, other = in_engine_words(7, near).srtp, in_engine_words(8, far).srtp
    assert one is not None and other is not None
    assert (one.send, one.receive) == (other.receive, other.send)
    assert one.send not in repr(in_engine_words(7, near))
