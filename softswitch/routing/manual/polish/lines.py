"""Links to providers, and periods."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "The link to a telephone provider; owns public numbers.",
        "Łącze z operatorem telefonicznym; ma numery publiczne.",
    ),
    (
        "The provider's server; with a port only that one is used.",
        "Serwer operatora; z portem używa się tylko tego jednego.",
    ),
    (
        "udp, tcp or tls.",
        "udp, tcp albo tls.",
    ),
    (
        "false: as if the trunk were not written.",
        "false: jakby łącza nie zapisano.",
    ),
    (
        "Where packets go instead of the server, which still names the account.",
        "Dokąd idą pakiety zamiast do serwera, który dalej nazywa konto.",
    ),
    (
        "Account name.",
        "Nazwa konta.",
    ),
    (
        "Name for the password, where it is not the account's.",
        "Nazwa do hasła, jeśli inna niż konto.",
    ),
    (
        "Of the account; best kept in a secret file.",
        "Hasło konta; najlepiej w pliku z sekretem.",
    ),
    (
        "Whether we register at the provider; without it he knows us by our address.",
        "Czy rejestrujemy się u operatora; bez tego zna nas po adresie.",
    ),
    (
        "For how long a registration is asked; the provider may say less.",
        "Na jak długo prosimy o rejestrację; operator może dać mniej.",
    ),
    (
        "How often the provider is asked whether he is there (OPTIONS); `none`: never.",
        "Jak często pyta się operatora, czy jest (OPTIONS); `none`: nigdy.",
    ),
    (
        "Public numbers on this trunk.",
        "Numery publiczne na tym łączu.",
    ),
    (
        "Calls at once, both directions together.",
        "Rozmowy naraz, w obie strony razem.",
    ),
    (
        "Where the called number stands: request-uri, to or p-called-party-id.",
        "Gdzie stoi wybrany numer: request-uri, to albo p-called-party-id.",
    ),
    (
        "How numbers are written to the provider: `national`, or the country's code as it is to "
        'stand: `"48"`, `"+48"`, `"0048"`.',
        'Jak pisać numery do operatora: `national` albo kod kraju tak, jak ma stać: `"48"`, '
        '`"+48"`, `"0048"`.',
    ),
    (
        "Headers that carry our number: from, pai, ppi, rpid. Without `from`, From names the "
        "account.",
        "Nagłówki z naszym numerem: from, pai, ppi, rpid. Bez `from` w From stoi konto.",
    ),
    (
        "How the provider is told that a call was forwarded, and by which number of ours: none, "
        "diversion or history-info.",
        "Jak operator dowiaduje się, że połączenie przekierowano i z którego naszego numeru: "
        "none, diversion albo history-info.",
    ),
    (
        "What a forwarded call shows: a number of ours (own), or the client's (caller) where "
        "the provider permits it beside `forwards`.",
        "Co pokazuje przekierowane połączenie: nasz numer (own) albo numer klienta (caller), "
        "jeśli operator na to pozwala obok `forwards`.",
    ),
    (
        "In order of preference: PCMA, PCMU, G722, opus, L16.",
        "W kolejności: PCMA, PCMU, G722, opus, L16.",
    ),
    (
        "Encrypted sound: `off`, `allowed` or `required`. It needs `transport: tls`, or anybody "
        "on the way could read the keys.",
        "Szyfrowany dźwięk: `off`, `allowed` albo `required`. Wymaga `transport: tls`, inaczej "
        "klucze mógłby przeczytać każdy po drodze.",
    ),
    (
        "Milliseconds of sound in a packet, unless he wishes otherwise.",
        "Milisekundy dźwięku w pakiecie, jeśli operator nie chce inaczej.",
    ),
    (
        "Whether calls out ask for session timers.",
        "Czy połączenia wychodzące proszą o zegary sesji.",
    ),
    (
        "Whether calls out support reliable ringing (PRACK).",
        "Czy połączenia wychodzące obsługują pewne dzwonienie (PRACK).",
    ),
    (
        "How a trunk's packets travel.",
        "Czym idą pakiety łącza.",
    ),
    (
        "Some days or hours in which the office is closed.",
        "Dni albo godziny, w których biuro jest zamknięte.",
    ),
    (
        "First day, or first minute.",
        "Pierwszy dzień albo pierwsza minuta.",
    ),
    (
        "Last day, or the minute it ends.",
        "Ostatni dzień albo minuta, w której się kończy.",
    ),
    (
        "Only these hours. Without it, all but `24/7`.",
        "Tylko te godziny. Bez tego: wszystkie oprócz `24/7`.",
    ),
    (
        "What one report is about: the day before, or the week from Monday to Sunday before.",
        "O czym jest jeden raport: o poprzednim dniu albo tygodniu od poniedziałku do niedzieli.",
    ),
)
