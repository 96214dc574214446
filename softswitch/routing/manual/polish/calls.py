"""What is said to callers, when the office is closed, whom to call back, tests, star codes."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "One whole office file.",
        "Cały plik jednego biura.",
    ),
    (
        "What a waiting caller is told, and how often.",
        "Co słyszy czekający i jak często.",
    ),
    (
        "Pause between two announcements.",
        "Przerwa między dwiema zapowiedziami.",
    ),
    (
        "Say the place in the queue.",
        "Czy mówić, który jest w kolejce.",
    ),
    (
        "Say how long it will take, in minutes.",
        "Czy mówić, ile minut to potrwa.",
    ),
    (
        "When the office is closed whatever its hours say.",
        "Kiedy biuro jest zamknięte bez względu na swoje godziny.",
    ),
    (
        "Days off besides the public holidays: a list, or each with its reason.",
        "Dni wolne poza świętami: lista albo każdy ze swoim powodem.",
    ),
    (
        "Closed periods by name. The name is also an outcome of `hours:`, to lead to an "
        "announcement of its own.",
        "Okresy zamknięcia według nazw. Nazwa jest też wyjściem `hours:` i może prowadzić do "
        "własnej zapowiedzi.",
    ),
    (
        "Every inbound call without a human talk becomes an item here; nothing switches that off.",
        "Każde połączenie przychodzące bez rozmowy z człowiekiem staje się tu pozycją; nic tego "
        "nie wyłącza.",
    ),
    (
        "Person, group or queue for calls whose queue, person or team is not known. Without it, "
        "everybody.",
        "Osoba, grupa albo kolejka dla połączeń, których kolejka, osoba ani zespół nie są "
        "znane. Bez tego: wszyscy.",
    ),
    (
        "Hours in which time counts for `due` and `escalate`. Without it, always.",
        "Godziny, w których biegnie czas `due` i `escalate`. Bez tego: zawsze.",
    ),
    (
        "From then on the lamp is lit; who was promised a call back is due at once.",
        "Od tej chwili świeci lampka; komu obiecano oddzwonienie, ten jest do załatwienia od razu.",
    ),
    (
        "After this a mail says that nobody has called.",
        "Po tym czasie mail mówi, że nikt nie oddzwonił.",
    ),
    (
        "Who gets that mail, and the one of the nightly check when it is not right.",
        "Kto dostaje ten mail i mail z nocnej kontroli, gdy coś się nie zgadza.",
    ),
    (
        "Language of these mails.",
        "Język tych maili.",
    ),
    (
        "A talk so long, in either direction, closes an item.",
        "Tak długa rozmowa, w którąkolwiek stronę, zamyka pozycję.",
    ),
    (
        "Who hangs up sooner is no item, but counted; `0s` keeps everybody.",
        "Kto rozłączy się wcześniej, nie jest pozycją, ale jest liczony; `0s` zostawia wszystkich.",
    ),
    (
        "Numbers that nobody calls back.",
        "Numery, na które nikt nie oddzwania.",
    ),
    (
        "Where a provider writes the number that was called.",
        "Gdzie operator wpisuje wybrany numer.",
    ),
    (
        "A call that must go right: what is given, and what is expected.",
        "Połączenie, które musi pójść dobrze: co jest dane i czego się oczekuje.",
    ),
    (
        "When it comes.",
        "Kiedy przychodzi.",
    ),
    (
        "Who calls. Without it, withheld.",
        "Kto dzwoni. Bez tego: numer zastrzeżony.",
    ),
    (
        "What is called. Without it, the first number of `numbers:`.",
        "Na jaki numer. Bez tego: pierwszy z `numbers:`.",
    ),
    (
        "Pressed in turn; - presses nothing.",
        "Klawisze po kolei; - to żaden.",
    ),
    (
        "People who talk already; `all`.",
        "Osoby, które już rozmawiają; `all`.",
    ),
    (
        "People without a phone; `all`.",
        "Osoby bez telefonu; `all`.",
    ),
    (
        "People who answer for no queue now; `all`.",
        "Osoby, które teraz nie odbierają z żadnej kolejki; `all`.",
    ),
    (
        "People who do not answer; `all`.",
        "Osoby, które nie odbierają; `all`.",
    ),
    (
        "Queues without a place.",
        "Kolejki bez wolnego miejsca.",
    ),
    (
        "Switches that are on.",
        "Włączone przełączniki.",
    ),
    (
        "What other systems answer that a route asks.",
        "Co odpowiadają inne systemy, o które pyta trasa.",
    ),
    (
        "Who looks after the caller, as a CRM would tell.",
        "Kto opiekuje się dzwoniącym według CRM.",
    ),
    (
        "Who called the caller before (`contact: recent`).",
        "Kto wcześniej dzwonił do dzwoniącego (`contact: recent`).",
    ),
    (
        "Whether the caller speaks after the tone.",
        "Czy dzwoniący mówi po sygnale.",
    ),
    (
        "How it ends: talk, message, callback, no_message, busy or hangup.",
        "Jak się kończy: talk, message, callback, no_message, busy albo hangup.",
    ),
    (
        "Who answers.",
        "Kto odbiera.",
    ),
    (
        "The route, queue or mailbox where it ends.",
        "Trasa, kolejka albo skrzynka, w której się kończy.",
    ),
    (
        "Routes that it passes, in this order.",
        "Trasy, przez które przechodzi, w tej kolejności.",
    ),
    (
        "Prompts that the caller hears, in this order.",
        "Zapowiedzi, które dzwoniący słyszy, w tej kolejności.",
    ),
    (
        "Time to a human or to the tone of a mailbox, at most.",
        "Najdłuższy czas do człowieka albo do sygnału skrzynki.",
    ),
    (
        "The star codes of the office, by what they do.",
        "Kody z gwiazdką, według tego, co robią.",
    ),
    (
        "Take a call that rings elsewhere.",
        "Przejmij połączenie, które dzwoni gdzie indziej.",
    ),
    (
        "Park a call for a colleague.",
        "Zaparkuj połączenie dla kolegi.",
    ),
    (
        "Speak to a colleague at once.",
        "Mów od razu do kolegi.",
    ),
    (
        "Do not disturb.",
        "Nie przeszkadzać.",
    ),
    (
        "Forward every call.",
        "Przekieruj każde połączenie.",
    ),
    (
        "Forward what is not answered.",
        "Przekieruj nieodebrane.",
    ),
    (
        "Forward while no phone is registered.",
        "Przekieruj, gdy żaden telefon nie jest zarejestrowany.",
    ),
    (
        "Forward while busy.",
        "Przekieruj, gdy zajęte.",
    ),
    (
        "The deputy takes the calls until I am back.",
        "Do mojego powrotu odbiera zastępca.",
    ),
    (
        "A second call may ring while I talk.",
        "Gdy rozmawiam, może zadzwonić drugie połączenie.",
    ),
    (
        "My number is shown to nobody outside. For one call: `#31#` and the number; shown for "
        "one call: `*31#` and the number.",
        "Mojego numeru nikt na zewnątrz nie widzi. Na jedno połączenie: `#31#` i numer; "
        "pokazany na jedno połączenie: `*31#` i numer.",
    ),
    (
        "Answer for my queues, or no longer; with a queue's number, for it alone.",
        "Odbieram ze swoich kolejek albo już nie; z numerem kolejki tylko z niej.",
    ),
    (
        "A pause from my queues, with the digit of its reason (`pauses:`).",
        "Przerwa od moich kolejek, z cyfrą powodu (`pauses:`).",
    ),
    (
        "Supervisors: hear the talk of an agent, unheard.",
        "Nadzorujący: słuchaj rozmowy agenta, niesłyszany.",
    ),
    (
        "Supervisors: speak to the agent alone during his talk.",
        "Nadzorujący: mów do samego agenta w czasie rozmowy.",
    ),
    (
        "Supervisors: join an agent's talk.",
        "Nadzorujący: dołącz do rozmowy agenta.",
    ),
    (
        "Hear my messages; with a number, those of a team's mailbox.",
        "Odsłuchaj moje wiadomości; z numerem: wiadomości skrzynki zespołu.",
    ),
    (
        "With a number for help, like `*90112`: everything but the call itself.",
        "Z numerem alarmowym, np. `*90112`: wszystko oprócz samego połączenia.",
    ),
    (
        "Who has called for help; whoever is to be told of it (`emergency:`) has been, then. "
        "Its lamp is lit until somebody was.",
        "Kto dzwonił po pomoc; to znaczy też, że ktoś z powiadamianych (`emergency:`) już wie. "
        "Do tej pory świeci lampka.",
    ),
    (
        "Call the next client who waits for it.",
        "Zadzwoń do następnego klienta, który na to czeka.",
    ),
)
