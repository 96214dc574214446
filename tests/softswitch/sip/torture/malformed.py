"""RFC 4475 3.1.2: messages that are not well-formed. Where we are laxer, the table says why."""

from tests.softswitch.sip.torture.case import Case, sdp, wire


def invite(start: str, tag: str, call_id: str, via: str, more: str = "", host: str = "") -> bytes:
    """The INVITE that most of this section's messages are, with an offer."""
    body = sdp(host) if host else ""
    length = "" if "Content-Length" in more else "Content-Length: LENGTH\n"
    return wire(
        f"{start}\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag={tag}\n"
        f"Max-Forwards: 70\nCall-ID: {call_id}\nCSeq: 1 INVITE\nVia: {via}\n"
        f"Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp\n{more}{length}",
        body,
    )


BADINV01 = wire(
    """
INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Length: LENGTH
Content-Type: application/sdp
""",
    sdp("192.0.2.15"),
)

CLERR = invite(
    "INVITE sip:user@example.com SIP/2.0",
    "93942939o2",
    "clerr.0ha0isndaksdjweiafasdk3",
    "SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523",
    "Content-Length: 9999\n",
    "192.0.2.155",
)

NCL = invite(
    "INVITE sip:user@example.com SIP/2.0",
    "32394234",
    "ncl.0ha0isndaksdj2193423r542w35",
    "SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw",
    "Content-Length: -999\n",
    "192.0.2.53",
)

SCALAR02 = wire(
    f"""
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 1{"0" * 100}
Contact: <sip:user@host129.example.com>
  ;expires=280297596632815
Content-Length: 0
"""
)

SCALARLG = wire(
    """
SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0
"""
)

QUOTBAL = wire(
    """
INVITE sip:user@example.com SIP/2.0
To: "Mr. J. User <sip:j.user@example.com>
From: sip:caller@example.net;tag=93334
Max-Forwards: 10
Call-ID: quotbal.aksdj
Contact: <sip:caller@host59.example.net>
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
Content-Type: application/sdp
Content-Length: LENGTH
""",
    sdp("192.0.2.15"),
)

LTGTRURI = invite(
    "INVITE <sip:user@example.com> SIP/2.0",
    "39291",
    "ltgtruri.1@192.0.2.5",
    "SIP/2.0/UDP 192.0.2.5",
    host="192.0.2.5",
)

LWSRURI = invite(
    "INVITE sip:user@example.com; lr SIP/2.0",
    "231413434",
    "lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423",
    "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395",
    host="192.0.2.1",
)

LWSSTART = invite(
    "INVITE  sip:user@example.com  SIP/2.0",
    "8814",
    "lwsstart.dfknq234oi243099adsdfnawe3@example.com",
    "SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923",
    host="192.0.2.1",
)

TRWS = wire(
    """
OPTIONS sip:remote-target@example.com SIP/2.0\x20\x20
Via: SIP/2.0/TCP host1.examle.com;branch=z9hG4bK299342093
To: <sip:remote-target@example.com>
From: <sip:local-resource@example.com>;tag=329429089
Call-ID: trws.oicu34958239neffasdhr2345r
Accept: application/sdp
CSeq: 238923 OPTIONS
Max-Forwards: 70
Content-Length: 0
"""
)

ESCRURI = invite(
    "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0",
    "341518",
    "escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5",
    "SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKkdjuw",
    host="192.0.2.1",
)

BADDATE = invite(
    "INVITE sip:user@example.com SIP/2.0",
    "2234923",
    "baddate.239423mnsadf3j23lj42--sedfnm234",
    "SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw",
    "Date: Fri, 01 Jan 2010 16:00:00 EST\n",
    "192.0.2.5",
)

REGBADCT = wire(
    """
REGISTER sip:example.com SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=998332
Max-Forwards: 70
Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
CSeq: 1 REGISTER
Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw
Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
l: 0
"""
)

BADASPEC = wire(
    """
OPTIONS sip:user@example.org SIP/2.0
Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
Max-Forwards: 70
From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423
To: "Watson, Thomas" < sip:t.watson@example.org >
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
Accept: application/sdp
CSeq: 3923239 OPTIONS
l: 0
"""
)

BADDN = wire(
    """
OPTIONS sip:t.watson@example.org SIP/2.0
Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards:      70
From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To:      Watson, Thomas <sip:t.watson@example.org>
Call-ID: baddn.31415@c.example.com
Accept: application/sdp
CSeq:    3923239 OPTIONS
l: 0
"""
)

BADVERS = wire(
    """
OPTIONS sip:t.watson@example.org SIP/7.0
Via:     SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw
Max-Forwards:     70
From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
To:      T. Watson <sip:t.watson@example.org>
Call-ID: badvers.31417@c.example.com
CSeq:    1 OPTIONS
l: 0
"""
)

MISMATCH01 = wire(
    """
OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
l: 0
"""
)

MISMATCH02 = wire(
    """
NEWMETHOD sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Contact: <sip:caller@host.example.net>
Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw
Content-Type: application/sdp
l: LENGTH
""",
    sdp("192.0.2.1"),
)

BIGCODE = wire(
    """
SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
"""
)

MALFORMED = {
    "badinv01": Case("3.1.2.1", BADINV01, refused=400),
    "clerr": Case("3.1.2.2", CLERR, refused=400),
    "ncl": Case("3.1.2.3", NCL, refused=400),
    "scalar02": Case("3.1.2.4", SCALAR02, refused=400),
    "scalarlg": Case("3.1.2.5", SCALARLG, refused=400, is_answered=False),
    "quotbal": Case("3.1.2.6", QUOTBAL, refused=400),
    "ltgtruri": Case("3.1.2.7", LTGTRURI, refused=400),
    "lwsruri": Case("3.1.2.8", LWSRURI, refused=400),
    "lwsstart": Case("3.1.2.9", LWSSTART, refused=400),
    "trws": Case("3.1.2.10", TRWS, refused=400),
    "escruri": Case("3.1.2.11", ESCRURI, refused=400),
    # "the element could choose to be liberal": nobody here reads Date.
    "baddate": Case("3.1.2.12", BADDATE),
    # Read, since its Contact is none of the fields that an answer needs; `contacts` refuses it.
    "regbadct": Case("3.1.2.13", REGBADCT, stack=400),
    # Liberal: the blanks in <> and the unquoted comma leave no doubt who is meant.
    "badaspec": Case("3.1.2.14", BADASPEC),
    "baddn": Case("3.1.2.15", BADDN),
    "badvers": Case("3.1.2.16", BADVERS, refused=505),
    "mismatch01": Case("3.1.2.17", MISMATCH01, refused=400),
    "mismatch02": Case("3.1.2.18", MISMATCH02, refused=400),
    "bigcode": Case("3.1.2.19", BIGCODE, refused=400, is_answered=False),
}
