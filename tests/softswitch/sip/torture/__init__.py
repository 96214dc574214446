"""The messages of RFC 4475, "SIP Torture Test Messages", rebuilt, each with what we make of it.

`valid` are its section 3.1.1, `malformed` 3.1.2, `meaning` 3.2 to 3.4 (well-formed, but to be
refused or understood in a special way). Names are the RFC's.
"""

from tests.softswitch.sip.torture.case import Case
from tests.softswitch.sip.torture.malformed import MALFORMED
from tests.softswitch.sip.torture.meaning import MEANING
from tests.softswitch.sip.torture.valid import VALID

CASES: dict[str, Case] = VALID | MALFORMED | MEANING

__all__ = ["CASES", "MALFORMED", "MEANING", "VALID", "Case"]
