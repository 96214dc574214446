"""What an offer and its answer agreed on, in the media engine's words."""

from media.api import OtherCodec, SetRemote
from softswitch.sip.offer_answer import AudioStream


def in_engine_words(leg: int, stream: AudioStream) -> SetRemote:
    """Where the far side is, what it sends and is sent."""
    others = (
        OtherCodec(one.name, number, one.clock, stream.dtmf_send, stream.dtmf_receive)
        for number, one in stream.others
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
        others=tuple(others),
    )
