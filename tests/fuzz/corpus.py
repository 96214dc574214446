"""What inputs are made from: the torture messages, and messages as phones in offices send them.

The phones' texts are written after what such devices are seen to send; addresses are the RFCs'.
"""

from tests.softswitch.sip.torture import CASES
from tests.softswitch.sip.torture.ipv6 import IPV6

_SDP = (
    "v=0\r\no=- 20083 20083 IN IP4 192.0.2.20\r\ns=SDP data\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\n"
    "m=audio 11782 RTP/AVP 8 0 18 9 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)
_BROWSER_SDP = (
    "v=0\r\no=mozilla 5184 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "a=ice-options:trickle\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtpmap:109 opus/48000/2\r\na=fmtp:109 maxplaybackrate=48000;stereo=1\r\na=mid:0\r\n"
    "a=fingerprint:sha-256 AB:CD:EF\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:0 1 UDP 2122252543 192.0.2.44 53187 typ host\r\nm=video 0 RTP/AVP 97\r\n"
)

_YEALINK = """\
INVITE sip:102@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK1184739262;rport
From: "Anna" <sip:101@192.0.2.1:5060>;tag=3083247195
To: <sip:102@192.0.2.1:5060>
Call-ID: 0_2716354899@192.0.2.20
CSeq: 2 INVITE
Contact: <sip:101@192.0.2.20:5060>;+sip.instance="<urn:uuid:0e0b0b0b-0000-1000-8000-805ec0aabbcc>"
Authorization: Digest username="101", realm="softswitch", nonce="18f.1.AbCd",
 uri="sip:102@192.0.2.1:5060", response="aa",
 algorithm=MD5, cnonce="0a", qop=auth, nc=00000001
Content-Type: application/sdp
Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS,
 NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE
Max-Forwards: 70
User-Agent: Yealink SIP-T46U 108.86.0.20
Supported: replaces, 100rel, timer
Session-Expires: 1800;refresher=uac
Allow-Events: talk,hold,conference,refer,check-sync
P-Preferred-Identity: "Anna" <sip:101@192.0.2.1>
"""
_GRANDSTREAM = """\
REGISTER sip:192.0.2.1 SIP/2.0
Via: SIP/2.0/TCP 192.0.2.21:41234;branch=z9hG4bK1938;rport;alias
Route: <sip:192.0.2.1;lr>
From: "102" <sip:102@192.0.2.1>;tag=1846
To: "102" <sip:102@192.0.2.1>
Call-ID: 994187253-5060-1@BJC.BGI.A.CB
CSeq: 2000 REGISTER
Contact: <sip:102@192.0.2.21:41234;transport=tcp>;reg-id=1
 ;+sip.instance="<urn:uuid:00000000-0000-1000-8000-C074ADAABBCC>";q=0.7;expires=3600
X-Grandstream-PBX: true
Max-Forwards: 70
User-Agent: Grandstream GXP2170 1.0.11.48
Supported: path, outbound, gruu
Path: <sip:edge.example.com;lr>
Expires: 3600
"""
_SNOM = """\
SUBSCRIBE sip:103@192.0.2.1 SIP/2.0
v: SIP/2.0/UDP 192.0.2.22:3072;branch=z9hG4bK-8z6m0fwhsuw3;rport
f: <sip:101@192.0.2.1>;tag=zqz7twijev
t: <sip:103@192.0.2.1>
i: 3c26701b8a3c-r5pmqamk1p6p
CSeq: 1 SUBSCRIBE
Max-Forwards: 70
m: <sip:101@192.0.2.22:3072;line=dwbd7g7n>;reg-id=1
o: dialog
Accept: application/dialog-info+xml
Expires: 3600
"""
_TRANSFER = """\
REFER sip:switch@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK77;rport
From: <sip:101@192.0.2.1>;tag=a
To: <sip:102@192.0.2.1>;tag=b
Call-ID: transfer@192.0.2.20
CSeq: 3 REFER
Contact: <sip:101@192.0.2.20:5060>
Refer-To: <sip:103@192.0.2.1?Replaces=0_27%40192.0.2.20%3Bto-tag%3D1%3Bfrom-tag%3D2>
Referred-By: <sip:101@192.0.2.1>
Refer-Sub: false
Max-Forwards: 70
"""
_RINGING = """\
SIP/2.0 180 Ringing
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtoken00000001;rport=5060;received=192.0.2.1
Record-Route: <sip:edge.example.com;lr>, <sip:core.example.com;lr>
From: <sip:+48600100200@192.0.2.1>;tag=ours
To: <sip:101@192.0.2.20>;tag=theirs
Call-ID: outgoing
CSeq: 1 INVITE
Contact: <sip:101@192.0.2.20:5060>
Require: 100rel
RSeq: 811
Reason: SIP;cause=200;text="Call completed elsewhere"
Retry-After: 18 (busy);duration=60
Alert-Info: <http://example.com/ring.wav>;info=alert-internal
"""
_CHALLENGE = """\
SIP/2.0 401 Unauthorized
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtoken00000002
From: <sip:office@trunk.example.com>;tag=ours
To: <sip:office@trunk.example.com>;tag=theirs
Call-ID: trunk
CSeq: 1 REGISTER
WWW-Authenticate: Digest realm="trunk, \\"PL\\"", nonce="n,1", qop="auth,auth-int",
 algorithm=SHA-256, Digest realm="b", nonce="2", opaque=""
WWW-Authenticate: Basic realm="x"
Min-SE: 90
"""
_OTHERS = """\
{method} sip:switch@192.0.2.1 SIP/2.0
Via: SIP/2.0/TLS phone.example.com;branch=z9hG4bK{method}
From: sip:101@example.com;tag=1
To: sip:102@example.com;tag=2
Call-ID: {method}@example.com
CSeq: 4 {method}
RAck: 811 1 INVITE
Event: dialog;id=7
Subscription-State: terminated;reason=noresource
Info-Package: dtmf
Privacy: id;header
P-Asserted-Identity: "Jan" <sip:+48600100200@example.com>, tel:+48600100200
History-Info: <sip:101@example.com?Reason=SIP%3Bcause%3D302>;index=1
Content-Type: application/dtmf-relay
"""

METHODS = ("ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "NOTIFY", "MESSAGE", "OPTIONS")


def _whole(head: str, body: str = "") -> bytes:
    data = body.encode()
    text = head.replace("\n", "\r\n") + f"Content-Length: {len(data)}\r\n\r\n"
    return text.encode() + data


PHONES: tuple[bytes, ...] = (
    _whole(_YEALINK, _SDP),
    _whole(_YEALINK, _BROWSER_SDP),
    _whole(_GRANDSTREAM),
    _whole(_SNOM),
    _whole(_TRANSFER),
    _whole(_RINGING, _SDP),
    _whole(_CHALLENGE),
    *(_whole(_OTHERS.format(method=method), "Signal=5\r\nDuration=160\r\n") for method in METHODS),
)
MESSAGES: tuple[bytes, ...] = (
    *PHONES,
    *(case.data for case in CASES.values()),
    *(case.data for case in IPV6.values()),
)
BODIES: tuple[bytes, ...] = (
    _SDP.encode(),
    _BROWSER_SDP.encode(),
    *(body for case in CASES.values() if (body := case.data.partition(b"\r\n\r\n")[2])),
)
VALUES: tuple[str, ...] = tuple(
    sorted(
        {
            value.strip()
            for data in MESSAGES
            for line in data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
            if (value := line.partition(":")[2]).strip()
        }
    )
)
"""Header values of any kind: each is given to each parser."""
