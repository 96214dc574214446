"""What an offer and its answer agreed on, in the media engine's words."""

import base64

from media.api import OtherCodec, SetRemote, SrtpKeys
from softswitch.sip.crypto import Keys
from softswitch.sip.offer_answer import AudioStream


def in_engine_words(leg: int, stream: AudioStream) -> SetRemote:
    """Where the far side is, what it sends and is sent."""
    others = (
        OtherCodec(
            one.codec.name,
            one.codec.payload_type,
            one.codec.clock,
            one.dtmf_send,
            one.dtmf_receive,
            one.dtmf_clock,
        )
        for one in stream.others
    )
    return SetRemote(
        leg=leg,
        host=stream.remote_host,
        port=stream.remote_port,
        rtcp_host=stream.rtcp_host,
        rtcp_port=stream.rtcp_port,
        codec=stream.codec.name,
        payload_type=stream.codec.payload_type,
        dtmf_send=stream.dtmf_send,
        dtmf_receive=stream.dtmf_receive,
        ptime=stream.ptime,
        send=stream.direction.sends,
        receive=stream.direction.receives,
        clock=stream.codec.clock,
        dtmf_clock=stream.dtmf_clock,
        others=tuple(others),
        noise_type=stream.noise,
        srtp=None if stream.keys is None else _srtp(stream.keys),
        # RFC 4733 1: tones in the sound are what is left where no events were agreed on.
        tones=stream.dtmf_receive is None,
        xr=stream.wants_metrics,
        most_bits=stream.most_bits,
    )


def _srtp(keys: Keys) -> SrtpKeys:
    send, receive = (base64.b64encode(key).decode() for key in (keys.send, keys.receive))
    return SrtpKeys(keys.suite.name, send, receive)
