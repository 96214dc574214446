"""Names of header fields, methods and statuses (RFC 3261 7.3.3, 21, and the IANA registry).

Tables only. Names of fields are compared without case and in two lengths; `canonical` makes one
spelling of all of them, which is what `fields.Headers` stores and compares.
"""

from __future__ import annotations

METHODS = frozenset(
    {
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "OPTIONS",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    }
)
"""Every registered method; what is not here is answered 501."""

COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""The letters that stand for a name, of the IANA registry."""

# Seen in ordinary traffic, so that a look-up spells them; the others are capitalized word by word.
_COMMON = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Authentication-Info",
    "Authorization",
    "CSeq",
    "Call-Info",
    "Content-Disposition",
    "Content-ID",
    "Content-Language",
    "Date",
    "Diversion",
    "Error-Info",
    "Expires",
    "Feature-Caps",
    "Flow-Timer",
    "Geolocation",
    "History-Info",
    "In-Reply-To",
    "Info-Package",
    "Join",
    "MIME-Version",
    "Max-Breadth",
    "Max-Forwards",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Access-Network-Info",
    "P-Asserted-Identity",
    "P-Associated-URI",
    "P-Called-Party-ID",
    "P-Charging-Vector",
    "P-Early-Media",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "RSeq",
    "Reason",
    "Record-Route",
    "Recv-Info",
    "Refer-Sub",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Require",
    "Retry-After",
    "Route",
    "SIP-ETag",
    "SIP-If-Match",
    "Server",
    "Service-Route",
    "Subscription-State",
    "Suppress-If-Match",
    "Target-Dialog",
    "Timestamp",
    "Unsupported",
    "User-Agent",
    "User-to-User",
    "WWW-Authenticate",
    "Warning",
]

SPELLINGS: dict[str, str] = {}
"""The usual ways to write each known name, and the name: what `canonical` finds at once."""
for _name in (*_COMMON, *COMPACT.values()):
    SPELLINGS.update(dict.fromkeys((_name, _name.lower(), _name.upper()), _name))
for _letter, _name in COMPACT.items():
    SPELLINGS.update(dict.fromkeys((_letter, _letter.upper()), _name))

_REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    417: "Unknown Resource-Priority",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    424: "Bad Location Information",
    425: "Bad Alert Message",
    428: "Use Identity Header",
    429: "Provide Referrer Identity",
    430: "Flow Failed",
    433: "Anonymity Disallowed",
    436: "Bad Identity-Info",
    437: "Unsupported Certificate",
    438: "Invalid Identity Header",
    439: "First Hop Lacks Outbound Support",
    440: "Max-Breadth Exceeded",
    469: "Bad Info Package",
    470: "Consent Needed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    494: "Security Agreement Required",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    555: "Push Notification Service Not Supported",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
    608: "Rejected",
}
_CLASSES = {1: "Progress", 2: "OK", 3: "Redirection", 4: "Client Error", 5: "Server Error"}


def canonical(name: str) -> str:
    """A field's name as the RFCs write it: `v` → `Via`, `call-id` → `Call-ID`, `x-a` → `X-A`."""
    known = SPELLINGS.get(name)
    if known is not None:
        return known
    lower = name.lower()
    return SPELLINGS.get(lower) or "-".join(word.capitalize() for word in lower.split("-"))


def reason_phrase(status: int) -> str:
    """The RFC's words for a status; those of its class for one that is not registered."""
    return _REASONS.get(status) or _CLASSES.get(status // 100, "Global Failure")
