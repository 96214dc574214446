"""What is kept and how it sounds: recording, reports, ringing, codecs, switches, talk codes."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "Which way a call goes, seen from the office.",
        "W którą stronę idzie połączenie, patrząc z biura.",
    ),
    (
        "What is recorded, why, for how long. Without such a policy nothing is ever recorded.",
        "Co się nagrywa, po co i na jak długo. Bez takiej zasady niczego się nie nagrywa.",
    ),
    (
        "Calls of this queue.",
        "Połączenia tej kolejki.",
    ),
    (
        "Calls to this number of the office.",
        "Połączenia na ten numer biura.",
    ),
    (
        "Calls of this person.",
        "Połączenia tej osoby.",
    ),
    (
        "What is said in this conference. Everybody hears the notice before he is in; while "
        "somebody is in who may not be recorded, or has refused, nothing is.",
        "Co mówi się w tej konferencji. Każdy przed wejściem słyszy zapowiedź; gdy jest w niej "
        "ktoś, kogo nie wolno nagrywać albo kto odmówił, niczego się nie nagrywa.",
    ),
    (
        "Only calls that go this way: in, out or internal. Without it, those with the world "
        "outside.",
        "Tylko połączenia w tę stronę: in, out albo internal. Bez tego: te ze światem zewnętrznym.",
    ),
    (
        "Why it is recorded.",
        "Po co się nagrywa.",
    ),
    (
        "On which legal ground; it stands in the information clause.",
        "Na jakiej podstawie prawnej; trafia do klauzuli informacyjnej.",
    ),
    (
        "How long it is kept.",
        "Jak długo się je przechowuje.",
    ),
    (
        "Prompt that tells the caller before.",
        "Zapowiedź, która mówi o tym dzwoniącemu wcześniej.",
    ),
    (
        "Key by which the caller refuses; the call goes on without recording.",
        "Klawisz, którym dzwoniący odmawia; rozmowa trwa bez nagrywania.",
    ),
    (
        "People and groups who may hear it. Without them only whoever runs the switch.",
        "Osoby i grupy, które mogą słuchać. Bez nich tylko administrator centrali.",
    ),
    (
        "One mail that comes regularly. A period without any call has none.",
        "Mail, który przychodzi regularnie. Okres bez połączeń go nie ma.",
    ),
    (
        "Of each day or week.",
        "Z każdego dnia albo tygodnia.",
    ),
    (
        "When it is sent, on the day after (on Mondays for a week).",
        "Kiedy jest wysyłany, następnego dnia (tygodniowy w poniedziałek).",
    ),
    (
        "Who gets it.",
        "Kto go dostaje.",
    ),
    (
        "Language of the mail.",
        "Język maila.",
    ),
    (
        "The value of Alert-Info, by what rings; `none` sends nothing.",
        "Wartość Alert-Info według tego, co dzwoni; `none` nic nie wysyła.",
    ),
    (
        "A colleague calls.",
        "Dzwoni kolega.",
    ),
    (
        "A client calls.",
        "Dzwoni klient.",
    ),
    (
        "A caller of a queue.",
        "Dzwoniący z kolejki.",
    ),
    (
        "A transferred or parked call comes back.",
        "Wraca połączenie przekazane albo zaparkowane.",
    ),
    (
        "Numbers of the switch itself.",
        "Numery samej centrali.",
    ),
    (
        "Echo test: the caller hears himself.",
        "Test echa: dzwoniący słyszy siebie.",
    ),
    (
        "In which form a message is attached to its mail.",
        "W jakiej postaci wiadomość jest załączona do maila.",
    ),
    (
        "Codecs and encryption toward the office's phones; providers have their own in `trunks`.",
        "Kodeki i szyfrowanie wobec telefonów biura; operatorzy mają własne w `trunks`.",
    ),
    (
        "What phones are offered, in this order, after the codec of whoever calls; and what is "
        "accepted. G722 and opus are wideband.",
        "Co proponuje się telefonom, w tej kolejności, po kodeku dzwoniącego; i co się "
        "przyjmuje. G722 i opus są szerokopasmowe.",
    ),
    (
        "Encrypted sound (SRTP): `off`; `allowed`, where the phone wants it; `required`, so "
        "that a phone without it, or without TLS, has no calls.",
        "Szyfrowany dźwięk (SRTP): `off`; `allowed`, jeśli telefon chce; `required`: telefon "
        "bez niego albo bez TLS nie ma połączeń.",
    ),
    (
        "Whether keys may also be told over UDP and TCP, where anybody on the way can read them.",
        "Czy klucze wolno podawać też przez UDP i TCP, gdzie każdy po drodze może je przeczytać.",
    ),
    (
        "Whether sound is encrypted; the value is what the office file says.",
        "Czy dźwięk jest szyfrowany; wartość taka, jak w pliku biura.",
    ),
    (
        "When the calls abroad of one person are stopped.",
        "Kiedy wstrzymuje się komuś połączenia zagraniczne.",
    ),
    (
        "So many short or refused calls abroad of one person stop his calls abroad.",
        "Tyle krótkich albo odrzuconych połączeń zagranicznych jednej osoby wstrzymuje jej "
        "połączenia zagraniczne.",
    ),
    (
        "In this time.",
        "W tym czasie.",
    ),
    (
        "A call is short that was talked no longer.",
        "Krótkie jest połączenie, w którym nie rozmawiano dłużej.",
    ),
    (
        "Something that people switch on for a while.",
        "Coś, co ludzie włączają na pewien czas.",
    ),
    (
        "Dialling it turns the switch; its lamp shows the state.",
        "Wybranie go przełącza; lampka pokazuje stan.",
    ),
    (
        "Star code: on, with an end like `*28*1400`; `#28` off; `*#28` asks.",
        "Kod z gwiazdką: włącza, z końcem np. `*28*1400`; `#28` wyłącza; `*#28` pyta.",
    ),
    (
        "Hours that are closed while it is on; `all`.",
        "Godziny zamknięte, gdy jest włączony; `all`.",
    ),
    (
        "Hours that are open while it is on; `all`.",
        "Godziny otwarte, gdy jest włączony; `all`.",
    ),
    (
        "How long it stays on when no end is dialled. Without it, until midnight.",
        "Jak długo jest włączony, gdy nie wybrano końca. Bez tego: do północy.",
    ),
    (
        "Told in traces and stories.",
        "Podawany w przebiegach połączeń.",
    ),
    (
        "People and groups who may turn it. Without it, all.",
        "Osoby i grupy, które mogą go przełączać. Bez tego: wszyscy.",
    ),
    (
        "What people of the office press while they talk, by what it does.",
        "Co ludzie z biura naciskają w czasie rozmowy, według tego, co to robi.",
    ),
    (
        "Transfer at once: the code, the number, `#` or three seconds of patience.",
        "Przekaż od razu: kod, numer, `#` albo trzy sekundy cierpliwości.",
    ),
    (
        "Ask a colleague first: the code and his number; the code again, or hanging up, joins "
        "him with the one who waits.",
        "Najpierw zapytaj kolegę: kod i jego numer; znów kod albo rozłączenie łączy go z "
        "czekającym.",
    ),
    (
        "Back to the one who waits, without the colleague.",
        "Powrót do czekającego, bez kolegi.",
    ),
    (
        "Pause the recording of this talk, or go on with it; the gap is marked.",
        "Wstrzymaj nagrywanie tej rozmowy albo wznów; przerwa jest zaznaczona.",
    ),
    (
        "Park the one whom I talk with.",
        "Zaparkuj rozmówcę.",
    ),
    (
        "People who answer a queue's callers only after these have waited for a while.",
        "Osoby, które odbierają dzwoniących z kolejki dopiero, gdy ci pewien czas poczekają.",
    ),
    (
        "So long has a caller waited.",
        "Tyle czekał dzwoniący.",
    ),
    (
        "Who answers then.",
        "Kto wtedy odbiera.",
    ),
)
