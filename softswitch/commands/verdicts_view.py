"""How `softswitch call ID` tells what the sound was like and what went wrong, and what to do."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from softswitch.commands.calls_view import shown_text
from softswitch.trace.verdicts import (
    Certainty,
    Evidence,
    LegEvidence,
    Opinion,
    SoundStats,
    Verdict,
    judge,
    said,
    title,
)

# MOS 1 to 4.5 as heights; a piece that was not measured is a dot.
_HEIGHTS, _UNMEASURED = "▁▂▃▄▅▆▇█", "·"
_LOWEST, _HIGHEST = 1.0, 4.5
# A worst piece this far below the whole is told.
_NOTABLE = 0.3
_STYLES = {Certainty.SURE: "bold red", Certainty.LIKELY: "yellow", Certainty.NOTE: "cyan"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "sound": "Sound",
        "from": "from {who} {packets} packets",
        "lost": "{share} % lost",
        "jitter": "jitter {ms} ms",
        "to": "towards {who} {packets} packets",
        "not": "loss not measured",
        "mos": "MOS {mos} ({band})",
        "worst": "MOS {mos} ({band}), {worst} at its worst",
        "nb": "narrowband",
        "wb": "wideband",
        "came": "from {who}",
        "went": "towards {who}",
        "each": "{seconds} s each",
        "unmeasured": "Sound: not measured",
        "verdict": "Verdict",
        "fine": "nothing unusual in messages and sound",
        "fine_sound": "nothing unusual in the sound",
        "fine_messages": "nothing unusual in the messages",
        "untraced": "messages are not kept, so nothing is said of them",
        "nothing": "not measured: neither messages nor sound were kept",
    },
    "pl": {
        "sound": "Dźwięk",
        "from": "{who}: odebrano {packets} pakietów",
        "lost": "{share} % zginęło",
        "jitter": "jitter {ms} ms",
        "to": "wysłano {packets} pakietów",
        "not": "straty nie zmierzono",
        "mos": "MOS {mos} ({band})",
        "worst": "MOS {mos} ({band}), najgorzej {worst}",
        "nb": "wąskie pasmo",
        "wb": "szerokie pasmo",
        "came": "od: {who}",
        "went": "do: {who}",
        "each": "co {seconds} s",
        "unmeasured": "Dźwięk: nie zmierzono",
        "verdict": "Ocena",
        "fine": "w wiadomościach i dźwięku nic niezwykłego",
        "fine_sound": "w dźwięku nic niezwykłego",
        "fine_messages": "w wiadomościach nic niezwykłego",
        "untraced": "wiadomości nie zachowano, więc nic się o nich nie mówi",
        "nothing": "nie zmierzono: nie zachowano ani wiadomości, ani pomiarów dźwięku",
    },
}


def verdicts_view(evidence: Evidence, language: str) -> RenderableType:
    """The sound of each leg, then what is to be said of the call."""
    words = _WORDS[language]
    lines: list[RenderableType] = [Text(), *_sound_lines(evidence, words)]
    found = judge(evidence)
    for verdict in found:
        what, cure = said(verdict, language)
        head = shown_text(f"{title(verdict, language)}:", _STYLES[verdict.certainty])
        lines.append(head.append(" ").append_text(shown_text(what)))
        if cure:
            lines.append(Padding(shown_text(f"→ {cure}"), (0, 0, 0, 2), expand=False))
    if all(one.certainty is Certainty.NOTE for one in found):
        lines.append(shown_text(f"{words['verdict']}: {words[_all_clear(evidence)]}"))
    if not evidence.is_traced and evidence.is_measured:
        lines.append(shown_text(words["untraced"], "dim"))
    return Group(*lines)


def verdicts_dict(evidence: Evidence, language: str) -> dict[str, Any]:
    """For other programs: codes that stay, and the words."""
    return {
        "traced": evidence.is_traced,
        "sound": [_sound_dict(leg) for leg in evidence.legs if leg.sound is not None],
        "verdicts": [_verdict_dict(one, language) for one in judge(evidence)],
    }


def _all_clear(evidence: Evidence) -> str:
    if evidence.is_traced:
        return "fine" if evidence.is_measured else "fine_messages"
    return "fine_sound" if evidence.is_measured else "nothing"


def _sound_lines(evidence: Evidence, words: Mapping[str, str]) -> list[RenderableType]:
    heard = [leg for leg in evidence.legs if leg.sound is not None]
    if not heard:
        return [shown_text(words["unmeasured"], "dim")]
    lines: list[RenderableType] = []
    for leg in heard:
        if leg.sound is not None:
            lines.append(shown_text(f"{words['sound']}: {_sound(leg.who, leg.sound, words)}"))
            ways = (("came", leg.sound.heard), ("went", leg.sound.sent))
            lines += [_pieces(leg.who, words[way], one, words) for way, one in ways if one.mos]
    return lines


def _sound(who: str, sound: SoundStats, words: Mapping[str, str]) -> str:
    came = [words["from"].format(who=who, packets=sound.packets_in)]
    if sound.loss_in is not None:
        came.append(words["lost"].format(share=f"{sound.loss_in * 100:.1f}"))
    if sound.jitter_ms is not None and sound.packets_in:
        came.append(words["jitter"].format(ms=f"{sound.jitter_ms:.0f}"))
    came += _opinion(sound.heard, words)
    left = [words["to"].format(who=who, packets=sound.packets_out)]
    if sound.loss_remote is None:
        left.append(words["not"])
    else:
        left.append(words["lost"].format(share=f"{sound.loss_remote * 100:.1f}"))
    left += _opinion(sound.sent, words)
    return f"{', '.join(came)}; {', '.join(left)}"


def _opinion(one: Opinion, words: Mapping[str, str]) -> list[str]:
    """Nothing where nothing was measured: no figure is no good figure."""
    if one.mos is None:
        return []
    is_notable = one.worst is not None and one.mos - one.worst >= _NOTABLE
    worst = f"{one.worst:.1f}" if one.worst is not None else ""
    said = words["worst" if is_notable else "mos"]
    band = words["wb" if one.is_wide else "nb"]
    return [said.format(mos=f"{one.mos:.1f}", worst=worst, band=band)]


def _pieces(who: str, way: str, one: Opinion, words: Mapping[str, str]) -> RenderableType:
    """The timeline as a line of heights."""
    each = words["each"].format(seconds=one.seconds)
    line = f"{way.format(who=who)}: {''.join(map(_height, one.timeline))} ({each})"
    return Padding(shown_text(line, "dim"), (0, 0, 0, 2), expand=False)


def _height(mos: float | None) -> str:
    if mos is None:
        return _UNMEASURED
    share = (mos - _LOWEST) / (_HIGHEST - _LOWEST)
    return _HEIGHTS[round(min(max(share, 0.0), 1.0) * (len(_HEIGHTS) - 1))]


def _sound_dict(leg: LegEvidence) -> dict[str, Any]:
    sound = leg.sound
    assert sound is not None
    return {
        "who": leg.who,
        "call_id": leg.call_id,
        "seconds": sound.seconds,
        "packets_in": sound.packets_in,
        "packets_out": sound.packets_out,
        "loss_in": sound.loss_in,
        "loss_out": sound.loss_remote,
        "jitter_ms": sound.jitter_ms,
        "band": "wb" if sound.heard.is_wide else "nb",
        "mos_in": sound.heard.mos,
        "mos_out": sound.sent.mos,
        "worst_in": sound.heard.worst,
        "worst_out": sound.sent.worst,
        "timeline": {
            "seconds": sound.heard.seconds,
            "in": list(sound.heard.timeline),
            "out": list(sound.sent.timeline),
        },
    }


def _verdict_dict(verdict: Verdict, language: str) -> dict[str, Any]:
    what, cure = said(verdict, language)
    return {
        "code": verdict.code,
        "certainty": verdict.certainty.value,
        "facts": verdict.facts,
        "text": what,
        "cure": cure,
    }
