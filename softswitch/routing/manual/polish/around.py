"""Conferences, contacts, calls for help, greetings, groups, hold."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "A room in which everybody hears everybody.",
        "Pokój, w którym wszyscy słyszą wszystkich.",
    ),
    (
        "Shown on the phones.",
        "Widoczne na telefonach.",
    ),
    (
        "Internal number.",
        "Numer wewnętrzny.",
    ),
    (
        "Digits that everybody enters first. Without it, whoever dials is in.",
        "Cyfry, które każdy najpierw wpisuje. Bez tego wchodzi każdy, kto wybierze numer.",
    ),
    (
        "People at once.",
        "Osoby naraz.",
    ),
    (
        "What a lone one hears.",
        "Co słyszy ktoś, kto jest sam.",
    ),
    (
        "Who is alone for so long leaves by `alone`.",
        "Kto tak długo jest sam, wychodzi przez `alone`.",
    ),
    (
        "One place where callers are looked up; a plain word is a file.",
        "Jedno miejsce, w którym szuka się dzwoniących; samo słowo to plik.",
    ),
    (
        "CSV or vCard: number, name, caretaker, card.",
        "CSV albo vCard: numer, nazwa, opiekun, karta.",
    ),
    (
        "Address of a CRM that is asked by POST of JSON, and answers in JSON.",
        "Adres CRM, który dostaje pytanie metodą POST w JSON i odpowiada w JSON.",
    ),
    (
        "Signs the question (HMAC-SHA256 of the body, header X-Softswitch-Signature).",
        "Podpisuje pytanie (HMAC-SHA256 treści, nagłówek X-Softswitch-Signature).",
    ),
    (
        "A directory; with a password `ldaps://`, or `ldap://` and `starttls`.",
        "Katalog LDAP; z hasłem `ldaps://` albo `ldap://` i `starttls`.",
    ),
    (
        "Whether the connection to the directory becomes an encrypted one.",
        "Czy połączenie z katalogiem przechodzi na szyfrowane.",
    ),
    (
        "File with the authority that signed the directory's certificate, if it is an own one.",
        "Plik z urzędem, który podpisał certyfikat katalogu, jeśli to własny urząd.",
    ),
    (
        "Below which entry of the directory the clients are.",
        "Pod którym wpisem katalogu są klienci.",
    ),
    (
        "Who asks the directory; without it, nobody by name.",
        "Kto pyta katalog; bez tego: nikt z nazwy.",
    ),
    (
        "Of that login.",
        "Hasło tego konta.",
    ),
    (
        "Attributes that hold telephone numbers.",
        "Atrybuty z numerami telefonów.",
    ),
    (
        "Attribute of the name.",
        "Atrybut z nazwą.",
    ),
    (
        "Attribute with the caretaker's extension or e-mail address.",
        "Atrybut z numerem wewnętrznym albo adresem e-mail opiekuna.",
    ),
    (
        "Attribute that says `yes` of a client who is never recorded.",
        "Atrybut, który mówi `yes` o kliencie, którego nigdy się nie nagrywa.",
    ),
    (
        "Attribute with the card's address.",
        "Atrybut z adresem karty.",
    ),
    (
        "Calls for help.",
        "Połączenia alarmowe.",
    ),
    (
        "What calls for help from there show; a number of a trunk, known for that place. "
        "Without it, the office's number.",
        "Co pokazują połączenia alarmowe z tego miejsca; numer łącza znany dla tego miejsca. "
        "Bez tego: numer biura.",
    ),
    (
        "Told by mail and text.",
        "Podawany w mailu i wiadomości tekstowej.",
    ),
    (
        "People, groups and queues whose phones get a text about it, and ring. Without it, who "
        "answers at the safe place.",
        "Osoby, grupy i kolejki, których telefony dostają o tym wiadomość i dzwonią. Bez tego: "
        "kto odbiera w bezpiecznym miejscu.",
    ),
    (
        "Whether these phones ring too, until somebody answers and hears who called which number.",
        "Czy te telefony też dzwonią, aż ktoś odbierze i usłyszy, kto na jaki numer zadzwonił.",
    ),
    (
        "Who gets a mail about it. Without it, everybody in `alarms:`.",
        "Kto dostaje o tym mail. Bez tego: wszyscy z `alarms:`.",
    ),
    (
        "Whether the newest other call of a trunk is ended when all its channels are in use.",
        "Czy kończy się najnowszą inną rozmowę łącza, gdy wszystkie jego kanały są zajęte.",
    ),
    (
        "People who work elsewhere, by extension; other offices, by any name, with their "
        "`networks`.",
        "Osoby pracujące gdzie indziej, według numeru wewnętrznego; inne biura, pod dowolną "
        "nazwą, ze swoimi `networks`.",
    ),
    (
        "How a tested call must end.",
        "Jak ma się skończyć sprawdzane połączenie.",
    ),
    (
        "How a provider is told that a call was forwarded, and by which number of ours.",
        "Jak operator dowiaduje się, że połączenie przekierowano i z którego naszego numeru.",
    ),
    (
        "Whose number a forwarded call shows.",
        "Czyj numer pokazuje przekierowane połączenie.",
    ),
    (
        "What is said instead of the usual greeting; a greeting recorded by phone comes before it.",
        "Co słychać zamiast zwykłego powitania; powitanie nagrane telefonem ma pierwszeństwo.",
    ),
    (
        "Prompt when he talks.",
        "Zapowiedź, gdy rozmawia.",
    ),
    (
        "Prompt when nobody answered.",
        "Zapowiedź, gdy nikt nie odebrał.",
    ),
    (
        "Prompt when the office is closed.",
        "Zapowiedź, gdy biuro jest zamknięte.",
    ),
    (
        "People whose phones ring for one call.",
        "Osoby, których telefony dzwonią przy jednym połączeniu.",
    ),
    (
        "Shown before the caller's.",
        "Widoczna przed nazwą dzwoniącego.",
    ),
    (
        "Who rings.",
        "Kto dzwoni.",
    ),
    (
        "together: all at once; in_order: each in turn, for the time of the ring.",
        "together: wszyscy naraz; in_order: każdy po kolei, przez czas dzwonienia.",
    ),
    (
        "In which order a group rings.",
        "W jakiej kolejności dzwoni grupa.",
    ),
    (
        "The guard over clients on hold. People of the office are not guarded: they can hang up.",
        "Straż nad klientami na zawieszeniu. Ludzi z biura nie pilnuje: mogą się rozłączyć.",
    ),
    (
        "The holder's phone rings, or beeps in his other talk, each time this has passed; "
        "`none`: never.",
        "Ile razy tyle minie, telefon zawieszającego dzwoni albo odzywa się sygnałem w jego "
        "drugiej rozmowie; `none`: nigdy.",
    ),
    (
        "After this the client leaves the hold for the office's safe place; `none`: never.",
        "Potem klient idzie z zawieszenia do bezpiecznego miejsca biura; `none`: nigdy.",
    ),
)
