"""Verbs and their options."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "Play a prompt, then go on.",
        "Odtwórz zapowiedź, potem idź dalej.",
    ),
    (
        "Say the time, a number, or digits that the caller entered.",
        "Powiedz godzinę, liczbę albo cyfry, które wpisał dzwoniący.",
    ),
    (
        "Let the caller choose with a key.",
        "Niech dzwoniący wybierze klawiszem.",
    ),
    (
        "Let the caller enter digits, such as an extension.",
        "Niech dzwoniący wpisze cyfry, np. numer wewnętrzny.",
    ),
    (
        "Let the caller spell a name and put him through.",
        "Niech dzwoniący poda nazwisko klawiszami i zostanie połączony.",
    ),
    (
        "Go one way in opening hours, another way outside them.",
        "W godzinach otwarcia w jedną stronę, poza nimi w drugą.",
    ),
    (
        "Go another way depending on who is on duty.",
        "W różne strony, zależnie od tego, kto ma dyżur.",
    ),
    (
        "Go one way when the office knows the caller, another way when it does not.",
        "W jedną stronę, gdy biuro zna dzwoniącego, w drugą, gdy nie.",
    ),
    (
        "Ask another system where the caller goes.",
        "Zapytaj inny system, dokąd idzie dzwoniący.",
    ),
    (
        "Go one way while a switch is on, another way while it is off.",
        "W jedną stronę, gdy przełącznik jest włączony, w drugą, gdy nie.",
    ),
    (
        "Turn a switch on or off.",
        "Włącz albo wyłącz przełącznik.",
    ),
    (
        "Ring a person, a group, or several people.",
        "Zadzwoń do osoby, grupy albo kilku osób.",
    ),
    (
        "Ring a phone outside the office.",
        "Zadzwoń na telefon poza biurem.",
    ),
    (
        "Let the caller wait until somebody is free.",
        "Niech dzwoniący czeka, aż ktoś będzie wolny.",
    ),
    (
        "Take a message.",
        "Przyjmij wiadomość.",
    ),
    (
        "Offer the caller a call back: he accepts by the key 1.",
        "Zaproponuj oddzwonienie: dzwoniący przyjmuje klawiszem 1.",
    ),
    (
        "Join a conference.",
        "Dołącz do konferencji.",
    ),
    (
        "Speak another language to this caller from here on.",
        "Odtąd mów do tego dzwoniącego w innym języku.",
    ),
    (
        "Go on somewhere else.",
        "Idź dalej gdzie indziej.",
    ),
    (
        "End the call; `busy` refuses it with a busy signal.",
        "Zakończ połączenie; `busy` odrzuca je sygnałem zajętości.",
    ),
    (
        "What is heard.",
        "Co słychać.",
    ),
    (
        "Prompts and values in a row: `time`, `caller`, `called`, a number, or `$name` for "
        "digits that were collected.",
        "Zapowiedzi i wartości po kolei: `time`, `caller`, `called`, liczba albo `$nazwa` z "
        "zebranymi cyframi.",
    ),
    (
        "Prompt that names the keys.",
        "Zapowiedź, która wymienia klawisze.",
    ),
    (
        "How often it is repeated after the first time.",
        "Ile razy powtarza się ją po pierwszym razie.",
    ),
    (
        "How long a key is waited for.",
        "Jak długo czeka się na klawisz.",
    ),
    (
        "Where to go when the caller presses this.",
        "Dokąd iść, gdy dzwoniący to naciśnie.",
    ),
    (
        "Prompt that asks for it.",
        "Zapowiedź, która o to prosi.",
    ),
    (
        "How many digits at most.",
        "Najwyżej tyle cyfr.",
    ),
    (
        "Call the internal number that was entered.",
        "Zadzwoń na wpisany numer wewnętrzny.",
    ),
    (
        "Name under which `say` finds the digits.",
        "Nazwa, pod którą `say` znajdzie cyfry.",
    ),
    (
        "How long the first digit is waited for.",
        "Jak długo czeka się na pierwszą cyfrę.",
    ),
    (
        "How long the next digit is waited for.",
        "Jak długo czeka się na następną cyfrę.",
    ),
    (
        "How often it is asked for again.",
        "Ile razy prosi się znowu.",
    ),
    (
        "People and groups who can be found. Without it, all.",
        "Osoby i grupy, które można znaleźć. Bez tego: wszystkie.",
    ),
    (
        "How long the first letter is waited for.",
        "Jak długo czeka się na pierwszą literę.",
    ),
    (
        "How long the next one is waited for.",
        "Jak długo czeka się na następną.",
    ),
    (
        "Name of a rule in `hours:`.",
        "Nazwa reguły z `hours:`.",
    ),
    (
        "Where to go for this name of the office.",
        "Dokąd iść przy tej nazwie biura.",
    ),
    (
        "Name in `rosters:`.",
        "Nazwa z `rosters:`.",
    ),
    (
        "What has to be known of him.",
        "Co trzeba o nim wiedzieć.",
    ),
    (
        "`caretaker`: somebody looks after him; `known`: he is in `contacts:` at all; `recent`: "
        "somebody of the office called him a while ago, and he returns that call.",
        "`caretaker`: ktoś się nim opiekuje; `known`: w ogóle jest w `contacts:`; `recent`: "
        "ktoś z biura niedawno do niego dzwonił, a on oddzwania.",
    ),
    (
        "Of `recent`: how long ago that may have been.",
        "Przy `recent`: jak dawno mogło to być.",
    ),
    (
        "Address of the system that decides.",
        "Adres systemu, który decyduje.",
    ),
    (
        "How long the caller may wait for it.",
        "Jak długo dzwoniący może na to czekać.",
    ),
    (
        "Name in `switches:`.",
        "Nazwa z `switches:`.",
    ),
    (
        "What `set` does to a switch.",
        "Co `set` robi z przełącznikiem.",
    ),
    (
        "on, off, or turn.",
        "on, off albo turn.",
    ),
    (
        "How long it stays on. Without it, as the switch says.",
        "Jak długo jest włączony. Bez tego: jak mówi przełącznik.",
    ),
    (
        "How mobiles take part.",
        "Jak biorą udział komórki.",
    ),
    (
        "A person, a group, a list of them, `roster` and the name of a duty roster; "
        "`caretaker`: whoever looks after the caller, then his deputy; `recent`: whoever called "
        "him before (`contact: recent`), then his deputy.",
        "Osoba, grupa, ich lista, `roster` i nazwa grafiku dyżurów; `caretaker`: kto opiekuje "
        "się dzwoniącym, potem jego zastępca; `recent`: kto wcześniej do niego dzwonił "
        "(`contact: recent`), potem jego zastępca.",
    ),
    (
        "How long it rings.",
        "Jak długo dzwoni.",
    ),
    (
        "`confirm`: their mobiles ring too; who answers there presses 1.",
        "`confirm`: ich komórki też dzwonią; kto tam odbierze, naciska 1.",
    ),
    (
        "A number of the world outside.",
        "Numer zewnętrzny.",
    ),
    (
        "Whoever answers presses 1, so that no answering machine has the caller.",
        "Kto odbierze, naciska 1, żeby dzwoniącego nie miała automatyczna sekretarka.",
    ),
    (
        "Name of a queue.",
        "Nazwa kolejki.",
    ),
    (
        "high goes before normal, low after it.",
        "high przed normal, low po nim.",
    ),
    (
        "Key by which a caller hangs up, keeps his place, and is called when it is his turn; "
        "whoever has no number to be called at is not offered it.",
        "Klawisz, którym dzwoniący rozłącza się, zachowuje miejsce i gdy przyjdzie jego kolej, "
        "oddzwania się do niego; kto nie ma numeru do oddzwonienia, nie dostaje tej propozycji.",
    ),
    (
        "Name of a mailbox, or the extension of a person.",
        "Nazwa skrzynki albo numer wewnętrzny osoby.",
    ),
    (
        "The person, group or queue that calls back.",
        "Osoba, grupa albo kolejka, która oddzwania.",
    ),
    (
        "How long the key is waited for.",
        "Jak długo czeka się na klawisz.",
    ),
    (
        "Name in `conferences:`.",
        "Nazwa z `conferences:`.",
    ),
    (
        "Two letters, like `en`.",
        "Dwie litery, np. `en`.",
    ),
    (
        "Where to go on.",
        "Dokąd iść dalej.",
    ),
    (
        "How the switch ends a call.",
        "Jak centrala kończy połączenie.",
    ),
    (
        "normal or busy.",
        "normal albo busy.",
    ),
)
