"""The Polish help of the commands that list what happened and set what people want; see
`help_texts.py`, which has that of the commands about an office file.
"""

from collections.abc import Mapping
from typing import Final

# English: Polish.
TEXTS: Final[Mapping[str, str]] = {
    "Install completion for the current shell.": "Zainstaluj uzupełnianie w tej powłoce.",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "Pokaż uzupełnianie dla tej powłoki, żeby je skopiować albo zmienić."
    ),
    "The last calls, newest first: one row a caller, whatever happened to him.": (
        "Ostatnie połączenia, najnowsze najpierw: każdy dzwoniący to jeden wiersz."
    ),
    "Calls from or to this number.": "Połączenia z tego numeru albo na ten numer.",
    "Calls handled by this extension.": "Połączenia, które odebrał ten numer wewnętrzny.",
    "Calls through this queue.": "Połączenia przez tę kolejkę.",
    "From this moment on.": "Od tej chwili.",
    "Before this moment.": "Przed tą chwilą.",
    "talked, message, abandoned, …": "talked, message, abandoned, …",
    "At most so many rows.": "Najwyżej tyle wierszy.",
    "Print CSV, for a spreadsheet.": "Wypisz CSV dla arkusza.",
    "One call's story: what the caller heard, whom it rang, who answered, how it ended.\n\nThen "
    "what the sound was like, and what went wrong, in plain words with what to do about it.": (
        "Przebieg połączenia: co słyszał dzwoniący, u kogo dzwoniło, kto odebrał, jak się "
        "skończyło.\n\nPotem jaki był dźwięk i co poszło źle, zwykłymi słowami, z radą."
    ),
    "A call's ID, or the beginning of one.": "ID połączenia albo jego początek.",
    "Its SIP messages as a ladder.": "Jego wiadomości SIP jako drabina.",
    "With --sip: each message's text.": "Z --sip: treść każdej wiadomości.",
    "Draw the ladder into this SVG file.": "Narysuj drabinę do tego pliku SVG.",
    "Write something about a call into its story.": "Dopisz coś do przebiegu połączenia.",
    "What is to be remembered.": "Co zapamiętać.",
    "Who is registered: extension, whether the phone answers and how fast, device, address.": (
        "Kto jest podłączony: numer, czy telefon odpowiada i jak szybko, urządzenie, adres."
    ),
    "Everybody: phones, calls, do not disturb, forwards, absence, and until when.": (
        "Wszyscy: telefony, rozmowy, nie przeszkadzać, przekierowania, nieobecność i do kiedy."
    ),
    "Do not disturb: calls find him busy, queues and groups pass him over.": (
        "Nie przeszkadzać: dzwoniący słyszą zajęte, kolejki i grupy omijają tę osobę."
    ),
    "Whose, like 101.": "Czyje, np. 101.",
    "on or off": "on (włącz) albo off (wyłącz)",
    "17:00, 2026-12-20 (its beginning) or '2026-12-20 17:00'.": (
        "17:00, 2026-12-20 (jego początek) albo '2026-12-20 17:00'."
    ),
    "Forward calls to a person, group, queue or route of the office, or to a number outside.": (
        "Przekieruj połączenia do osoby, grupy, kolejki albo trasy biura, albo na numer zewnętrzny."
    ),
    "Every call, to this number.": "Każde połączenie, na ten numer.",
    "While he is busy.": "Gdy zajęte.",
    "When he does not answer.": "Gdy nie odbiera.",
    "While no phone is registered.": "Gdy żaden telefon nie jest podłączony.",
    "No forward any more.": "Bez przekierowań.",
    "Seconds without an answer, 5 to 120.": "Sekundy bez odebrania, od 5 do 120.",
    "Absent: the deputy of the office's file takes the calls.": (
        "Nieobecność: odbiera zastępca z pliku biura."
    ),
    "Back again.": "Koniec nieobecności albo przerwy.",
    "Whether a second call may ring while he talks.": (
        "Czy w czasie rozmowy może zadzwonić drugie połączenie."
    ),
    "Whether he answers for his queues.": "Czy odbiera ze swoich kolejek.",
    "One of his queues alone: its name or number.": "Tylko jedna jego kolejka: nazwa albo numer.",
    "A pause from his queues; other calls reach him.": (
        "Przerwa od kolejek; inne połączenia dochodzą."
    ),
    "The digit of a reason, by `pauses:` of the office file.": (
        "Cyfra powodu, według `pauses:` w pliku biura."
    ),
    "Provider trunks: registered or not, up or down, since when, and what went wrong last.\n\nWith "
    "--test one is asked whether it is there, and with --call it carries a call to a number of\n"
    "our own: what the far side showed is told, and what to change. Exits with 1 when that "
    "failed.": (
        "Łącza operatorów: czy zarejestrowane, czy działają, od kiedy, i ostatni błąd.\n\nZ --test "
        "sprawdza jedno łącze, a z --call także połączenie na własny numer: mówi, co pokazała "
        "druga strona i co zmienić. Kod wyjścia 1, gdy się nie udało."
    ),
    "Test this trunk.": "Sprawdź to łącze.",
    "With --test: call this number of ours over it.": "Z --test: zadzwoń nim na ten własny numer.",
    "The queues: waiting callers, the longest wait, service level, and every agent's state.": (
        "Kolejki: kto czeka, jak długo, poziom obsługi i stan każdego agenta."
    ),
    "Ring a person's phones; when he answers, call the number for him.": (
        "Zadzwoń na telefony osoby; gdy odbierze, wybierz za nią numer."
    ),
    "Whose phones ring first.": "Czyje telefony dzwonią najpierw.",
    'Whom to call, as it would be dialled: "22 …".': "Dokąd dzwonić, tak jak się wybiera: „22 …”.",
    "His phone answers by itself, if it can.": "Telefon odbiera sam, jeśli umie.",
    "Everything of an office in one file, while it runs; from SQLite and PostgreSQL alike.\n\n"
    "Recordings stay sealed in it: their keys lie elsewhere and are to be kept elsewhere.": (
        "Całe biuro w jednym pliku, w czasie pracy; z SQLite i PostgreSQL.\n\nNagrania pozostają "
        "w nim zaszyfrowane: ich klucze leżą gdzie indziej i tam trzeba je przechować."
    ),
    "The file to write, `office-2026-12-24.tar.gz`.": (
        "Plik do zapisania, `biuro-2026-12-24.tar.gz`."
    ),
    "The office's file: its folder goes in too.": ("Plik biura: do kopii trafi też jego folder."),
    "Bring a backup back, into a new data folder and a new database.": (
        "Odtwórz kopię do nowego folderu danych i nowej bazy."
    ),
    "A file that `softswitch backup` wrote.": "Plik zapisany przez `softswitch backup`.",
    "Calls in by hour, day, queue and number, and what each person did, on the office's clock.": (
        "Połączenia przychodzące według godziny, dnia, kolejki i numeru oraz praca każdej osoby, "
        "w strefie czasowej biura."
    ),
    "From this moment on; without it, a week ago.": "Od tej chwili; inaczej od tygodnia.",
    "Draft the information clause and the record of processing from an office's file.": (
        "Projekt klauzuli informacyjnej i rejestru czynności z pliku biura."
    ),
    "pl or en; without it the office's own.": "pl albo en; inaczej język biura.",
    "Clients whom nobody talked with: who has to be called back, until when, by whom.": (
        "Klienci, z którymi nikt nie rozmawiał: do kogo oddzwonić, do kiedy i kto."
    ),
    "Also those that are done.": "Także załatwione.",
    "The sums: is each inbound call a talk or an item?": (
        "Rachunek: czy każde połączenie to rozmowa albo pozycja listy?"
    ),
    "With --check and --all: so far back.": "Z --check i --all: tyle dni wstecz.",
    "Take a client off the list without a talk, and say why.": (
        "Zdejmij klienta z listy bez rozmowy i podaj powód."
    ),
    "An item's ID, or the beginning of one.": "ID pozycji albo jego początek.",
    "spam (the number is never called back), elsewhere, wrong_number, …": (
        "spam (na ten numer nigdy się nie oddzwania), elsewhere, wrong_number, …"
    ),
    "Take a closing back; a number declared spam is a client again.": (
        "Cofnij zamknięcie; numer uznany za spam jest znów klientem."
    ),
    "Messages that callers have left: in which mailbox, by whom, and who dealt with them.": (
        "Wiadomości od dzwoniących: w której skrzynce, od kogo i kto je załatwił."
    ),
    "Of this mailbox alone: its name, or an extension.": "Tylko z tej skrzynki: nazwa albo numer.",
    "At most so many.": "Najwyżej tyle.",
    "Somebody has dealt with it: nobody else of the team needs to.": (
        "Ktoś już to załatwił: nikt więcej z zespołu nie musi."
    ),
    "A message's ID, or the beginning of one.": "ID wiadomości albo jego początek.",
    "Take the mark back: it is to be dealt with after all.": "Cofnij: jednak jest do załatwienia.",
    "Calls out today: what each person and the office used up, what was refused and why.": (
        "Dzisiejsze połączenia wychodzące: co zużyły osoby i biuro, czego odmówiono i dlaczego."
    ),
    "Let somebody call abroad again whose calls were stopped. Change the password before.": (
        "Pozwól znów dzwonić za granicę komuś, komu to wstrzymano. Najpierw zmień hasło."
    ),
    "Whose calls abroad were stopped.": "Komu wstrzymano połączenia zagraniczne.",
    "Recordings of talks, and who heard them.": "Nagrania rozmów i kto ich słuchał.",
    "Of this number, or called on it.": "Z tego numeru albo na ten numer.",
    "Of this person of the office.": "Tej osoby z biura.",
    "Of callers of this queue.": "Dzwoniących do tej kolejki.",
    "Of this call.": "Tego połączenia.",
    "Also those that are erased.": "Także usunięte.",
    "Who heard, exported, held or erased what, and why.": (
        "Kto czego słuchał, co eksportował, zatrzymał albo usunął, i dlaczego."
    ),
    "The newest so many.": "Tyle najnowszych.",
    "Whether the audit log is what was written: nothing changed, nothing taken out.": (
        "Czy dziennik dostępu jest taki, jak go zapisano: nic nie zmieniono ani nie wyjęto."
    ),
    "Another office key: the key of every recording is wrapped anew.": (
        "Nowy klucz biura: klucz każdego nagrania jest szyfrowany na nowo."
    ),
    "Why; it stands in the audit log.": "Powód; trafia do dziennika dostępu.",
    "One recording.": "Jedno nagranie.",
    "All that is known of it, without a word of it.": "Wszystko, co o nim wiadomo, bez treści.",
    "A recording's ID, or the beginning of one.": "ID nagrania albo jego początek.",
    "Into a file in clear, which is yours to keep safe; it stands in the audit log.": (
        "Do jawnego pliku, którego trzeba strzec; trafia to do dziennika dostępu."
    ),
    "The file: .wav or .flac.": "Plik: .wav albo .flac.",
    "For this person, if he may hear it.": "Dla tej osoby, jeśli wolno jej słuchać.",
    "Keep it whatever its time says, for a lawsuit or a complaint.": (
        "Zatrzymaj mimo upływu czasu, na potrzeby procesu albo reklamacji."
    ),
    "End a hold: it goes when its time is over.": (
        "Zwolnij zatrzymane: zniknie, gdy minie jego czas."
    ),
    "Destroy its key: no copy of the data folder can be opened either.": (
        "Zniszcz jego klucz: nie otworzy się też żadna kopia folderu danych."
    ),
    "What is kept of somebody, by his number.": "Co jest przechowywane o kimś, według numeru.",
    "Erase recordings, messages and mails; the history keeps its rows under a pseudonym.": (
        "Usuń nagrania, wiadomości i maile; historia zachowuje wiersze pod pseudonimem."
    ),
    'His telephone number, like "+48 600 100 200".': "Numer telefonu, np. „+48 600 100 200”.",
    "Only say what would go.": "Powiedz tylko, co by zniknęło.",
    "Everything that is kept of him, with an index that a person can read.": (
        "Wszystko, co jest o nim przechowywane, ze spisem do czytania."
    ),
    "The file, a .zip.": "Plik .zip.",
}
