"""RFC 4475 3.2 to 3.4: well-formed messages that transactions and users must think about."""

from tests.softswitch.sip.torture.case import Case, sdp, wire

BADBRANCH = wire(
    """
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK
Accept: application/sdp
Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n
CSeq: 8 OPTIONS
l: 0
"""
)

INSUF = wire(
    """
INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: LENGTH
""",
    sdp("192.0.2.95"),
)


def options(uri: str, call_id: str) -> bytes:
    """3.3.2 and 3.3.3 differ in the scheme of the Request-URI."""
    return wire(
        f"""
OPTIONS {uri} SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=384
Max-Forwards: 3
Call-ID: {call_id}
CSeq: 3923423 OPTIONS
Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
Content-Length: 0
"""
    )


UNKSCM = options("nobodyKnowsThisScheme:totallyopaquecontent", "unkscm.nasdfasser0q239nwsdfasdkl34")
NOVELSC = options("soap.beep://192.0.2.103:3002", "novelsc.asdfasser0q239nwsdfasdkl34")

UNKSM2 = wire(
    """
REGISTER sip:example.com SIP/2.0
To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 234902 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
Contact: <name:John_Smith>
l: 0
"""
)

BEXT01 = wire(
    """
OPTIONS sip:user@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.net;tag=242etr
Max-Forwards: 6
Call-ID: bext01.0ha0isndaksdj
Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
CSeq: 8 OPTIONS
Via: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw
Content-Length: 0
"""
)

INVUT = wire(
    """
INVITE sip:user@example.com SIP/2.0
Contact: <sip:caller@host5.example.net>
To: sip:j.user@example.com
From: sip:caller@example.net;tag=8392034
Max-Forwards: 70
Call-ID: invut.0ha0isndaksdjadsfij34n23d
CSeq: 235448 INVITE
Via: SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
Content-Type: application/unknownformat
Content-Length: LENGTH
""",
    '<audio>\n <pcmu port="443"/>\n</audio>\n',
)

REGAUT01 = wire(
    """
REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=87321hj23128
Max-Forwards: 8
Call-ID: regaut01.0ha0isndaksdj
CSeq: 9338 REGISTER
Via: SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKkdjuw
Authorization: NoOneKnowsThisScheme opaque-data=here
Content-Length:0
"""
)

MULTI01 = wire(
    """
INVITE sip:user@company.com SIP/2.0
Contact: <sip:caller@host25.example.net>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: LENGTH
Contact: <sip:caller@host36.example.net>
Max-Forwards: 5
""",
    sdp("192.0.2.25"),
)

MCL01 = wire(
    """
OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
To: sip:user@example.com
From: sip:other@example.net;tag=3923942
Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
CSeq: 15932 OPTIONS
Content-Length: 13
Max-Forwards: 60
Content-Length: 5
Content-Type: text/plain
""",
    "There's no way to know how many octets are supposed to be here.\n",
)

BCAST = wire(
    """
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: LENGTH
Content-Type: application/sdp
Contact: <sip:user@host28.example.com>
""",
    sdp("192.0.2.198"),
)

ZEROMF = wire(
    """
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=3ghsd41
Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas
CSeq: 39234321 OPTIONS
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i
Max-Forwards: 0
Content-Length: 0
"""
)


def register(name: str, tag: str, cseq: int, contact: str) -> bytes:
    """3.3.12 to 3.3.14: what belongs to the URI of a Contact, and what to the header."""
    return wire(
        f"""
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards: 70
From: sip:watson@example.com;tag={tag}
To: sip:watson@example.com
Call-ID: {name}.70710@saturn.example.com
CSeq: {cseq} REGISTER
{contact}
L:0
"""
    )


CPARAM01 = register(
    "cparam01",
    "DkfVgjkrtMwaerKKpe",
    2,
    "Contact: sip:+19725552222@gw1.example.net;unknownparam",
)
CPARAM02 = register(
    "cparam02", "838293", 3, "Contact: <sip:+19725552222@gw1.example.net;unknownparam>"
)
REGESCRT = register(
    "regescrt", "8", 14398234, "M: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"
)

SDP01 = wire(
    """
INVITE sip:user@example.com SIP/2.0
To: sip:j_user@example.com
Contact: <sip:caller@host15.example.net>
From: sip:caller@example.net;tag=234
Max-Forwards: 5
Call-ID: sdp01.ndaksdj9342dasdd
Accept: text/nobodyKnowsThis
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw
Content-Length: LENGTH
Content-Type: application/sdp
""",
    sdp("192.0.2.5"),
)

INV2543 = wire(
    """
INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp
""",
    "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.5\ns=-\nc=IN IP4 192.0.2.5\nt=0 0\n"
    "m=audio 49217 RTP/AVP 0\n",
)

MEANING = {
    # No more than the cookie is no transaction id: matched by the rules of RFC 2543.
    "badbranch": Case("3.2.1", BADBRANCH),
    "insuf": Case("3.3.1", INSUF, refused=400),
    "unkscm": Case("3.3.2", UNKSCM, stack=416),
    "novelsc": Case("3.3.3", NOVELSC, stack=416),
    "unksm2": Case("3.3.4", UNKSM2),
    "bext01": Case("3.3.5", BEXT01, stack=420),
    # 415 and 406 are the user's to say.
    "invut": Case("3.3.6", INVUT),
    "regaut01": Case("3.3.7", REGAUT01),
    "multi01": Case("3.3.8", MULTI01, refused=400),
    "mcl01": Case("3.3.9", MCL01, refused=400),
    "bcast": Case("3.3.10", BCAST),
    # Not passed on, so the last hop may be us.
    "zeromf": Case("3.3.11", ZEROMF),
    "cparam01": Case("3.3.12", CPARAM01),
    "cparam02": Case("3.3.13", CPARAM02),
    "regescrt": Case("3.3.14", REGESCRT),
    "sdp01": Case("3.3.15", SDP01),
    "inv2543": Case("3.4.1", INV2543),
}
