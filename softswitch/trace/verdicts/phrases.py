"""Verdicts in plain words: what happened, and what to do about it. Polish and English."""

from collections.abc import Mapping

from softswitch.trace.verdicts.rules import Certainty, Verdict

LANGUAGES = ("en", "pl")

# Said after each other: what happened; what to do.
_ENGLISH: Mapping[str, tuple[str, str]] = {
    "interrupted": (
        "The telephone system was stopped or died during this call.",
        "Look at its log before this moment; restart it outside office hours.",
    ),
    "media_lost": (
        "The media worker died; everybody's sound was lost.",
        "Look at the log for `the media worker died` and at the memory of the machine.",
    ),
    "no_ack": (
        "{who} never confirmed our answer (no ACK; 200 OK sent {count} times), so the call was "
        "ended.",
        "Check firewall, NAT and SIP ALG between {who} and us: switch SIP ALG off in the router.",
    ),
    "no_ack_yet": (
        "{who} did not confirm our answer (no ACK; 200 OK sent {count} times).",
        "Check firewall, NAT and SIP ALG between {who} and us: such calls end after 32 s.",
    ),
    "silent": (
        "No sound came from {who} in {seconds} s: the other side heard nothing.",
        "Is its microphone muted? Let UDP through the firewall from {address} to the RTP ports.",
    ),
    "silent_private": (
        "No sound came from {who} in {seconds} s; it said it sends from {address}, an address "
        "inside its own network.",
        "Switch SIP ALG off in its router, or set STUN or the public address in the phone.",
    ),
    "silent_stranger": (
        "No usable sound came from {who} in {seconds} s; packets came from somewhere else or in a "
        "codec that was not agreed on.",
        "Switch SIP ALG off in the router; compare the codecs of the phone with those of `sound:` "
        "in the office file.",
    ),
    "codec_them": (
        "{who} refused the kinds of sound that we offer: {status}.",
        "Switch G.711 A-law (PCMA) on in that phone or at that provider.",
    ),
    "codec_us": (
        "{who} offered no kind of sound that we speak, and was told {status}.",
        "Switch G.711 A-law (PCMA) on there; encrypted sound (SRTP) needs SIP over TLS.",
    ),
    "plain_us": (
        "{who} offered sound that is not encrypted, where it must be, and was told {status}.",
        "Switch SRTP (SDES keys) on there, or write `srtp: allowed` for the trunk or for `sound:`.",
    ),
    "password_ours": (
        "{who} gave credentials that were refused {count} times: probably a wrong password.",
        "Set the password anew with `softswitch passwd`, and in the phone.",
    ),
    "password_theirs": (
        "{who} refused our credentials {count} times.",
        "Compare the trunk's user and password with what the provider sent.",
    ),
    "phone_silent": (
        "{who} did not answer a single packet at {address} (INVITE sent {count} times): it is off, "
        "or the network is down.",
        "Is the phone on and plugged in? If it stands behind NAT, shorten its registration to "
        "60-120 s.",
    ),
    "trunk_silent": (
        "The provider did not answer a single packet at {address} (INVITE sent {count} times).",
        "Is the Internet line up? Ask the provider whether this server is in service.",
    ),
    "unknown_dialog": (
        "{who} did not know the call any more (481): it probably restarted during the call.",
        "Look at the phone's uptime, power and firmware.",
    ),
    "reason": ("{who} ended with the reason: {reason}.", ""),
    "glare": ("{who} and we changed the call at the same moment (491); the next try worked.", ""),
    "glare_open": (
        "{who} and we changed the call at the same moment (491), and no later try was seen.",
        "If hold or transfer did not work here, look for new firmware of the phone.",
    ),
    "session_timer": (
        "{who} did not refresh the call in time (session timer), so it was ended: the phone or the "
        "line was gone.",
        "Check the network of {who}; if it happens always after the same time, switch the phone's "
        "session timer off.",
    ),
    "session_timer_them": (
        "{who} ended the call because its session timer ran out.",
        "Check whether our UPDATE or re-INVITE reaches {who}; a router with SIP ALG often eats it.",
    ),
    "trunk_password": (
        "The provider ({who}) asks for credentials: {status}.",
        "Have the provider accept our address, or give the trunk its user and password.",
    ),
    "trunk_forbidden": (
        "The provider ({who}) forbade the call: {status}.",
        "Ask about the account: credit, blocked destinations, and whether the number that we show "
        "belongs to it.",
    ),
    "trunk_number": (
        "The provider ({who}) does not know the number that was dialled: {status}.",
        "Check the number, and the form in which the trunk wants numbers.",
    ),
    "trunk_fault": (
        "The provider ({who}) could not carry the call: {status}.",
        "A fault or an overload on its side; a second trunk would have taken the call.",
    ),
    "loss_from": (
        "{share} % of the sound from {who} was lost on the way to us.",
        "Look at that end: Wi-Fi, a full upload, the phone's cable.",
    ),
    "loss_to": (
        "{share} % of the sound towards {who} was lost on the way.",
        "Look at the download of {who}, and at our own upload if others had it too.",
    ),
    "poor_from": (
        "For {seconds} s the sound from {who} was bad (MOS {mos} at its worst).",
        "Look at that end when it happened: somebody's upload, Wi-Fi at the edge of its reach.",
    ),
    "poor_to": (
        "For {seconds} s {who} heard us badly (MOS {mos} at its worst).",
        "Look at the download of {who}, and at our own upload if others had it too.",
    ),
    "jitter": (
        "The sound of {who} came very unevenly (jitter {ms} ms).",
        "Wi-Fi or a full line: give telephony priority in the router (QoS).",
    ),
    "repeats": (
        "{count} messages to or from {who} had to be repeated: packets get lost on the way.",
        "Check the network between {who} and us.",
    ),
}

