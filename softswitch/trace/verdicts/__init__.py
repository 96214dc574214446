"""What went wrong in a call, in plain words, from its messages and events. Pure.

`rules` finds, `phrases` says it in Polish and English with what to do about it. A verdict is sure
only where the evidence leaves no other reading; what was not measured gives no verdict at all.
"""

from softswitch.trace.verdicts.evidence import Evidence, LegEvidence, Opinion, SoundStats, gather
from softswitch.trace.verdicts.phrases import LANGUAGES, said, title
from softswitch.trace.verdicts.rules import Certainty, Verdict, judge

__all__ = [
    "LANGUAGES",
    "Certainty",
    "Evidence",
    "LegEvidence",
    "Opinion",
    "SoundStats",
    "Verdict",
    "gather",
    "judge",
    "said",
    "title",
]
