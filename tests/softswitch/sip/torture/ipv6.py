"""RFC 5118, "SIP Torture Test Messages for IPv6", all twelve, under the RFC's own names.

Only 4.2 is wrong; the others ask whether both families are understood wherever they may stand.
"""

from tests.softswitch.sip.torture.case import Case, wire


def _register(uri: str) -> bytes:
    """4.1 to 4.4."""
    return wire(
        f"""
REGISTER {uri} SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::1]>
CSeq: 98176 REGISTER
Content-Length: 0
"""
    )


def _options(uri: str) -> bytes:
    """4.10."""
    return wire(
        f"""
OPTIONS {uri} SIP/2.0
To: {uri}
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
Call-ID: G9559905523997077@hlau_4100
CSeq: 689 OPTIONS
Max-Forwards: 70
Content-Length: 0
"""
    )


_WITH_DELIMITERS = wire(
    """
BYE sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com;tag=bd76ya
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
CSeq: 321 BYE
Content-Length: 0
"""
)
_WITHOUT_DELIMITERS = wire(
    """
OPTIONS sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3
Call-ID: SSG95523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::9:1]>
CSeq: 921 OPTIONS
Content-Length: 0
"""
)
_IN_SDP = wire(
    """
INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "Caller" <sip:caller@[2001:db8::20]>
CSeq: 8612 INVITE
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: LENGTH
""",
    "v=0\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\n"
    "s=Live video feed for today's meeting\nc=IN IP6 2001:db8::20\nt=3338481189 3370017201\n"
    "m=audio 6000 RTP/AVP 2\na=rtpmap:2 G726-32/8000\n"
    "m=video 6024 RTP/AVP 107\na=rtpmap:107 H263-1998/90000\n",
)
_MANY_IN_HEADERS = wire(
    """
BYE sip:user@host.example.net SIP/2.0
Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200
Call-ID: 997077@lau_4100
Max-Forwards: 70
CSeq: 89187 BYE
To: sip:user@example.net;tag=9817--94
From: sip:user@example.com;tag=81x2
Content-Length: 0
"""
)
_MANY_IN_SDP = wire(
    """
INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "Caller" <sip:caller@[2001:db8::9:1]>
Max-Forwards: 70
CSeq: 8912 INVITE
Content-Type: application/sdp
Content-Length: LENGTH
""",
    "v=0\no=bob 280744730 28977631 IN IP4 host.example.com\ns=\nt=0 0\n"
    "m=audio 22334 RTP/AVP 0\nc=IN IP4 192.0.2.1\n"
    "m=video 6024 RTP/AVP 107\nc=IN IP6 2001:db8::1\na=rtpmap:107 H263-1998/90000\n",
)
_MAPPED = wire(
    """
INVITE sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:user@east.example.com;tag=81x2
Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19
Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>
CSeq: 612 INVITE
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: LENGTH
""",
    "v=0\no=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2\ns=Call me soon, please!\n"
    "c=IN IP6 ::ffff:192.0.2.2\nt=3338481189 3370017201\nm=audio 6000 RTP/AVP 2\n"
    "a=rtpmap:2 G726-32/8000\nm=video 6024 RTP/AVP 107\na=rtpmap:107 H263-1998/90000\n",
)

IPV6: dict[str, Case] = {
    "ipv6-good": Case("4.1", _register("sip:[2001:db8::10]")),
    "ipv6-bad": Case("4.2", _register("sip:2001:db8::10"), refused=400),
    "port-ambiguous": Case("4.3", _register("sip:[2001:db8::10:5070]")),
    "port-unambiguous": Case("4.4", _register("sip:[2001:db8::10]:5070")),
    "via-received-param-with-delim": Case("4.5", _WITH_DELIMITERS, stack=481),
    "via-received-param-no-delim": Case("4.5", _WITHOUT_DELIMITERS),
    "ipv6-in-sdp": Case("4.6", _IN_SDP),
    "mult-ip-in-header": Case("4.7", _MANY_IN_HEADERS, stack=481),
    "mult-ip-in-sdp": Case("4.8", _MANY_IN_SDP),
    "ipv4-mapped-ipv6": Case("4.9", _MAPPED),
    "ipv6-bug-abnf-3-colons": Case("4.10", _options("sip:user@[2001:db8:::192.0.2.1]")),
    "ipv6-correct-abnf-2-colons": Case("4.10", _options("sip:user@[2001:db8::192.0.2.1]")),
}
