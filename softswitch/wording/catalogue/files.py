"""What is wrong with the form of a file: YAML, encodings, contacts."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "contacts_unreadable": (
        "the contacts cannot be read: {why}",
        "nie można odczytać kontaktów: {why}",
    ),
    "file_too_large": (
        "the file is larger than {megabytes} MB",
        "plik jest większy niż {megabytes} MB",
    ),
    "no_columns": (
        "the first line does not name the columns `number` and `name`",
        "pierwszy wiersz nie wymienia kolumn `number` i `name`",
    ),
    "write_columns": (
        "Write them like `number;name;caretaker;card`",
        "Wpisz je tak: `number;name;caretaker;card`",
    ),
    "number_in_line_already": (
        "{number} stands in line {line} already",
        "{number} jest już w wierszu {line}",
    ),
    "first_counts": ("The first counts", "Liczy się pierwszy"),
    "more_rows_wrong": (
        "{count} more rows have mistakes",
        "błędy są jeszcze w kilku wierszach: {count}",
    ),
    "row_left_out": ("It is left out", "Wiersz pominięto"),
    "no_telephone_number": (
        "`{written}` is no telephone number",
        "`{written}` nie jest numerem telefonu",
    ),
    "no_such_person": ("there is no person {written}", "nie ma osoby {written}"),
    "client_without_caretaker": ("The client has no caretaker", "Klient nie ma opiekuna"),
    "neither_yes_nor_no": ("`{written}` is neither yes nor no", "`{written}` to ani tak, ani nie"),
    "client_is_privileged": ("The client is privileged", "Klient jest objęty tajemnicą"),
    "no_card_address": (
        "`{written}` is no address of a card",
        "`{written}` nie jest adresem karty",
    ),
    "begins_with_https": ("It begins with https://", "Zaczyna się od https://"),
    "unquoted_number": (
        "without quotes, {number} is a plain number and loses its +",
        "bez cudzysłowu {number} jest zwykłą liczbą i traci swój +",
    ),
    "write_number_quoted": ('Write "{number}"', 'Wpisz "{number}"'),
    "begin_with_office": (
        "Begin with `office:` and the name of the office below it",
        "Zacznij od `office:` i nazwy biura pod spodem",
    ),
    "no_office_file": ("this is no office file", "to nie jest plik biura"),
    "no_section": ("there is no section `{key}`", "nie ma sekcji `{key}`"),
    "save_again": (
        "Save it again as WAV, FLAC, MP3, Ogg or M4A",
        "Zapisz go ponownie jako WAV, FLAC, MP3, Ogg albo M4A",
    ),
    "file_unreadable": ("the file cannot be read: {why}", "nie można odczytać pliku: {why}"),
    "is_utf16": ("the file is in UTF-16", "plik jest w UTF-16"),
    "save_as_utf8": ("Save it as UTF-8", "Zapisz go jako UTF-8"),
    "not_utf8": ("this character is not in UTF-8", "ten znak nie jest w UTF-8"),
    "save_as_utf8_1250": (
        "Save the file as UTF-8 (it may be in Windows-1250)",
        "Zapisz plik jako UTF-8 (być może jest w Windows-1250)",
    ),
    "second_time": ("`{key}` stands here a second time", "`{key}` jest tu drugi raz"),
    "first_is_in_keep_one": (
        "The first is in {first}: keep one of them",
        "Pierwszy: {first}; zostaw jeden",
    ),
    "first_is_in": ("The first is in {first}", "Pierwszy: {first}"),
    "hard_blank_indent": (
        "this line is indented with another blank than YAML's ({code}), as web pages have",
        "ten wiersz jest wcięty inną spacją niż zwykła ({code}), jak na stronach WWW",
    ),
    "replace_hard_blank": (
        "Delete the indentation and type it anew",
        "Usuń wcięcie i wpisz je od nowa z klawiatury",
    ),
    "invisible_here": (
        "here is a character that nobody sees ({code})",
        "jest tu znak, którego nie widać ({code})",
    ),
    "remove_invisible": (
        "Delete the word and type it anew",
        "Usuń to słowo i wpisz je od nowa z klawiatury",
    ),
    "tab_indent": (
        "this line is indented with a tab, and YAML allows only blanks",
        "ten wiersz jest wcięty tabulatorem, a YAML pozwala tylko na spacje",
    ),
    "replace_tab": ("Replace the tab by two blanks", "Zamień tabulator na dwie spacje"),
    "merge_marks": (
        "here two versions of the file were put together, and nobody has chosen",
        "zetknęły się tu dwie wersje pliku i nikt nie wybrał jednej z nich",
    ),
    "keep_one_version": (
        "Keep one of them, and remove the lines of `<`, `=`, `>`",
        "Zostaw jedną z nich i usuń wiersze z `<`, `=`, `>`",
    ),
    "no_secrets_file": ("this is no file of secrets", "to nie jest plik z hasłami"),
    "write_with_passwd_101": (
        "Write it with `softswitch passwd 101`",
        "Zapisuje go `softswitch passwd 101`",
    ),
    "write_with_passwd": (
        "Write it with `softswitch passwd {extension}`",
        "Zapisuje go `softswitch passwd {extension}`",
    ),
    "no_hashes": (
        "{extension} has no digest hashes here, and passwords are never kept in clear",
        "{extension} nie ma tu skrótów haseł, a haseł nigdy nie trzyma się otwartym tekstem",
    ),
    "no_digest": ("`{algorithm}` is no digest", "`{algorithm}` nie jest algorytmem skrótu"),
    "known_digests": ("Known: {known}", "Znane: {known}"),
    "no_hash": (
        "the {algorithm} of {extension} is no hash of {length} hexadecimal digits",
        "{algorithm} numeru {extension} nie jest skrótem z {length} cyfr szesnastkowych",
    ),
    "realm_is_text": ("the realm is text", "realm jest tekstem"),
    "write_realm": (
        'Write it in quotes, like "softswitch"',
        'Wpisz go w cudzysłowie, np. "softswitch"',
    ),
    "other_realm": (
        "these hashes belong to the realm `{written}`, and the switch uses `{realm}`",
        "te skróty są dla realm `{written}`, a centrala używa `{realm}`",
    ),
    "passwords_again": (
        "Set every password again with `softswitch passwd`",
        "Ustaw każde hasło na nowo poleceniem `softswitch passwd`",
    ),
    "others_can_read": (
        "other users of this machine can read the hashes (mode {mode})",
        "inni użytkownicy tego komputera mogą czytać skróty haseł (prawa {mode})",
    ),
    "run_chmod": ("Run `chmod 600 {file}`", "Wykonaj `chmod 600 {file}`"),
    "typographic_quotes": (
        "the quotation marks of {value} are typographic, and YAML knows none",
        "cudzysłów w {value} jest drukarski, a YAML takiego nie zna",
    ),
    "write_straight": ('Write straight ones: "{plain}"', 'Wpisz prosty: "{plain}"'),
    "write_value": ("Write `{name}: {written}`", "Wpisz `{name}: {written}`"),
    "no_colon": ("there is no colon after `{name}`", "po `{name}` brakuje dwukropka"),
    "section_inside": (
        "`{name}` is a section, and stands here inside `{section}`",
        "`{name}` jest sekcją, a stoi tu w środku `{section}`",
    ),
    "no_indent": ("Begin its line without blanks", "Zacznij jej wiersz bez spacji"),
    "stands_where_sections": (
        "`{key}` stands where sections begin",
        "`{key}` stoi tam, gdzie zaczynają się sekcje",
    ),
    "indent_it": (
        "Indent it by two blanks, if it belongs to `{above}:`",
        "Wetnij o dwie spacje, jeśli należy do `{above}:`",
    ),
    "too_deep": (
        "the file is nested too deeply or too large",
        "plik jest zbyt głęboko zagnieżdżony albo za duży",
    ),
    "split_it": ("Split it up", "Podziel go"),
    "not_in_utf8": (
        "this text cannot be written in UTF-8",
        "tego tekstu nie da się zapisać w UTF-8",
    ),
    "correct_it": ("Correct it", "Popraw go"),
    "list_as_key": ("a list cannot be a key", "lista nie może być kluczem"),
    "write_single_word": ("Write a single word", "Wpisz jedno słowo"),
    "merge_needs_mapping": (
        "`<<` must name a mapping",
        "`<<` musi wskazywać blok `klucz: wartość`",
    ),
    "write_merge": ("Write `<<: *name`", "Wpisz `<<: *nazwa`"),
    "quote_text": (
        'Put the text in double quotes, like "text"',
        'Weź tekst w podwójny cudzysłów, np. "tekst"',
    ),
    "not_yaml": ("this is not YAML ({why})", "to nie jest YAML ({why})"),
    "compare_lines": ("Compare with the lines around it", "Porównaj z sąsiednimi wierszami"),
    "quote_open_line": (
        "a quotation mark is opened in this line and not closed",
        "w tym wierszu otwarto cudzysłów i nie zamknięto go",
    ),
    "close_it": ("Close it", "Zamknij go"),
    "no_blank_after_colon": (
        "there is no blank after the colon of `{key}:`",
        "po dwukropku w `{key}:` brakuje spacji",
    ),
    "quote_open": (
        "a quotation mark is opened here and never closed",
        "otwarto tu cudzysłów i nigdzie go nie zamknięto",
    ),
    "backslash": (
        "a backslash in double quotes has a meaning of its own",
        "ukośnik wsteczny w podwójnym cudzysłowie ma własne znaczenie",
    ),
    "single_quotes": ("Use single quotes", "Użyj pojedynczego cudzysłowu"),
    "quotes_inside": (
        "Put the whole text in double quotes, and single ones inside",
        "Weź cały tekst w podwójny cudzysłów, a w środku użyj pojedynczego",
    ),
    "text_after_quote": (
        "text goes on after a closing quotation mark",
        "po zamknięciu cudzysłowu jest dalszy tekst",
    ),
    "commas_between": (
        "Put commas between the entries, and text that has a colon in double quotes",
        "Rozdziel pozycje przecinkami, a tekst z dwukropkiem weź w podwójny cudzysłów",
    ),
    "comma_missing": (
        "a comma is missing before this colon, or the text needs quotes",
        "przed tym dwukropkiem brakuje przecinka albo tekst wymaga cudzysłowu",
    ),
    "square_open": (
        "a square bracket `[` is opened here and never closed",
        "otwarto tu nawias `[` i nigdzie go nie zamknięto",
    ),
    "close_square": ("Close it with `]`", "Zamknij go przez `]`"),
    "close_brace": (
        "Close it with `}}`, and put commas between the entries",
        "Zamknij go przez `}}` i rozdziel pozycje przecinkami",
    ),
    "brace_open": (
        "a brace `{{` is opened here and never closed",
        "otwarto tu nawias `{{` i nigdzie go nie zamknięto",
    ),
    "bracket_closed": (
        "a bracket is closed here that was never opened",
        "zamknięto tu nawias, którego nie otwarto",
    ),
    "remove_it": ("Remove it", "Usuń to"),
    "tab_here": (
        "there is a tab here, and YAML allows only blanks",
        "jest tu tabulator, a YAML pozwala tylko na spacje",
    ),
    "use_blanks": ("Use blanks", "Użyj spacji"),
    "cannot_begin_with": (
        "a value cannot begin with `{character}`",
        "wartość nie może się zaczynać od `{character}`",
    ),
    "star_alone": (
        "a star alone has a meaning in YAML",
        "sama gwiazdka ma w YAML własne znaczenie",
    ),
    "write_star": ('Write the key as "*"', 'Wpisz klucz jako "*"'),
    "no_anchor": (
        "`*{name}` refers to `&{name}`, which is not there",
        "`*{name}` odwołuje się do `&{name}`, którego nie ma",
    ),
    "define_anchor": (
        "Define it, or put the text in double quotes",
        "Zdefiniuj go albo weź tekst w podwójny cudzysłów",
    ),
    "second_document": (
        "`---` begins a second file inside this one",
        "`---` zaczyna drugi plik wewnątrz tego",
    ),
    "remove_line": ("Remove the line", "Usuń ten wiersz"),
    "write_quoted": ('Write `{name}: "{text}"`', 'Wpisz `{name}: "{text}"`'),
    "second_colon": ("there is a second colon in this line", "w tym wierszu jest drugi dwukropek"),
    "or_new_line": ("{quoted}, or begin a new line", "{quoted} albo zacznij nowy wiersz"),
    "indent_like_others": (
        "Indent the line like its neighbours, and check that the line above ends its value",
        "Wetnij wiersz jak sąsiednie i sprawdź, czy wiersz wyżej kończy swoją wartość",
    ),
    "does_not_fit": (
        "this line does not fit to the line above",
        "ten wiersz nie pasuje do poprzedniego",
    ),
    "colon_and_blank": (
        "Write a colon and a blank after the key",
        "Po kluczu wpisz dwukropek i spację",
    ),
    "no_key_value": ("this line is no `key: value`", "ten wiersz to nie `klucz: wartość`"),
    "begin_with_blanks": (
        "Begin it with {blanks}, like line {line}, if it belongs to that block",
        "Zacznij go tak: {blanks}, jak wiersz {line}, jeśli należy do tego bloku",
    ),
    "indent_fits_nowhere": (
        "the indentation of this line fits to no line above",
        "wcięcie tego wiersza nie pasuje do żadnego wiersza wyżej",
    ),
    "plain_text": (
        "Remove it; the file must be plain text in UTF-8",
        "Usuń go; plik ma być zwykłym tekstem w UTF-8",
    ),
    "forbidden_character": (
        "there is a character here that no text file has",
        "jest tu znak, którego nie ma w żadnym pliku tekstowym",
    ),
    "did_you_mean": ("Did you mean {words}?", "Czy chodziło o {words}?"),
    "known_here": ("Known here: {words}", "Do wyboru: {words}"),
    "line": ("line {line}", "wiersz {line}"),
    "line_of": ("line {line} of {file}", "wiersz {line} w {file}"),
    "blanks": ("{count} blanks", "{count} {count:spacja/spacje/spacji}"),
    "no_blank": ("no blank", "bez spacji"),
    "row_without_number": ("{name} has no number", "{name}: brak numeru"),
    "this_row": ("this row", "ten wiersz"),
    "sections_are": ("The sections are {words}", "Sekcje to: {words}"),
    "cannot_take_over": ("the file cannot be taken over: {why}", "nie można przejąć pliku: {why}"),
    "log_says_more": ("The log says more", "Więcej jest w dzienniku"),
    "no_such_file": ("no such file", "nie ma takiego pliku"),
    "file_empty": ("the file is empty", "plik jest pusty"),
    "no_sound_in_it": ("there is no sound in it", "nie ma w nim dźwięku"),
    "subject_office": ("the office", "biuro"),
    "subject_people": ("person {name}", "osoba {name}"),
    "subject_groups": ("group {name}", "grupa {name}"),
    "subject_queues": ("queue {name}", "kolejka {name}"),
    "subject_mailboxes": ("mailbox {name}", "skrzynka {name}"),
    "subject_trunks": ("trunk {name}", "łącze {name}"),
    "subject_rosters": ("roster {name}", "grafik {name}"),
    "subject_routes": ("route {name}", "trasa {name}"),
    "subject_recording": ("recording policy {name}", "zasada nagrywania {name}"),
    "subject_tests": ("test {name}", "test {name}"),
    "subject_file": ("the file", "plik"),
    "subject_inner": ("{subject} (`{part}`)", "{subject} (`{part}`)"),
    "kind_text": ("text", "tekst"),
    "kind_whole": ("a whole number", "liczba całkowita"),
    "kind_number": ("a number", "liczba"),
    "kind_moment": ("a moment like 2026-12-24 17:05", "chwila, np. 2026-12-24 17:05"),
    "kind_bool": ("`true` or `false`", "`true` lub `false`"),
    "kind_block": ("a block of `key: value` lines", "blok wierszy `klucz: wartość`"),
    "kind_brackets": ("a list in square brackets", "lista w nawiasach kwadratowych"),
    "kind_list": ("a list", "lista"),
    "kind_nothing": ("nothing", "pusto"),
    "has_no_field": ("{subject} has no `{field}`", "{subject}: brak `{field}`"),
    "unknown_in": ("`{field}` is unknown in {subject}", "{subject}: nieznane `{field}`"),
    "write_example": ("Write for example `{field}: {example}`", "Wpisz np. `{field}: {example}`"),
    "values_in_brackets": (
        "Put several values into square brackets, like `[101, 102]`",
        "Kilka wartości weź w nawiasy kwadratowe, np. `[101, 102]`",
    ),
    "blank_after_colon": (
        "Write a blank after the colon: `{name}: {value}`",
        "Po dwukropku wpisz spację: `{name}: {value}`",
    ),
    "keys_are_english": (
        "Keys are English: write `{word}`",
        "Klucze są po angielsku: wpisz `{word}`",
    ),
    "cannot_be": ("`{field}` cannot be {value}", "`{field}`: nie może tu stać {value}"),
    "at_least": (
        "`{field}` is {value}, and must be at least {limit}",
        "`{field}` to {value}, a musi być co najmniej {limit}",
    ),
    "at_most": (
        "`{field}` is {value}, and must be at most {limit}",
        "`{field}` to {value}, a może być najwyżej {limit}",
    ),
    "is_empty": ("`{field}` is empty", "`{field}` jest puste"),
    "write_goto": ("Write `{{goto: {value}}}`", "Wpisz `{{goto: {value}}}`"),
    "must_be": (
        "`{field}` must be {kind}, and here is {value}",
        "`{field}`: ma tu być {kind}, a jest {value}",
    ),
}
