"""What a command is refused with: by the running switch, the store, the keys, a backup."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "unknown_command": (
        "the switch does not know this command",
        "centrala nie zna tego polecenia",
    ),
    "fault_of_switch": (
        "a fault of the switch: its log says more",
        "błąd centrali: więcej mówi jej dziennik",
    ),
    "office_unanswering": (
        "the running office does not answer: {why}",
        "działające biuro nie odpowiada: {why}",
    ),
    "office_gave_no_answer": (
        "the running office gave no answer",
        "działające biuro nic nie odpowiedziało",
    ),
    "told_of_file": ("{file}: {why}", "{file}: {why}"),
    "no_person_here": ("there is no person {who}", "nie ma osoby {who}"),
    "wrong_not_understood": ("that is not understood", "to niezrozumiałe"),
    "wrong_no_such_number": ("there is no such number", "nie ma takiego numeru"),
    "wrong_not_permitted": (
        "calls may not be forwarded to that number",
        "na ten numer nie wolno przekierowywać",
    ),
    "wrong_no_such_queue": ("that is no queue of his", "to nie jest jego kolejka"),
    "wrong_no_such_reason": ("`pauses:` has no such reason", "w `pauses:` nie ma takiego powodu"),
    "no_time_to_come": (
        "`{text}` is no time to come. Write it like 17:00, 2026-12-20 or 2026-12-20 17:00",
        "`{text}` to nie jest przyszła chwila. Wpisz np. 17:00, 2026-12-20 albo 2026-12-20 17:00",
    ),
    "being_recorded": ("{recording} is being recorded", "{recording}: nagrywanie trwa"),
    "no_recording_keys": (
        "there are no keys: see the log of the start",
        "nie ma kluczy: zob. dziennik startu",
    ),
    "may_not_hear": (
        "{who} may not hear {recording}: {policy} does not name him",
        "{who} nie może słuchać {recording}: nie wymienia go {policy}",
    ),
    "held_already": ("{recording} is held already", "{recording} jest już zatrzymane"),
    "not_held_already": ("{recording} is not held", "{recording} nie jest zatrzymane"),
    "is_held_release": (
        "{recording} is held: {why}. Release it first",
        "{recording} jest zatrzymane: {why}. Najpierw je zwolnij",
    ),
    "no_one_recording": (
        "no recording, or more than one, begins with `{recording}`",
        "od `{recording}` nie zaczyna się żadne nagranie albo zaczyna się kilka",
    ),
    "is_erased": (
        "{recording} is erased: {why} ({by})",
        "{recording} jest usunięte: {why} ({by})",
    ),
    "say_why_recording": (
        "say why: --reason complaint, lawsuit, training, or other words",
        "podaj powód: --reason reklamacja, proces, szkolenie albo inne słowa",
    ),
    "no_world_number": (
        "`{text}` is no telephone number of the world",
        "`{text}` nie jest numerem telefonu",
    ),
    "call_with_number_up": (
        "a call with this number is up: try again when it is over",
        "trwa połączenie z tym numerem: spróbuj, gdy się skończy",
    ),
    "reason_has_number": (
        "leave the number out of the reason: the audit log, where it stands, is kept",
        "nie podawaj numeru w powodzie: dziennik, w którym powód stoi, zostaje",
    ),
    "say_why_callback": (
        "say why: --reason spam, elsewhere, wrong_number, or other words",
        "podaj powód: --reason spam, elsewhere, wrong_number albo inne słowa",
    ),
    "closed_by_talk": (
        "{item} was closed by a talk; it needs no call back",
        "{item} zamknęła rozmowa; oddzwaniać nie trzeba",
    ),
    "no_one_item": (
        "no item, or more than one, begins with `{item}`",
        "od `{item}` nie zaczyna się żadna pozycja albo zaczyna się kilka",
    ),
    "open_already": ("{item} is open already", "{item} jest już otwarte"),
    "closed_already": ("{item} is closed already", "{item} jest już zamknięte"),
    "done_already": ("{item} is done already", "{item} jest już załatwione"),
    "no_one_message": (
        "no message, or more than one, begins with `{message}`",
        "od `{message}` nie zaczyna się żadna wiadomość albo zaczyna się kilka",
    ),
    "is_not_stopped": ("{who} is not stopped", "{who} nie ma wstrzymanych połączeń"),
    "note_incomplete": ("a note has a call and a text", "notatka ma połączenie i treść"),
    "note_too_long": (
        "a note has at most {most} characters, this one {length}",
        "notatka ma najwyżej {most} {most:znak/znaki/znaków}, ta ma {length}",
    ),
    "no_number_to_dial": (
        "{text} is no number. Write it as it would be dialled",
        "{text} nie jest numerem. Wpisz go tak, jak się go wybiera",
    ),
    "too_many_clicks": (
        "too many calls are asked for at once",
        "zbyt wiele połączeń zleconych naraz",
    ),
    "no_phone_registered": (
        "no phone of {who} is registered",
        "{who} nie ma podłączonego telefonu",
    ),
    "another_trunk_tested": ("another trunk is being tested", "trwa próba innego łącza"),
    "no_such_trunk_among": (
        "there is no trunk {trunk}: {known}",
        "nie ma łącza {trunk}: {known}",
    ),
    "trunk_is_off": (
        "the trunk {trunk} is switched off (`enabled: false`)",
        "łącze {trunk} jest wyłączone (`enabled: false`)",
    ),
    "no_number_of_ours": (
        "{text} is no number of a trunk of ours: {known}",
        "{text} nie jest numerem naszego łącza: {known}",
    ),
    "no_trunk_tested": ("no trunk was tested", "żadnego łącza nie sprawdzano"),
    "no_store": (
        "there is no store at {path}: has an office run with this data folder?",
        "nie ma bazy {path}: czy jakieś biuro działało z tym folderem danych?",
    ),
    "store_unreadable": ("the store cannot be read: {why}", "bazy nie da się czytać: {why}"),
    "store_unwritable": ("the store cannot be written: {why}", "bazy nie da się zapisać: {why}"),
    "store_not_empty": (
        "the database holds an office already: restore into an empty one",
        "w bazie jest już biuro: odtwórz je do pustej",
    ),
    "store_not_overwritten": (
        "the store cannot be overwritten: {why}",
        "bazy nie da się nadpisać: {why}",
    ),
    "audit_store_away": (
        "the audit log cannot be written: the store was away at the start",
        "dziennika dostępu nie da się zapisać: przy starcie nie było bazy",
    ),
    "audit_no_disk": (
        "the audit log cannot be written: no disk takes it",
        "dziennika dostępu nie da się zapisać: nie przyjmuje go żaden dysk",
    ),
    "file_there": ("{file} is there already", "{file} już istnieje"),
    "file_there_name": (
        "{file} is there already: name another file",
        "{file} już istnieje: podaj inny plik",
    ),
    "backup_in_data": (
        "a backup in the data folder would be lost with it: name another place",
        "kopia w folderze danych zginęłaby razem z nim: podaj inne miejsce",
    ),
    "folder_not_empty": (
        "{folder} is not empty: restore into a new folder",
        "{folder} nie jest pusty: odtwórz do nowego folderu",
    ),
    "no_whole_backup": (
        "{file} is no whole backup: {why}",
        "{file} nie jest pełną kopią: {why}",
    ),
    "backup_cut_off": (
        "it is no archive, or an end is missing",
        "to nie archiwum albo brakuje końca",
    ),
    "backup_no_contents": (
        "there is no table of contents in it",
        "nie ma w nim spisu treści",
    ),
    "backup_newer": (
        "it was made by a newer softswitch",
        "zrobił ją nowszy softswitch",
    ),
    "this_unreadable": ("{file} cannot be read: {why}", "nie można odczytać {file}: {why}"),
    "file_broken": ("{file} is broken", "{file} jest uszkodzony"),
    "file_indestructible": (
        "{file} cannot be destroyed: {why}",
        "nie można zniszczyć {file}: {why}",
    ),
    "key_wrapped_otherwise": (
        "the key is not wrapped by the office key {key}",
        "klucza nie zaszyfrowano kluczem biura {key}",
    ),
    "office_key_form": (
        "an office key is 64 hexadecimal digits: openssl rand -hex 32",
        "klucz biura to 64 cyfry szesnastkowe: openssl rand -hex 32",
    ),
    "no_office_key": ("there is no office key", "nie ma klucza biura"),
    "office_key_missing": (
        "the office key {key}, which wraps {recording}, is not here",
        "nie ma tu klucza biura {key}, którym zaszyfrowano {recording}",
    ),
    "recording_has_key": (
        "the recording {recording} has a key already",
        "nagranie {recording} ma już klucz",
    ),
    "recording_key_destroyed": (
        "the key of the recording {recording} was destroyed",
        "klucz nagrania {recording} zniszczono",
    ),
    "no_recording_name": (
        "`{recording}` is no name of a recording",
        "`{recording}` nie jest nazwą nagrania",
    ),
    "recording_form": (
        "a recording becomes a .wav or a .flac file, not `{file}`",
        "nagranie zapisuje się do pliku .wav albo .flac, nie `{file}`",
    ),
    "audit_missing": ("entry {number} is missing", "brak wpisu {number}"),
    "audit_changed": (
        "entry {number} is not what was written, or its predecessor is not",
        "wpis {number} albo poprzedni nie jest tym, co zapisano",
    ),
    "audit_exchanged": (
        "entry {number} is another one than was written",
        "wpis {number} to inny wpis niż zapisany",
    ),
    "audit_cut_off": (
        "the entries after {last} are missing: there were {number}",
        "brak wpisów po {last}: było ich {number}",
    ),
}
