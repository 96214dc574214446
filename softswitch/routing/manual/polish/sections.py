"""The sections of an office file."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "Files below this folder with more of the office; an entry stands in one only.",
        "Pliki w tym folderze albo niżej z resztą biura; każdy wpis jest tylko w jednym.",
    ),
    (
        "The office itself.",
        "Samo biuro.",
    ),
    (
        "Opening hours by name, in the OpenStreetMap language; PH is a public holiday.",
        "Godziny otwarcia według nazw, w języku OpenStreetMap; PH to święto.",
    ),
    (
        "Days and periods in which all hours but `24/7` are closed.",
        "Dni i okresy, w których zamknięte są wszystkie godziny oprócz `24/7`.",
    ),
    (
        "What people switch on for a while from their phones: closed early, open late.",
        "Co ludzie włączają na pewien czas ze swoich telefonów: dziś krócej, dziś dłużej.",
    ),
    (
        "Everybody with a telephone, by internal number.",
        "Wszyscy z telefonem, według numeru wewnętrznego.",
    ),
    (
        "File of the phones' passwords, as digests; `softswitch passwd` writes it.",
        "Plik z hasłami telefonów w postaci skrótów; zapisuje go `softswitch passwd`.",
    ),
    (
        "Where callers wait with music until somebody is free.",
        "Gdzie dzwoniący czekają przy muzyce, aż ktoś będzie wolny.",
    ),
    (
        "Reasons for a pause from the queues, by the digit dialled behind its code.",
        "Powody przerwy od kolejek, według cyfry wybieranej po jej kodzie.",
    ),
    (
        "Who is on duty when: stretches of the week or rules of hours, each with people; "
        "`otherwise` is the rest, and rings next when nobody on duty answers.",
        "Kto kiedy ma dyżur: odcinki tygodnia albo reguły godzin, każdy z osobami; `otherwise` "
        "to reszta i dzwoni następne, gdy nikt z dyżuru nie odbiera.",
    ),
    (
        "Where messages are left. Whoever has an e-mail address has one of his own.",
        "Gdzie zostawia się wiadomości. Kto ma adres e-mail, ma własną skrzynkę.",
    ),
    (
        "Rooms in which several people talk.",
        "Pokoje, w których rozmawia kilka osób.",
    ),
    (
        "Who calls back the clients whom nobody talked with, and how soon.",
        "Kto i jak szybko oddzwania do klientów, z którymi nikt nie rozmawiał.",
    ),
    (
        "Known callers: a file, a CRM by HTTP, a directory by LDAP, or a list of them in the "
        "order in which they are asked.",
        "Znani dzwoniący: plik, CRM przez HTTP, katalog LDAP albo ich lista w kolejności pytania.",
    ),
    (
        "Links to telephone providers, with the public numbers that come over them.",
        "Łącza z operatorami telefonicznymi i numery publiczne, które nimi przychodzą.",
    ),
    (
        "How sleeping mobile apps are woken for a call. Without it, none is.",
        "Jak budzi się do połączenia uśpione aplikacje mobilne. Bez tego: żadnej.",
    ),
    (
        "Who is told by e-mail when calls over a trunk are at risk.",
        "Kto dostaje mail, gdy połączenia przez łącze są zagrożone.",
    ),
    (
        "Figures of each day or week by mail: calls, waits, queues, people.",
        "Dane z każdego dnia albo tygodnia mailem: połączenia, czekanie, kolejki, osoby.",
    ),
    (
        "Where a call to a number goes: a route, person, group, queue or mailbox.",
        "Dokąd trafia połączenie na numer: trasa, osoba, grupa, kolejka albo skrzynka.",
    ),
    (
        "What happens to a caller, node by node; the verbs are below.",
        "Co spotyka dzwoniącego, krok po kroku; czasowniki są niżej.",
    ),
    (
        "Calls for help: what they show, and who is told. They go out from any phone, at any "
        "hour, by every trunk there is.",
        "Połączenia alarmowe: co pokazują i kto się dowiaduje. Wychodzą z każdego telefonu, o "
        "każdej porze, każdym łączem.",
    ),
    (
        "Who may call what outside, when, and how much of it. Without it: the own country, no "
        "numbers that cost extra.",
        "Kto, dokąd, kiedy i ile może dzwonić na zewnątrz. Bez tego: własny kraj, bez numerów o "
        "podwyższonej opłacie.",
    ),
    (
        "What is recorded, why and for how long. Absent: nothing is ever recorded.",
        "Co się nagrywa, po co i na jak długo. Bez tego niczego się nie nagrywa.",
    ),
    (
        "Numbers, of clients or of the office, whose calls are never recorded nor listened to.",
        "Numery klientów albo biura, których połączeń nigdy się nie nagrywa ani nie podsłuchuje.",
    ),
    (
        "Own music by name, each a sound file beside the office file.",
        "Własna muzyka według nazw, każda to plik dźwiękowy obok pliku biura.",
    ),
    (
        "Folder of own texts of mails: `voicemail.pl.txt`, its first line the subject.",
        "Folder własnych tekstów maili: `voicemail.pl.txt`, pierwszy wiersz to temat.",
    ),
    (
        "Folder of own prompts, of any sound format; each replaces a shipped one.",
        "Folder własnych zapowiedzi, w dowolnym formacie dźwięku; każda zastępuje fabryczną.",
    ),
    (
        "Star codes of the phones; `none` takes one away.",
        "Kody z gwiazdką; `none` usuwa kod.",
    ),
    (
        "What is pressed during a talk on phones without such keys.",
        "Co naciska się w czasie rozmowy na telefonach bez takich klawiszy.",
    ),
    (
        "Codecs and encryption of the office's phones.",
        "Kodeki i szyfrowanie telefonów biura.",
    ),
    (
        "When a client on hold is brought to mind, and when he is brought back.",
        "Kiedy przypomina się o kliencie na zawieszeniu i kiedy się go zabiera.",
    ),
    (
        "Numbers on which a call can be parked; `none` takes it away.",
        "Numery, na których można zaparkować połączenie; `none` to wyłącza.",
    ),
    (
        "From whom a ringing call may be taken: `office`, from everybody; `group`, from those "
        "who share a group or queue.",
        "Komu wolno przejąć dzwoniące połączenie: `office`, każdemu; `group`, tym, którzy są "
        "razem w grupie albo kolejce.",
    ),
    (
        "How a phone is told what rings, to ring differently; `none` tells nothing.",
        "Jak telefon dowiaduje się, co dzwoni, żeby dzwonić inaczej; `none` nic nie mówi.",
    ),
    (
        "Calls that must go right; `softswitch test` makes them.",
        "Połączenia, które muszą pójść dobrze; wykonuje je `softswitch test`.",
    ),
    (
        "The author's own, for anchors.",
        "Własne wpisy autora, na kotwice.",
    ),
)
