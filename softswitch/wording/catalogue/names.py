"""What does not fit together: names, numbers, routes, the proof that no caller is lost."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "add_person": ("Add this person to `people:`", "Dodaj tę osobę do `people:`"),
    "stands_twice": ("{word} stands here twice", "{word} jest tu dwa razy"),
    "remove_one": ("Remove one", "Jedno usuń"),
    "add_mailbox_to": ("Add it to `mailboxes:`", "Dodaj ją do `mailboxes:`"),
    "write_or_mailbox": (
        "Write `{word}`, or the name of a mailbox",
        "Wpisz `{word}` albo nazwę skrzynki",
    ),
    "no_such_mailbox": ("there is no mailbox `{word}`", "nie ma skrzynki `{word}`"),
    "no_target": (
        "`{word}` is no route, person, group, queue or mailbox",
        "`{word}` to nie trasa, osoba, grupa, kolejka ani skrzynka",
    ),
    "add_route": ("Add it to `routes:`", "Dodaj ją do `routes:`"),
    "same_number": (
        "`{written}` is the same number as `{other}`",
        "`{written}` to ten sam numer co `{other}`",
    ),
    "answers_before": ("{word} answers before already", "{word} odbiera już wcześniej"),
    "meaning_beside_hours": (
        "`{name}` has a meaning beside `hours:` already",
        "`{name}` ma już znaczenie przy `hours:`",
    ),
    "choose_another_name": ("Choose another name", "Wybierz inną nazwę"),
    "code_like_code": (
        'the code "{code}" cannot be told from "{other}" ({owner})',
        'kodu "{code}" nie da się odróżnić od "{other}" ({owner})',
    ),
    "choose_another": ("Choose another", "Wybierz inny"),
    "add_queue": ("Add it to `queues:`", "Dodaj ją do `queues:`"),
    "add_conference": ("Add it to `conferences:`", "Dodaj ją do `conferences:`"),
    "no_such_queue": ("there is no queue `{word}`", "nie ma kolejki `{word}`"),
    "no_tariff": (
        "there is no tariff, so money cannot be counted",
        "nie ma taryfy, więc pieniędzy nie da się liczyć",
    ),
    "write_tariff": (
        "Write `tariff: {{home: 0.10, abroad: 2.00}}` in `outgoing:`, or limit `time`",
        "Wpisz `tariff: {{home: 0.10, abroad: 2.00}}` w `outgoing:` albo ogranicz `time`",
    ),
    "place_without_phones": (
        "{name} is no person, and nothing says which phones stand there",
        "{name} nie jest osobą i nic nie mówi, które telefony tam stoją",
    ),
    "write_networks": (
        'Write `networks: "10.2.0.0/16"`, the addresses from which they speak',
        'Wpisz `networks: "10.2.0.0/16"`, czyli adresy, z których się odzywają',
    ),
    "number_of_other_trunk": (
        "{number} belongs to the trunk {trunk} already",
        "{number} należy już do łącza {trunk}",
    ),
    "number_one_trunk": (
        "A number comes over one trunk: remove one",
        "Numer przychodzi jednym łączem: jedno usuń",
    ),
    "add_to_numbers": (
        'Add `"{number}": {safe}` to `numbers:`',
        'Dodaj `"{number}": {safe}` do `numbers:`',
    ),
    "nothing_for_number": (
        "nothing is written for {number}: callers come to the safe place",
        "dla {number} nic nie zapisano: dzwoniący trafiają do bezpiecznego miejsca",
    ),
    "no_trunk_brings": (
        "no trunk brings calls to {number}",
        "żadne łącze nie przynosi połączeń na {number}",
    ),
    "add_to_trunk": ("Add it to a trunk's `numbers`", "Dodaj go do `numbers` któregoś łącza"),
    "hides_reserved": (
        "the internal number {number} would hide a number that must be reachable",
        "numer wewnętrzny {number} zasłoniłby numer, który musi być dostępny",
    ),
    "internal_number_taken": (
        "the internal number {number} belongs to {owner} already",
        "numer wewnętrzny {number} jest już zajęty: {owner}",
    ),
    "owner_parking": ("the parking", "parkowanie"),
    "owner_echo": ("the echo test", "test echa"),
    "emergency_9xx": ("9xx are emergency and alarm numbers", "9xx to numery alarmowe"),
    "help_lines": ("116xxx are help lines", "116xxx to telefony zaufania"),
    "enquiries": ("118xxx are directory enquiries", "118xxx to biura numerów"),
    "public_short": ("19xxx are public short numbers", "19xxx to publiczne numery skrócone"),
    "is_emergency_number": ("{number} is an emergency number", "{number} to numer alarmowy"),
    "bad_route_name": ("a route cannot be called `{name}`", "trasa nie może się nazywać `{name}`"),
    "word_without_blanks": ("Use a word without blanks", "Użyj słowa bez spacji"),
    "one_thing": (
        "A node does one thing: make a second node and point to it",
        "Węzeł robi jedną rzecz: zrób drugi węzeł i wskaż go",
    ),
    "verbs_in_one_node": ("{words} in one node", "{words} w jednym węźle"),
    "write_one_of": ("Write one of {verbs}", "Wpisz jedno z: {verbs}"),
    "route_does_nothing": (
        "route {route} does not say what to do",
        "trasa {route} nie mówi, co robić",
    ),
    "unknown_beside": ("`{key}` is unknown beside `{verb}:`", "nieznane `{key}` przy `{verb}:`"),
    "nothing_can_follow": (
        "nothing can follow `{key}`: {meaning}, and that is the end",
        "po `{key}` nic nie może nastąpić: {meaning}, i to koniec",
    ),
    "write_target": (
        "Write the name of a route, a person, a group, a queue or a mailbox",
        "Wpisz nazwę trasy, osoby, grupy, kolejki albo skrzynki",
    ),
    "one_place": ("`{key}` must lead to one place", "`{key}` musi prowadzić w jedno miejsce"),
    "menu_keys": (
        "A menu's keys are 0 to 9, * and #, one key each",
        "Klawisze menu to 0–9, * i #, po jednym klawiszu",
    ),
    "write_key": (
        "Write `key_{key}` for a key pressed while waiting",
        "Wpisz `key_{key}` dla klawisza naciśniętego podczas czekania",
    ),
    "key_is_callback": (
        "the key {key} means a call back already",
        "klawisz {key} oznacza już oddzwonienie",
    ),
    "choose_key": ("Choose another key", "Wybierz inny klawisz"),
    "never_happens": (
        "`{outcome}` never happens with these options",
        "przy tych opcjach `{outcome}` nigdy się nie zdarza",
    ),
    "where_to_go": (
        "route {route} does not say where to go when {meaning}",
        "trasa {route} nie mówi, dokąd iść, gdy {meaning}",
    ),
    "write_outcome": (
        "Write `{outcome}:` and a target, like in `{example}`",
        "Wpisz `{outcome}:` i cel, jak w `{example}`",
    ),
    "write_keys": ("Write keys, like in `{example}`", "Wpisz klawisze, jak w `{example}`"),
    "menu_without_keys": ("the menu {menu} has no key", "menu {menu} nie ma żadnego klawisza"),
    "forward_own_country": (
        "Forward to a number of the office's own country, and name a trunk",
        "Przekieruj na numer z własnego kraju biura i wpisz łącze",
    ),
    "roster_alone": ("a roster rings alone", "grafik dzwoni sam"),
    "into_otherwise": (
        "Put the others into it, as `otherwise`",
        "Pozostałych wpisz do niego jako `otherwise`",
    ),
    "rings_alone": (
        "`{word}` rings alone, and his deputy after him",
        "`{word}` dzwoni sam, a po nim jego zastępca",
    ),
    "ring_others_apart": (
        "Ring the others at a node of their own",
        "Do pozostałych dzwoń w osobnym węźle",
    ),
    "no_contacts": (
        "without `contacts:` nobody has a caretaker",
        "bez `contacts:` nikt nie ma opiekuna",
    ),
    "add_contacts": ("Add `contacts: clients.csv`", "Dodaj `contacts: clients.csv`"),
    "nobody_asks_recent": (
        "no route asks who called the caller before",
        "żadna trasa nie pyta, kto wcześniej dzwonił do klienta",
    ),
    "lead_from_contact": (
        "Lead here from `{{contact: recent, found: …, unknown: …}}`",
        "Wejdź tu z `{{contact: recent, found: …, unknown: …}}`",
    ),
    "no_voicemail": ("{name} has no voicemail", "{name} nie ma poczty głosowej"),
    "write_voicemail": (
        "Write `voicemail: true` at {extension}",
        "Wpisz `voicemail: true` przy {extension}",
    ),
    "somebody_calls": ("somebody calls {number}", "ktoś dzwoni na {number}"),
    "lost_without_word": (
        "a caller is lost, cut off without a word: {way}",
        "dzwoniący ginie, rozłączony bez słowa: {way}",
    ),
    "lead_somewhere": (
        "Lead to a queue, a person or a mailbox; a refusal is `hangup: busy`",
        "Poprowadź do kolejki, osoby albo skrzynki; odmowa to `hangup: busy`",
    ),
    "lost_after_words": (
        "a caller who asked for nothing hears an announcement and is lost: {way}",
        "dzwoniący, który o nic nie prosił, słyszy zapowiedź i ginie: {way}",
    ),
    "offer_message": (
        "Offer a message after it; if it shall be the end, write `hangup: busy`",
        "Daj po niej pocztę głosową; jeśli to ma być koniec, wpisz `hangup: busy`",
    ),
    "circle_unwritten": (
        "a caller goes in a circle when {meaning}: {way}. `{node}` does not say what then, and "
        "the safe place {safe} leads back here",
        "dzwoniący chodzi w kółko, gdy {meaning}: {way}. `{node}` nie mówi, co wtedy, a "
        "bezpieczne miejsce {safe} prowadzi tu z powrotem",
    ),
    "safe_ends": (
        "Let `safe:` be a route that ends in a mailbox whatever happens",
        "Niech `safe:` będzie trasą, która zawsze kończy się skrzynką",
    ),
    "write_ending": (
        "Write `{outcome}:` with a target that ends, such as a mailbox",
        "Wpisz `{outcome}:` z celem, który kończy, np. skrzynką",
    ),
    "lead_one": (
        "Lead one of them to a person, a queue or a mailbox",
        "Poprowadź jedną z nich do osoby, kolejki albo skrzynki",
    ),
    "remove_or_add": (
        "Remove it or add {word} to `people:`",
        "Usuń to albo dodaj {word} do `people:`",
    ),
    "remove_or_write": (
        "Remove it, write one of {known}, or add {word} to `people:`",
        "Usuń to, wpisz jedno z: {known}, albo dodaj {word} do `people:`",
    ),
    "no_such_team": (
        "there is no person, group or queue `{word}`",
        "nie ma osoby, grupy ani kolejki `{word}`",
    ),
    "no_such_hours": ("there is no rule of hours `{word}`", "nie ma reguły godzin `{word}`"),
    "no_such_switch": ("there is no switch `{word}`", "nie ma przełącznika `{word}`"),
    "no_such_route": ("there is no route `{word}`", "nie ma trasy `{word}`"),
    "no_such_roster": ("there is no roster `{word}`", "nie ma grafiku `{word}`"),
    "no_such_conference": ("there is no conference `{word}`", "nie ma konferencji `{word}`"),
    "no_such_people": ("there is no person or group `{word}`", "nie ma osoby ani grupy `{word}`"),
    "add_to_section": ("Add it to `{section}:`", "Dodaj do `{section}:`"),
    "reserved_choose": ("{reason:capital}: choose another", "{reason:capital}: wybierz inny"),
    "owner_group": ("the group {name}", "grupa {name}"),
    "owner_queue": ("the queue {name}", "kolejka {name}"),
    "owner_mailbox": ("the mailbox {name}", "skrzynka {name}"),
    "owner_switch": ("the switch {name}", "przełącznik {name}"),
    "owner_conference": ("the conference {name}", "konferencja {name}"),
}