_POLISH: Mapping[str, tuple[str, str]] = {
    "interrupted": (
        "Centrala została zatrzymana albo przestała działać w czasie tej rozmowy.",
        "Zajrzyj do dziennika sprzed tej chwili; uruchamiaj ponownie poza godzinami pracy.",
    ),
    "media_lost": (
        "Proces dźwięku przestał działać; wszyscy stracili głos.",
        "Szukaj w dzienniku `the media worker died` i sprawdź pamięć komputera.",
    ),
    "no_ack": (
        "{who}: nie potwierdzono naszej odpowiedzi (brak ACK, 200 OK wysłano {count} razy), więc "
        "rozmowa została zakończona.",
        "Sprawdź zaporę, NAT i SIP ALG po drodze: wyłącz SIP ALG w routerze.",
    ),
    "no_ack_yet": (
        "{who}: nie potwierdzono naszej odpowiedzi (brak ACK, 200 OK wysłano {count} razy).",
        "Sprawdź zaporę, NAT i SIP ALG po drodze: takie rozmowy kończą się po 32 s.",
    ),
    "silent": (
        "{who}: przez {seconds} s nie przyszedł żaden dźwięk, druga strona nic nie słyszała.",
        "Czy mikrofon nie jest wyciszony? Przepuść w zaporze UDP z {address} do portów RTP.",
    ),
    "silent_private": (
        "{who}: przez {seconds} s nie przyszedł żaden dźwięk; telefon podał adres wewnętrzny "
        "{address}.",
        "Wyłącz SIP ALG w jego routerze albo ustaw w telefonie STUN lub adres publiczny.",
    ),
    "silent_stranger": (
        "{who}: przez {seconds} s nie przyszedł dźwięk, którego można użyć; pakiety szły z innego "
        "adresu albo w innym kodeku, niż uzgodniono.",
        "Wyłącz SIP ALG w routerze; porównaj kodeki telefonu z tymi z `sound:` w pliku biura.",
    ),
    "codec_them": (
        "{who}: odrzucono rodzaje dźwięku, które proponujemy: {status}.",
        "Włącz G.711 A-law (PCMA) w tym telefonie lub u tego operatora.",
    ),
    "codec_us": (
        "{who}: nie zaproponowano dźwięku, który rozumiemy; odpowiedzieliśmy {status}.",
        "Włącz tam G.711 A-law (PCMA); szyfrowany dźwięk (SRTP) wymaga SIP przez TLS.",
    ),
    "plain_us": (
        "{who}: zaproponowano dźwięk bez szyfrowania, a musi być szyfrowany; odpowiedzieliśmy "
        "{status}.",
        "Włącz tam SRTP (klucze SDES) albo wpisz `srtp: allowed` przy łączu lub w `sound:`.",
    ),
    "password_ours": (
        "{who}: hasło odrzucono {count} razy, najpewniej jest błędne.",
        "Ustaw hasło na nowo poleceniem `softswitch passwd` i w telefonie.",
    ),
    "password_theirs": (
        "{who}: nasze dane logowania odrzucono {count} razy.",
        "Porównaj użytkownika i hasło łącza z tym, co przysłał operator.",
    ),
    "phone_silent": (
        "{who}: telefon nie odpowiedział na żaden pakiet pod adresem {address} (INVITE wysłano "
        "{count} razy): jest wyłączony albo nie ma sieci.",
        "Czy telefon jest włączony i podłączony? Jeśli stoi za NAT, skróć rejestrację do 60-120 s.",
    ),
    "trunk_silent": (
        "Operator nie odpowiedział na żaden pakiet pod adresem {address} (INVITE wysłano {count} "
        "razy).",
        "Czy działa łącze internetowe? Zapytaj operatora, czy ten serwer pracuje.",
    ),
    "unknown_dialog": (
        "{who}: telefon nie znał już tej rozmowy (481), najpewniej uruchomił się ponownie.",
        "Sprawdź czas pracy telefonu, zasilanie i oprogramowanie.",
    ),
    "reason": ("{who}: zakończono z powodem: {reason}.", ""),
    "glare": (
        "{who}: obie strony zmieniły rozmowę w tej samej chwili (491); następna próba się udała.",
        "",
    ),
    "glare_open": (
        "{who}: obie strony zmieniły rozmowę w tej samej chwili (491), a następnej próby nie było.",
        "Jeśli nie zadziałało zawieszenie lub przełączenie, poszukaj nowego oprogramowania "
        "telefonu.",
    ),
    "session_timer": (
        "{who}: rozmowa nie została odnowiona na czas (session timer), więc ją zakończono: zniknął "
        "telefon albo łącze.",
        "Sprawdź sieć po tej stronie; jeśli dzieje się to zawsze po tym samym czasie, wyłącz w "
        "telefonie session timer.",
    ),
    "session_timer_them": (
        "{who}: druga strona zakończyła rozmowę, bo minął jej session timer.",
        "Sprawdź, czy docierają tam nasze UPDATE i re-INVITE; często zjada je router z SIP ALG.",
    ),
    "trunk_password": (
        "Operator ({who}) żąda danych logowania: {status}.",
        "Poproś operatora o wpisanie naszego adresu albo podaj użytkownika i hasło łącza.",
    ),
    "trunk_forbidden": (
        "Operator ({who}) zabronił połączenia: {status}.",
        "Zapytaj o konto: środki, blokady kierunków i czy pokazywany numer do niego należy.",
    ),
    "trunk_number": (
        "Operator ({who}) nie zna wybranego numeru: {status}.",
        "Sprawdź numer i postać, w jakiej łącze chce dostawać numery.",
    ),
    "trunk_fault": (
        "Operator ({who}) nie mógł zestawić połączenia: {status}.",
        "Usterka lub przeciążenie po jego stronie; drugie łącze przejęłoby rozmowę.",
    ),
    "loss_from": (
        "{who}: {share} % dźwięku zginęło w drodze do nas.",
        "Sprawdź tamtą stronę: Wi-Fi, zajęte wysyłanie, kabel telefonu.",
    ),
    "loss_to": (
        "{who}: {share} % dźwięku zginęło w drodze od nas.",
        "Sprawdź pobieranie po tamtej stronie, a jeśli inni też to mieli, nasze wysyłanie.",
    ),
    "poor_from": (
        "Przez {seconds} s dźwięk od strony {who} był zły (najgorszy MOS {mos}).",
        "Sprawdź tamtą stronę z tej chwili: czyjeś wysyłanie, Wi-Fi na granicy zasięgu.",
    ),
    "poor_to": (
        "Przez {seconds} s strona {who} źle nas słyszała (najgorszy MOS {mos}).",
        "Sprawdź pobieranie po tamtej stronie, a jeśli inni też to mieli, nasze wysyłanie.",
    ),
    "jitter": (
        "{who}: dźwięk przychodził bardzo nierówno (jitter {ms} ms).",
        "Wi-Fi albo zajęte łącze: daj telefonii pierwszeństwo w routerze (QoS).",
    ),
    "repeats": (
        "{who}: {count} wiadomości trzeba było powtórzyć, pakiety giną po drodze.",
        "Sprawdź sieć między tą stroną a nami.",
    ),
}
_PHRASES = {"en": _ENGLISH, "pl": _POLISH}

_TITLES = {
    "en": {Certainty.SURE: "Certain", Certainty.LIKELY: "Likely", Certainty.NOTE: "Note"},
    "pl": {Certainty.SURE: "Na pewno", Certainty.LIKELY: "Zapewne", Certainty.NOTE: "Uwaga"},
}


def title(verdict: Verdict, language: str) -> str:
    """How sure it is, in a word."""
    return _TITLES[language][verdict.certainty]


def said(verdict: Verdict, language: str) -> tuple[str, str]:
    """What happened, and what to do about it (empty where nothing is to be done)."""
    what, cure = _PHRASES[language][verdict.code]
    return what.format(**verdict.facts), cure.format(**verdict.facts)
