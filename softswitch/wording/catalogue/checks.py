"""What `softswitch check` finds out about each thing of an office."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "own_deputy": (
        "{extension} {name} is his own deputy",
        "{extension} {name} zastępuje sam siebie",
    ),
    "name_colleague": ("Name a colleague", "Wpisz kogoś innego"),
    "write_deputy": (
        "Write `deputy:` and a colleague's number",
        "Wpisz `deputy:` i numer współpracownika",
    ),
    "other_deputy": (
        "Name another deputy, or let their calls go to one of the deputy's own",
        "Wpisz innego zastępcę albo niech połączenia idą do zastępcy zastępcy",
    ),
    "change_absence": (
        "Add somebody who is there, or change an absence",
        "Dodaj kogoś, kto jest, albo zmień nieobecność",
    ),
    "change_duty": (
        "Put somebody else on duty, or change an absence",
        "Wyznacz na dyżur kogoś innego albo zmień nieobecność",
    ),
    "if_meant": ("Write `{meant}` if that is meant", "Wpisz `{meant}`, jeśli tak ma być"),
    "write_ph_off": (
        "Write `; PH off` at the end, or what the hours of such days are: `; PH 10:00-12:00`",
        "Dopisz na końcu `; PH off` albo godziny takich dni: `; PH 10:00-12:00`",
    ),
    "holds_on_holidays": (
        "`{part}` in the hours `{name}` holds on public holidays too",
        "`{part}` w godzinach `{name}` obowiązuje też w święta",
    ),
    "ph_at_end": (
        "Later parts overrule earlier ones: put `PH off` at the end",
        "Późniejsze części są ważniejsze: daj `PH off` na koniec",
    ),
    "changes_nothing": (
        "`{part}` in the hours `{name}` changes nothing for two years",
        "`{part}` w godzinach `{name}` niczego nie zmienia przez dwa lata",
    ),
    "over_or_overruled": (
        "It is over, or another part overrules it: correct or remove it",
        "To już minęło albo inna część jest ważniejsza: popraw lub usuń",
    ),
    "shorten_period": (
        "Callers are told of one of them only: shorten the other",
        "Dzwoniący usłyszą tylko o jednym z nich: skróć drugi",
    ),
    "add_hours": ("Add the rule to `hours:`", "Dodaj regułę do `hours:`"),
    "no_hours": ("there are no hours `{word}`", "nie ma godzin `{word}`"),
    "bad_period_name": (
        "a period cannot be called `{name}`, which is a word of `hours:`",
        "okres nie może się nazywać `{name}`, bo to słowo z `hours:`",
    ),
    "period_over": ("the period `{name}` is over since {to}", "okres `{name}` minął {to}"),
    "shown_on_no_trunk": (
        "{number} is to be shown, and is on no trunk",
        "{number} ma być pokazywany, a nie ma go na żadnym łączu",
    ),
    "carriers_block": (
        "Carriers block numbers of others: write it at its trunk's `numbers`",
        "Operatorzy blokują cudze numery: wpisz go w `numbers` jego łącza",
    ),
    "calls_show_nothing": (
        "calls out by the trunk {name} show no number",
        "połączenia wychodzące łączem {name} nie pokazują żadnego numeru",
    ),
    "write_shown": (
        "Many carriers refuse that: write its `numbers`, or `number` in `office:`",
        "Wielu operatorów je odrzuca: wpisz `numbers` łącza albo `number` w `office:`",
    ),
    "costly_for_all": (
        "every phone may call numbers that cost extra",
        "każdy telefon może dzwonić na numery o podwyższonej opłacie",
    ),
    "name_costly": (
        "Name those that are needed in `numbers`, or the people who may",
        "Wymień potrzebne w `numbers` albo osoby, które mogą",
    ),
    "one_uses_all": (
        "one person alone can use up the office's `{key}` of a day",
        "jedna osoba może sama zużyć dzienne `{key}` całego biura",
    ),
    "office_more": (
        "Let `office` have more than each person: a thief would lock all out",
        "Niech `office` ma więcej niż każda osoba: złodziej zablokowałby wszystkich",
    ),
    "all_trunks_off": (
        "every trunk is switched off, and calls for help have no good way",
        "wszystkie łącza są wyłączone i połączenia alarmowe nie mają dobrej drogi",
    ),
    "switch_one_on": ("Switch one on", "Włącz jedno"),
    "room_unknown": (
        "`make_room` cannot know when a trunk is full",
        "`make_room` nie może wiedzieć, kiedy łącze jest pełne",
    ),
    "write_calls": ("Write `calls` at the trunk", "Wpisz `calls` przy łączu"),
    "whatever_answers": (
        "whatever answers {number} has the caller, an answering machine too",
        "cokolwiek odbierze pod {number}, dostanie dzwoniącego, także automatyczna sekretarka",
    ),
    "leave_out_confirm": (
        "Leave out `confirm: false`: a human there presses 1",
        "Usuń `confirm: false`: człowiek naciśnie tam 1",
    ),
    "no_trunk_no_mobile": (
        "without a trunk no mobile can be rung",
        "bez łącza nie da się zadzwonić na żadną komórkę",
    ),
    "write_provider": ("Write the provider into `trunks:`", "Wpisz operatora do `trunks:`"),
    "nobody_has_mobile": (
        "nobody who rings at {name} has a mobile",
        "nikt z tych, do których dzwoni {name}, nie ma komórki",
    ),
    "write_mobile": (
        'Write `mobile: "+48 600 100 200"` at a person, or leave this out',
        'Wpisz osobie `mobile: "+48 600 100 200"` albo pomiń to',
    ),
    "put_sound": (
        "Put a sound file of this name into the prompt folder",
        "Włóż plik dźwiękowy o tej nazwie do folderu zapowiedzi",
    ),
    "no_prompt": ("there is no prompt `{word}`", "nie ma zapowiedzi `{word}`"),
    "prompt_fault": ("the prompt `{word}` {fault}", "zapowiedź `{word}`: {fault}"),
    "no_prompt_folder": (
        "there is no folder `{folder}` of own prompts, so callers hear the shipped ones",
        "nie ma folderu `{folder}` z własnymi zapowiedziami: słychać fabryczne",
    ),
    "make_prompt_folder": (
        "Make it beside the office file, or correct its name",
        "Utwórz go obok pliku biura albo popraw nazwę",
    ),
    "sound_fault": ("the sound {file} {fault}", "dźwięk {file}: {fault}"),
    "not_looked_for": ("{file} is not looked for", "{file} nie jest brany pod uwagę"),
    "ends_in": (
        "A prompt's file ends in {suffixes}. {remedy}",
        "Plik zapowiedzi ma końcówkę {suffixes}. {remedy}",
    ),
    "sound_broken": (
        "cannot be played: {file} is broken ({why})",
        "pliku {file} nie da się odtworzyć, jest uszkodzony ({why})",
    ),
    "sound_too_long": (
        "is too long: {file} has more than {minutes} minutes",
        "plik {file} jest za długi, trwa ponad {minutes} {minutes:minutę/minuty/minut}",
    ),
    "sound_silent": (
        "is silent: nothing is heard of {file}",
        "w pliku {file} nic nie słychać",
    ),
    "no_language": (
        "there are no prompts in the language `{language}`",
        "nie ma zapowiedzi w języku `{language}`",
    ),
    "put_into_folder": (
        "Put them into a folder `{language}` of the office's prompts",
        "Włóż je do folderu `{language}` wśród zapowiedzi biura",
    ),
    "heard_in_other": (
        "after `language: {language}`, {words} is heard in another",
        "po `language: {language}` słychać w innym języku: {words}",
    ),
    "notice_in_other": (
        "after `language: {language}`, the notice for {policy} is told in another language: there "
        "is no {word} in `{language}`",
        "po `language: {language}` zapowiedź nagrywania ({policy}) jest w innym języku: nie ma "
        "{word} w `{language}`",
    ),
    "record_too": ("Record it in `{language}` too", "Nagraj to także w `{language}`"),
    "no_music_file": ("there is no music file {file}", "nie ma pliku z muzyką {file}"),
    "write_music_path": (
        "Write its path from the office file's folder",
        "Wpisz ścieżkę od folderu pliku biura",
    ),
    "music_fault": ("the music `{name}` {fault}", "muzyka `{name}`: {fault}"),
    "no_music": ("there is no music `{music}`", "nie ma muzyki `{music}`"),
    "never_recorded": (
        "{subject} is never recorded: deny wins, and this policy records nothing",
        "{subject} nigdy nie jest nagrywany: zakaz jest ważniejszy i ta zasada niczego nie nagra",
    ),
    "remove_policy": (
        "Remove the policy, or let that one be recorded",
        "Usuń zasadę albo pozwól go nagrywać",
    ),
    "number_not_ours": (
        "{number} is no number of the office under `numbers:`",
        "{number} nie jest numerem biura z `numbers:`",
    ),
    "write_called": ("Write the number that is called", "Wpisz numer, na który się dzwoni"),
    "nobody_leaves_queue": ("nobody comes out of a queue", "z kolejki nikt nie dzwoni na zewnątrz"),
    "remove_direction": ("Remove the direction", "Usuń kierunek"),
    "key_twice": (
        "key {key} refuses the recording in the queue {queue}, and leaves it in the route {node}",
        "klawisz {key} odmawia nagrywania w kolejce {queue}, a w trasie {node} z niej wyprowadza",
    ),
    "take_other_key": ("Take another key for one of them", "Weź dla jednego z nich inny klawisz"),
    "no_basis": (
        "the legal ground of the recording is not named",
        "nie podano podstawy prawnej nagrywania",
    ),
    "add_basis": (
        "Add it, like `basis: art. 6 ust. 1 lit. f RODO`",
        "Dodaj np. `basis: art. 6 ust. 1 lit. f RODO`",
    ),
    "talks_never_recorded": (
        "talks of {who} in the queue {queue} are never recorded",
        "rozmowy w kolejce {queue} nigdy nie są nagrywane, gdy odbiera: {who}",
    ),
    "nothing_wrong": ("Nothing is wrong if that is meant", "Jeśli tak ma być, wszystko w porządku"),
    "add_otherwise": ("Add `otherwise:` and a person", "Dodaj `otherwise:` i osobę"),
    "shorten_one": ("Shorten one of them", "Skróć jedno z nich"),
    "nobody_behind": (
        "nobody stands behind `{when}` in the roster {name}",
        "za `{when}` w grafiku {name} nikt nie stoi",
    ),
    "name_someone": ("Name a person or a group", "Wpisz osobę albo grupę"),
    "route_unused": (
        "no call ever comes to the route {name}",
        "do trasy {name} nie trafia żadne połączenie",
    ),
    "point_or_remove": ("Point to it, or remove it", "Poprowadź tam coś albo to usuń"),
    "never_used": (
        "`{name}` in `{section}` is never used",
        "`{name}` w `{section}` nigdy nie jest używane",
    ),
    "conference_unreachable": (
        "nobody can come to the conference {name}",
        "do konferencji {name} nikt nie może wejść",
    ),
    "write_conference_number": (
        "Write its `number:`, or let a route lead there",
        "Wpisz `number:` albo poprowadź tam trasę",
    ),
    "switch_idle": ("the switch {name} changes nothing", "przełącznik {name} niczego nie zmienia"),
    "write_closes": (
        "Write `closes:` or `opens:`, or ask it in a route",
        "Wpisz `closes:` albo `opens:`, albo zapytaj o niego w trasie",
    ),
    "music_idle": ("the music `{name}` is never heard", "muzyki `{name}` nigdy nie słychać"),
    "name_music": ("Name it in a queue, or remove it", "Wpisz ją w kolejce albo usuń"),
    "menu_too_long": (
        "the menu {name} has {keys} keys, and callers remember {most}",
        "menu {name} ma {keys} {keys:klawisz/klawisze/klawiszy}, a dzwoniący pamiętają {most}",
    ),
    "second_menu": ("Put some into a second menu", "Część przenieś do drugiego menu"),
    "let_collect": ("Let a `collect:` ask for it", "Niech zapyta o to `collect:`"),
    "nobody_asked_for": (
        "nobody is asked for `${variable}`",
        "nikt nie jest pytany o `${variable}`",
    ),
    "queue_without_people": (
        "nobody answers the queue {name}",
        "w kolejce {name} nikt nie odbiera",
    ),
    "name_agents": (
        "Name its people, like `agents: [101, 102]`",
        "Wymień osoby, np. `agents: [101, 102]`",
    ),
    "mailbox_without_mail": (
        "nobody is told of messages in the mailbox {name}",
        "nikt nie dowie się o wiadomościach w skrzynce {name}",
    ),
    "write_mail": ("Write `mail:` and an address", "Wpisz `mail:` i adres"),
    "in_braces": ("In braces may stand {fields}", "W nawiasach klamrowych mogą stać: {fields}"),
    "mail_text_unusable": (
        "the mail's text {name} cannot be used: {why}",
        "nie da się użyć tekstu maila {name}: {why}",
    ),
    "run_passwd": (
        "Run `softswitch passwd {extension}`",
        "Wykonaj `softswitch passwd {extension}`",
    ),
    "no_numbers": (
        "no number leads anywhere: no call from outside is answered",
        "żaden numer donikąd nie prowadzi: połączeń z zewnątrz nikt nie odbierze",
    ),
    "write_numbers": (
        'Write `numbers:` and `"+48 22 123 45 67": welcome`',
        'Wpisz `numbers:` i `"+48 22 123 45 67": welcome`',
    ),
    "shown_instead": (
        "A number of the trunk is shown instead: carriers block others. Write one of yours",
        "Zamiast niego pokazywany jest numer łącza, bo operatorzy blokują obce. Wpisz jeden ze "
        "swoich",
    ),
    "too_long_way": (
        "a caller may wait {worst} for a human or a mailbox, more than {most}: {way}",
        "dzwoniący może czekać {worst} na człowieka albo skrzynkę, dłużej niż {most}: {way}",
    ),
    "shorter_wait": ("Write a shorter `longest_wait`", "Wpisz krótsze `longest_wait`"),
    "shorter_for": ("Write a shorter `for`", "Wpisz krótsze `for`"),
    "make_shorter": ("Make it shorter", "Skróć to"),
    "menu_too_deep": (
        "the menu {name} comes after {passed} others, and callers forget what for",
        "menu {name} jest za {passed} innymi i dzwoniący zapomina, po co dzwoni",
    ),
    "menus_at_most": (
        "Offer it at most {most} menus deep",
        "Nie dawaj menu głębiej niż {most} jedno za drugim",
    ),
    "failure": ("a failure of the switch", "awaria centrali"),
    "no_deputy": (
        "nobody takes the calls of {extension} {name}, absent from {at:day}",
        "nikt nie odbiera połączeń do {extension} {name}; nieobecność od {at:day}",
    ),
    "both_absent": (
        "{extension} {name} and the deputy {deputy} are both absent from {at:day}",
        "{extension} {name} i zastępca {deputy} są jednocześnie nieobecni od {at:day}",
    ),
    "team_away": (
        "nobody of {team} is there from {begin} to {end}: {people} {count:is/are} absent",
        "{team}: nikogo nie ma od {begin} do {end}, {count:nieobecny jest/nieobecni są/nieobecni "
        "są} {people}",
    ),
    "duty_away": (
        "everybody on duty by the roster {name} is absent from {begin} to {end}",
        "wszyscy na dyżurze według grafiku {name} są nieobecni od {begin} do {end}",
    ),
    "hours_always_open": (
        "the hours `{name}` are always open, for the next two years",
        "godziny `{name}` są przez następne dwa lata zawsze otwarte",
    ),
    "hours_always_closed": (
        "the hours `{name}` are always closed, for the next two years",
        "godziny `{name}` są przez następne dwa lata zawsze zamknięte",
    ),
    "day_and_reason": ("{day} ({reason})", "{day} ({reason})"),
    "open_on_holidays": (
        "the hours `{name}` are open on public holidays, like {days}",
        "godziny `{name}` są otwarte w święta, np. {days}",
    ),
    "periods_overlap": (
        "the periods `{other}` and `{name}` overlap from {begin} to {end}",
        "okresy `{other}` i `{name}` nakładają się od {begin} do {end}",
    ),
    "nobodys_talks": (
        "nobody's talks in the queue {queue} are recorded: deny wins",
        "w kolejce {queue} nie nagrywa się niczyich rozmów: zakaz jest ważniejszy",
    ),
    "roster_gap": (
        "nobody is on duty by the roster {name} from {begin} to {end}",
        "według grafiku {name} nikt nie ma dyżuru od {begin} do {end}",
    ),
    "roster_overlap": (
        "{entries} overlap in the roster {name} from {begin} to {end}",
        "{entries} nakładają się w grafiku {name} od {begin} do {end}",
    ),
    "no_password": (
        "no phone can register for {people}: no password is set",
        "żaden telefon nie może się zarejestrować, bo nie ustawiono hasła: {people}",
    ),
    "and_others": ("{people} and others", "{people} i inni"),
    "or_allow": (
        "{remedy}, or allow it by `longest_way: {worst}` in `office:`",
        "{remedy} albo pozwól na to przez `longest_way: {worst}` w `office:`",
    ),
    "step_why": ("{node} ({why})", "{node} ({why})"),
    "step_length": ("{step} {length}", "{step} {length}"),
    "step_then": ("{one} → {other}", "{one} → {other}"),
    "at_moment": ("{at}: {way}", "{at}: {way}"),
    "circle": (
        "a caller goes in a circle without end: {ring}. {way:capital}",
        "dzwoniący chodzi w kółko bez końca: {ring}. {way:capital}",
    ),
}
