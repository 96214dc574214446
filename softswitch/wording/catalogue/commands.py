"""What the commands about an office say beside findings and stories."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "told_and_advised": ("{told}. {advised}", "{told}. {advised}"),
    "no_command": ("There is no command `{word}`", "Nie ma polecenia `{word}`"),
    "no_option": ("There is no option `{word}`", "Nie ma opcji `{word}`"),
    "option_bare": ("`{word}` needs a value behind it", "Po `{word}` potrzebna jest wartość"),
    "option_alone": ("`{word}` takes no value", "`{word}` nie przyjmuje wartości"),
    "parameter_missing": ("`{name}` is missing", "Brakuje `{name}`"),
    "words_too_many": ("Too much is typed here: {words}", "Za dużo słów: {words}"),
    "languages_are": ("A language is one of: {known}", "Języki do wyboru: {known}"),
    "name_an_office": (
        "Name the office's file with --office, or ask for --demo",
        "Podaj plik biura po --office albo wybierz --demo",
    ),
    "file_exists": (
        "{file} exists. Name another file, or say --force",
        "{file} już istnieje. Podaj inny plik albo dodaj --force",
    ),
    "passwords_differ": (
        "These are two different passwords; once more, please",
        "To dwa różne hasła; jeszcze raz",
    ),
    "no_keys": (
        "`{text}` names no keys: they are 0 to 9, * and #, and - presses none",
        "`{text}` to nie klawisze: są to 0-9, * i #, a - to żaden",
    ),
    "no_moment_but": (
        "`{text}` is no moment. Write it like {guess}",
        "`{text}` nie jest chwilą. Wpisz: {guess}",
    ),
    "no_moment": (
        "`{text}` is no moment. Write it like 2026-12-24 17:05",
        "`{text}` nie jest chwilą. Wpisz np. 2026-12-24 17:05",
    ),
    "typed_no_number": (
        "{text} is no telephone number. Write it like +48 600 100 200",
        "{text} nie jest numerem telefonu. Wpisz np. +48 600 100 200",
    ),
    "nobody_is_called": ("nobody is called {word}", "nikt ani nic nie nazywa się {word}"),
    "changed_end": (
        "Calls that come to somebody or something else:",
        "Połączenia, które trafią do kogoś innego albo gdzie indziej:",
    ),
    "changed_heard": ("Calls that hear something else:", "Połączenia, które usłyszą coś innego:"),
    "changed_detail": ("Calls that are handled otherwise:", "Połączenia obsłużone inaczej:"),
    "nothing_changes": ("every call goes as before", "każde połączenie idzie jak dotąd"),
    "and_other_ways": (
        "{change} (and {count} other {count:way/ways})",
        "{change} (i {count} {count:inna droga/inne drogi/innych dróg})",
    ),
    "waited": ("to a human or a mailbox: {time}", "do człowieka albo skrzynki: {time}"),
    "explored": (
        "{count} {count:call/calls}: {ends}",
        "{count} {count:połączenie/połączenia/połączeń}: {ends}",
    ),
    "counted": ("{number} {end}", "{end} {number}"),
    "is_lost": ("lost", "zgubiony"),
    "ended_talk": ("talk", "rozmowa"),
    "ended_message": ("message", "wiadomość"),
    "ended_callback": ("callback", "oddzwonienie"),
    "ended_hangup": ("hangup", "rozłączenie"),
    "ended_refused": ("refused", "„zajęte”"),
    "ended_unheard": ("unheard", "bez wiadomości"),
    "ended_lost": ("lost", "zgubione"),
    "ended_gave_up": ("gave_up", "rezygnacja"),
    "no_tests": ("no tests: write some under `tests:`", "brak testów: wpisz je do `tests:`"),
    "tests_passed": (
        "{passed} of {count} tests passed",
        "{count:test/testy/testów}: {count}, udane: {passed}",
    ),
    "office_written": (
        "{file} written; next: softswitch passwd 101 --office {file}",
        "zapisano {file}; teraz: softswitch passwd 101 --office {file}",
    ),
    "drawing_suffix": (
        "name a file that ends in .svg, .png or .mmd",
        "podaj plik z końcówką .svg, .png albo .mmd",
    ),
    "cannot_write": ("{file} cannot be written: {why}", "nie można zapisać {file}: {why}"),
    "file_written": ("{file} written", "zapisano {file}"),
    "every_path_ends_well": (
        "{file}: every path ends well",
        "{file}: każda droga dobrze się kończy",
    ),
    "no_such_setting": (
        "there is no setting {name}, and it is passed over",
        "nie ma ustawienia {name}: jest pomijane",
    ),
    "no_dns_server": (
        "`{text}` does not name DNS servers by their addresses",
        "`{text}` nie podaje adresów serwerów DNS",
    ),
    "write_dns_server": (
        "Write it like 192.0.2.53 or 192.0.2.53,192.0.2.54:5353",
        "Wpisz np. 192.0.2.53 albo 192.0.2.53,192.0.2.54:5353",
    ),
    "write_network": ("Write it like 192.0.2.0/24", "Wpisz np. 192.0.2.0/24"),
    "no_address": ("`{text}` is no numeric address", "`{text}` to nie adres liczbowy"),
    "write_address": ("Write it like 203.0.113.5", "Wpisz np. 203.0.113.5"),
    "no_database_url": (
        "the address of the database begins otherwise",
        "adres bazy danych zaczyna się inaczej",
    ),
    "write_database_url": (
        "Write it like postgresql+asyncpg://user:password@host/name, or leave it out for SQLite",
        "Wpisz np. postgresql+asyncpg://user:haslo@serwer/baza albo pomiń, będzie SQLite",
    ),
    "no_rtp_ports": (
        "the last port for sound, {last}, is not behind the first one, {first}",
        "ostatni port dźwięku, {last}, nie leży za pierwszym, {first}",
    ),
    "write_rtp_ports": (
        "Set SOFTSWITCH_RTP_LOW and SOFTSWITCH_RTP_HIGH, four ports a call",
        "Ustaw SOFTSWITCH_RTP_LOW i SOFTSWITCH_RTP_HIGH, po cztery porty na rozmowę",
    ),
    "no_certificate": (
        "{file}: no PEM certificate with its key in it or in SOFTSWITCH_TLS_KEY ({why})",
        "{file}: nie ma tu certyfikatu PEM z kluczem, tu albo w SOFTSWITCH_TLS_KEY ({why})",
    ),
    "no_authorities": (
        "{file}: no certificates of authorities in PEM ({why})",
        "{file}: nie ma tu certyfikatów urzędów w PEM ({why})",
    ),
    "wss_needs_certificate": (
        "WSS needs a certificate: set SOFTSWITCH_TLS_CERTIFICATE and SOFTSWITCH_TLS_KEY",
        "WSS wymaga certyfikatu: ustaw SOFTSWITCH_TLS_CERTIFICATE i SOFTSWITCH_TLS_KEY",
    ),
    "no_office_runs": (
        "no office runs with the data folder {folder}; name that of yours by --data",
        "z folderem danych {folder} nie działa żadne biuro; wskaż folder swojego przez --data",
    ),
    "no_earlier_version": ("there is no earlier version", "nie ma wcześniejszej wersji"),
    "no_such_version": (
        "no version, or several, begin with {version}",
        "od {version} nie zaczyna się żadna wersja albo zaczyna się kilka",
    ),
    "reload_accepted": (
        "accepted as version {version}; calls in progress keep theirs",
        "przyjęto jako wersję {version}; trwające połączenia zachowują swoją",
    ),
    "reload_refused": ("refused: nothing has changed", "odmowa: nic się nie zmieniło"),
    "version_by": ("{author}: {comment}", "{author}: {comment}"),
    "version_started": ("in force at the start", "obowiązuje od startu"),
    "version_saved": ("the file was saved", "zapisano plik"),
    "version_asked": ("a command", "polecenie"),
    "no_difference": ("(no difference)", "(bez różnic)"),
    "restored": ("restored {version}", "przywrócono {version}"),
    "nothing_on_trial": ("no version is on trial", "żadna wersja nie jest na próbie"),
    "trial_confirmed": ("version {version} stays", "wersja {version} zostaje"),
    "confirm_until": (
        "confirm it with `softswitch reload --confirm` until {time}, or {before} comes back",
        "potwierdź ją do {time} poleceniem `softswitch reload --confirm`, inaczej wróci {before}",
    ),
    "went_back": (
        "version {version} was taken back: {why}",
        "wersja {version} została wycofana: {why}",
    ),
    "trial_unconfirmed": ("nobody confirmed it in time", "nikt jej na czas nie potwierdził"),
    "trial_trunk": (
        "the trunk {trunk} is no longer registered",
        "łącze {trunk} straciło rejestrację",
    ),
    "trial_calls": (
        "{count} calls met a fault of the switch",
        "błąd centrali dotknął {count} {count:połączenia/połączeń/połączeń}",
    ),
    "phones_register": (
        "Phones register at {host} port {port} ({way})",
        "Telefony rejestrują się pod adresem {host}, port {port} ({way})",
    ),
    "history_lies": (
        "History: softswitch calls --data {folder}",
        "Historia: softswitch calls --data {folder}",
    ),
    "voicemail_lies": ("Voicemail: {at}", "Poczta głosowa: {at}"),
    "cannot_start": ("cannot start: {why}", "nie można uruchomić: {why}"),
    "office_runs_already": (
        "an office runs with the data folder {folder} already; stop it, or name another --data",
        "z folderem danych {folder} działa już biuro; zatrzymaj je albo podaj inny --data",
    ),
    "demo_phones": ("Phones", "Telefony"),
    "demo_dial": ("Dial", "Wybierz"),
    "head_user_name": ("user name", "nazwa użytkownika"),
    "head_password": ("password", "hasło"),
    "head_then": ("and", "a wtedy"),
    "dial_person": ("{name}'s phone rings", "dzwoni telefon: {name}"),
    "dial_group": ("the group {name} rings", "dzwoni grupa {name}"),
    "dial_queue": (
        "you wait in the queue {name}, with music",
        "czekasz z muzyką w kolejce {name}",
    ),
    "dial_echo": ("you hear yourself (echo test)", "słyszysz siebie (test echa)"),
    "dial_number": ("what a client hears: {target}", "to, co słyszy klient: {target}"),
    "dial_pickup": (
        "you take the call that rings at somebody of your groups and queues",
        "przejmujesz połączenie, które dzwoni u kogoś z Twoich grup i kolejek",
    ),
    "dial_pickup_of": (
        "you take the call that rings at {who}",
        "przejmujesz połączenie, które dzwoni pod {who}",
    ),
    "dial_park": (
        "(transfer a call here) it waits at a free number, which you are told",
        "(przekaż tu rozmowę) czeka na wolnym numerze, który usłyszysz",
    ),
    "dial_slot": (
        "(transfer a call here) it waits; anybody who dials the number has it",
        "(przekaż tu rozmowę) czeka; ma ją, kto wybierze ten numer",
    ),
    "dial_intercom": (
        "{who}'s phone answers by itself: intercom",
        "telefon {who} odbiera sam: interkom",
    ),
    "dial_dnd": (
        "your phone does not ring; {off} ends it",
        "Twój telefon nie dzwoni; {off} to kończy",
    ),
    "password": ("Password", "Hasło"),
    "once_more": ("Repeat for confirmation", "Jeszcze raz"),
    "no_extension": (
        "{file} has no extension {extension} under `people:`",
        "w {file} nie ma numeru {extension} w `people:`",
    ),
    "password_set": (
        "password of {extension} set in {file}",
        "hasło numeru {extension} zapisano w {file}",
    ),
}
