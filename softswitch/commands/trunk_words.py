"""A trunk's test in plain words, Polish and English."""

from collections.abc import Iterator, Mapping
from typing import Any

_PL = {
    "title": "Łącze {trunk}, serwer {server} ({at})",
    "registered": "Rejestracja: {state}{error}",
    "alive": "Operator odpowiada (OPTIONS {status}) po {answered_in} ms{agent}",
    "dead": "Operator nie odpowiada na OPTIONS{status}",
    "seen": "Widzi nas pod adresem {seen_as}",
    "call": "Rozmowa na własny numer {number}:",
    "back": "  wróciła po {back_after} ms, z nagłówkami:",
    "rung": "  sygnał dzwonka u dzwoniącego po {rung_after} ms",
    "called": "  wybrany numer stoi w: {places}",
    "offer": "  operator proponuje {codecs}{ptime}; rozszerzenia: {extensions}",
    "agreed": "  uzgodniono {codec}, pakiety po {ptime} ms; zgubionych pakietów: {lost}",
    "keys": "  klawisze słyszalne: tam {there}, z powrotem {back}",
    "ended": "  odpowiedź operatora: {status} {reason}",
    "advice": "Wnioski:",
    "yes": "tak", "no": "nie", "none": "brak", "unknown": "nieznany",
    "did": "numer stoi gdzie indziej, niż mówi plik: wpisz `did: {}`",
    "did_nowhere": "numeru nie ma nigdzie w zgłoszeniu: zapytaj operatora, gdzie go wpisuje",
    "caller_shown": "operator pokazuje nasz numer (w: {})",
    "caller_hidden": "operator nie pokazuje żadnego numeru: `identity` albo prezentacja konta",
    "caller_other": "operator pokazuje {}, którego nie ma w `numbers`: `identity` albo konto",
    "somebody_else": "rozmowę odebrał ktoś inny: numer nie prowadzi tutaj, albo operator "
    "pokazuje obcy numer i rozmowa poszła jak od klienta",
    "no_way_back": "rozmowa nie wróciła: operator jej nie oddał, albo router ją gubi",
    "no_sound": "dźwięk nie przechodzi w obie strony: zapora lub NAT (porty RTP)",
    "password": "hasło lub `login` nie pasuje ({})",
    "account": "konto zablokowane lub nieopłacone ({})",
    "forbidden": "403: operator nie przyjmuje naszego numeru w tej postaci; teraz `format: {}`, "
    "sprawdź też `identity`",
    "format": "operator nie rozumie numeru w postaci `format: {}`: spróbuj innej",
    "codecs": "brak wspólnego kodeka: oferujemy {}",
    "extensions": "operator nie zna rozszerzenia ({}): wpisz `session_timers: false` lub "
    "`100rel: false`",
    "silent": "operator nie odpowiedział na rozmowę ({}): zapora, `transport` albo zły serwer",
    "busy": "operator nie ma wolnego kanału lub usługi ({})",
    "refused": "operator odmówił: {}",
}  # fmt: skip
_EN = {
    "title": "Trunk {trunk}, server {server} ({at})",
    "registered": "Registration: {state}{error}",
    "alive": "The provider answers (OPTIONS {status}) after {answered_in} ms{agent}",
    "dead": "The provider does not answer OPTIONS{status}",
    "seen": "He sees us at {seen_as}",
    "call": "A call to our own number {number}:",
    "back": "  came back after {back_after} ms, with these headers:",
    "rung": "  the caller hears ringing after {rung_after} ms",
    "called": "  the called number stands in: {places}",
    "offer": "  the provider offers {codecs}{ptime}; extensions: {extensions}",
    "agreed": "  agreed on {codec}, packets of {ptime} ms; packets lost: {lost}",
    "keys": "  keys are heard: there {there}, back {back}",
    "ended": "  the provider's answer: {status} {reason}",
    "advice": "What this says:",
    "yes": "yes", "no": "no", "none": "none", "unknown": "unknown",
    "did": "the number stands elsewhere than the file says: write `did: {}`",
    "did_nowhere": "the number stands nowhere in the INVITE: ask the provider where it is",
    "caller_shown": "the provider shows our number (in: {})",
    "caller_hidden": "the provider shows no number: `identity`, or the account's CLIP",
    "caller_other": "the provider shows {}, which is not in `numbers`: look at `identity` or the "
    "account",
    "somebody_else": "somebody else took the call: the number does not lead here, or the "
    "provider shows a foreign number and the call was led like a client's",
    "no_way_back": "the call did not come back: the provider kept it, or a router drops it",
    "no_sound": "sound does not pass both ways: a firewall or NAT (the RTP ports)",
    "password": "the password or `login` does not fit ({})",
    "account": "the account is blocked or not paid ({})",
    "forbidden": "403: the provider does not take our number in this form; now `format: {}`, look "
    "at `identity` too",
    "format": "the provider does not understand numbers as `format: {}`: try another one",
    "codecs": "no codec in common: we offer {}",
    "extensions": "the provider does not know an extension ({}): write `session_timers: false` or "
    "`100rel: false`",
    "silent": "the provider did not answer the call ({}): firewall, `transport`, server",
    "busy": "the provider has no channel or no service now ({})",
    "refused": "the provider refused: {}",
}  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = {"pl": _PL, "en": _EN}


def lines_of(report: Mapping[str, Any], language: str | None = None) -> Iterator[str]:
    """The report, line by line; without a language in the office's."""
    words = _WORDS.get(language or report["language"], _WORDS["en"])
    error = f" ({report['error']})" if report["error"] else ""
    at = ", ".join(report["at"]) or words["unknown"]
    yield words["title"].format(trunk=report["trunk"], server=report["server"], at=at)
    yield words["registered"].format(state=report["state"], error=error)
    yield from _life(report, words)
    if report["number"] is not None:
        yield words["call"].format(number=report["number"])
        yield from _call(report, words)
    if report["advice"]:
        yield words["advice"]
        for one in report["advice"]:
            yield f"  - {words[one['what']].format(one['value'])}"


def _life(report: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    agent = f": {report['agent']}" if report["agent"] else ""
    if report["alive"]:
        yield words["alive"].format(
            status=report["status"], answered_in=report["answered_in"], agent=agent
        )
    else:
        yield words["dead"].format(status=f": {report['status']}" if report["status"] else "")
    if report["seen_as"]:
        yield words["seen"].format(seen_as=report["seen_as"])


def _call(report: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    shown = report["shown"]
    if shown is not None:
        yield words["back"].format(back_after=report["back_after"])
        for name, text in shown["identity"].items():
            yield f"    {name}: {text}"
        places = ", ".join(f"{place} ({text})" for place, text in shown["called"].items())
        yield words["called"].format(places=places or words["none"])
        yield words["offer"].format(
            codecs=", ".join(shown["codecs"]) or words["none"],
            ptime=f", ptime {shown['ptime']}" if shown["ptime"] else "",
            extensions=", ".join(shown["extensions"]) or words["none"],
        )
    if report["rung_after"] is not None:
        yield words["rung"].format(rung_after=report["rung_after"])
    if report["codec"] is not None:
        lost = " + ".join(str(one) for one in report["lost"]) or words["unknown"]
        yield words["agreed"].format(codec=report["codec"], ptime=report["ptime"], lost=lost)
    if report["keys"]:
        there, back = (words["yes" if one else "no"] for one in report["keys"])
        yield words["keys"].format(there=there, back=back)
    if report["call_status"] not in (None, 200):
        yield words["ended"].format(status=report["call_status"], reason=report["call_reason"])
