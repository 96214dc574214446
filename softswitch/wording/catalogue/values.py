"""What is wrong with a single value of an office file, and the words that sentences share."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "escalated_before_due": (
        "it is escalated before it is due",
        "eskalacja następuje, zanim minie termin",
    ),
    "escalated_before_due_remedy": ("Write at least {due}", "Wpisz co najmniej {due}"),
    "no_star_code": ("`{text}` is no star code", "`{text}` nie jest kodem z gwiazdką"),
    "no_star_code_remedy": (
        'Write a star and digits in quotes, like "*26"',
        'Wpisz gwiazdkę i cyfry w cudzysłowie, np. "*26"',
    ),
    "code_hides_code": (
        '`{name}` "{code}" is the beginning of `{other}` "{longer}", so the second can never '
        "be dialled",
        '`{name}` "{code}" to początek `{other}` "{longer}", więc tego drugiego nigdy nie da '
        "się wybrać",
    ),
    "code_hides_code_remedy": ("Choose another code for one of them", "Zmień jeden z tych kodów"),
    "one_of_three_sources": (
        "a source of contacts is one of three",
        "źródło kontaktów jest jednym z trzech",
    ),
    "one_of_three_sources_remedy": (
        "Write `file:`, `http:` or `ldap:`",
        "Wpisz `file:`, `http:` albo `ldap:`",
    ),
    "directory_without_base": ("a directory without `base`", "katalog bez `base`"),
    "directory_without_base_remedy": (
        "Write `base: dc=kancelaria,dc=example`",
        "Wpisz `base: dc=kancelaria,dc=example`",
    ),
    "password_in_clear": ("the password would be sent in clear", "hasło szłoby otwartym tekstem"),
    "password_in_clear_remedy": (
        "Write `ldaps://`, or `starttls: true`",
        "Wpisz `ldaps://` albo `starttls: true`",
    ),
    "over_20_years": ("`{text}` is longer than 20 years", "`{text}` to więcej niż 20 lat"),
    "over_20_years_remedy": ("Write a shorter time", "Wpisz krótszy czas"),
    "no_network": ("`{value}` is no network", "`{value}` nie jest siecią"),
    "no_network_remedy": (
        'Write it in quotes like "10.2.0.0/16", or one address',
        'Wpisz w cudzysłowie np. "10.2.0.0/16" albo jeden adres',
    ),
    "length_expected": ("a length of time is expected", "tu ma być długość czasu"),
    "length_expected_remedy": ("Write for example `20s` or `5m`", "Wpisz np. `20s` albo `5m`"),
    "no_internal_number": (
        "`{value}` is no internal number",
        "`{value}` nie jest numerem wewnętrznym",
    ),
    "no_internal_number_remedy": ("Write digits only, like 101", "Wpisz same cyfry, np. 101"),
    "wrong_length_of_extension": (
        "`{value}` has {digits} digits",
        "`{value}`: liczba cyfr to {digits}",
    ),
    "wrong_length_of_extension_remedy": (
        "An internal number has {least} to {most}, like 101",
        "Numer wewnętrzny ma od {least} do {most} cyfr, np. 101",
    ),
    "no_mail_address": ("`{value}` is no e-mail address", "`{value}` nie jest adresem e-mail"),
    "no_mail_address_remedy": (
        "Write it like anna@kancelaria.example",
        "Wpisz np. anna@kancelaria.example",
    ),
    "mail_not_ascii": (
        "mail hardly ever reaches `{value}`: there are letters in it that servers do not take",
        "poczta na ogół nie dochodzi pod `{value}`: serwery nie przyjmują takich liter",
    ),
    "mail_not_ascii_remedy": (
        "Write it with the letters a to z, like zolw@kancelaria.example",
        "Wpisz go literami a-z, np. zolw@kancelaria.example",
    ),
    "write_it": ("Write `{value}`", "Wpisz `{value}`"),
    "no_day_or_moment": ("`{value}` is no day", "`{value}` nie jest datą"),
    "no_day_or_moment_remedy": (
        "Write it like 2026-12-24, with a time like 2026-12-24 12:00",
        "Wpisz np. 2026-12-24, a z godziną 2026-12-24 12:00",
    ),
    "no_day": ("`{value}` is no day", "`{value}` nie jest datą"),
    "no_day_remedy": ("Write it like 2026-12-24", "Wpisz np. 2026-12-24"),
    "return_before_remind": (
        "`return` is shorter than `remind`, so nobody would be reminded",
        "`return` jest krótsze niż `remind`, więc nikt nie dostałby przypomnienia",
    ),
    "return_before_remind_remedy": (
        "Write remind: none, or a longer `return`",
        "Wpisz remind: none albo dłuższe `return`",
    ),
    "rule_too_long": (
        "the rule has {characters} characters, more than {most}",
        "reguła ma {characters} {characters:znak/znaki/znaków}, a może mieć {most}",
    ),
    "rule_too_long_remedy": ("Shorten it", "Skróć ją"),
    "holidays_unknown": (
        "the public holidays (PH) of {country} are not known",
        "święta ustawowe (PH) kraju {country} nie są znane",
    ),
    "holidays_unknown_remedy": (
        "Write the dates instead, like `Dec 25-26 off`",
        "Wpisz daty, np. `Dec 25-26 off`",
    ),
    "school_holidays_unknown": (
        "school holidays (SH) are not known",
        "ferie i wakacje szkolne (SH) nie są znane",
    ),
    "school_holidays_unknown_remedy": ("Write the dates instead", "Wpisz zamiast nich daty"),
    "no_country_code": ("`{value}` is no country code", "`{value}` nie jest kodem kraju"),
    "no_country_code_remedy": (
        "Write two capital letters, like PL",
        "Wpisz dwie wielkie litery, np. PL",
    ),
    "no_time_zone": ("`{value}` is no time zone", "`{value}` nie jest strefą czasową"),
    "no_time_zone_remedy": ("Write it like Europe/Warsaw", "Wpisz np. Europe/Warsaw"),
    "no_country": ("`{value}` is no country", "`{value}` nie jest krajem"),
    "no_country_remedy": (
        'Write two capital letters like DE, or how the numbers begin, in quotes, like "+49 30"',
        'Wpisz dwie wielkie litery, np. DE, albo początek numerów w cudzysłowie, np. "+49 30"',
    ),
    "no_number_outside": (
        "`{value}` is no number outside",
        "`{value}` nie jest numerem zewnętrznym",
    ),
    "no_number_outside_remedy": ('Write it like "+49 30 123456"', 'Wpisz np. "+49 30 123456"'),
    "no_price": ("`{value}` has no price", "`{value}` nie może mieć ceny"),
    "no_price_remedy": (
        'Write {words}, a country like DE, or how numbers begin, in quotes, like "+49 15"',
        'Wpisz {words}, kraj, np. DE, albo początek numerów w cudzysłowie, np. "+49 15"',
    ),
    "no_range": (
        "`{text}` is no range of internal numbers",
        "`{text}` nie jest zakresem numerów wewnętrznych",
    ),
    "no_range_remedy": ("Write it like 701-708", "Wpisz np. 701-708"),
    "too_many_slots": (
        "{text} are {slots} slots",
        "{text} to {slots} {slots:miejsce/miejsca/miejsc}",
    ),
    "too_many_slots_remedy": (
        "Take at most {most}, like 701-708",
        "Weź najwyżej {most}, np. 701-708",
    ),
    "slot_twice": ("the slot {slot} stands there twice", "miejsce {slot} jest tu dwa razy"),
    "slot_twice_remedy": ("Remove one", "Jedno usuń"),
    "wrong_slots": ("there are {slots} slots", "liczba miejsc to {slots}"),
    "wrong_slots_remedy": ("Take 1 to {most}, like 701-708", "Weź od 1 do {most}, np. 701-708"),
    "period_ends_before": (
        "the period ends before it begins",
        "okres kończy się, zanim się zacznie",
    ),
    "period_ends_before_remedy": ("Write a day after {begin}", "Wpisz dzień po {begin}"),
    "test_expects_nothing": ("a test expects nothing", "test niczego nie oczekuje"),
    "test_expects_nothing_remedy": ("Write for example `expect: talk`", "Wpisz np. `expect: talk`"),
    "test_without_time": ("`{at}` has no time", "`{at}` nie ma godziny"),
    "test_without_time_remedy": ("Write it like `{again} 12:00`", "Wpisz np. `{again} 12:00`"),
    "no_reason_digit": ("`{value}` is no reason's digit", "`{value}` nie jest cyfrą powodu"),
    "no_reason_digit_remedy": ("Write one digit, like 1", "Wpisz jedną cyfrę, np. 1"),
    "one_of_policy": (
        "a recording policy names exactly one of `queue`, `number`, `person` and `conference`, or "
        "a `direction` alone",
        "zasada nagrywania wymienia dokładnie jedno z `queue`, `number`, `person` i `conference` "
        "albo samo `direction`",
    ),
    "conference_direction": (
        "a conference has no direction: whoever is in it is recorded, or nobody",
        "konferencja nie ma kierunku: nagrywani są wszyscy, którzy w niej są, albo nikt",
    ),
    "one_of_policy_remedy": ("Write one policy for each", "Wpisz po jednej zasadzie na każde"),
    "no_time_of_day": ("`{value}` is no time of day", "`{value}` nie jest godziną"),
    "no_time_of_day_remedy": (
        'Write it in quotes: at: "07:00"',
        'Wpisz w cudzysłowie: at: "07:00"',
    ),
    "no_alert_info": ("this is no value of Alert-Info", "to nie jest wartość Alert-Info"),
    "no_alert_info_remedy": (
        "Write for example <http://127.0.0.1/Bellcore-dr2>",
        "Wpisz np. <http://127.0.0.1/Bellcore-dr2>",
    ),
    "closes_or_opens": (
        "a switch closes hours or opens them",
        "przełącznik zamyka godziny albo je otwiera",
    ),
    "closes_or_opens_remedy": ("Make two switches of it", "Zrób z niego dwa"),
    "talk_code_hides_code": (
        '`{name}` "{code}" is the beginning of `{other}` "{longer}", so the second can never '
        "be pressed",
        '`{name}` "{code}" to początek `{other}` "{longer}", więc tego drugiego nigdy nie da '
        "się nacisnąć",
    ),
    "talk_code_hides_code_remedy": (
        "Choose another code for one of them",
        "Zmień jeden z tych kodów",
    ),
    "no_codec": ("`{value}` is no codec of ours", "`{value}` nie jest kodekiem, który znamy"),
    "no_codec_remedy": ("Write one of {known}", "Wpisz jeden z: {known}"),
    "which_form": (
        "`{value}` may mean 48, +48 or 0048",
        "`{value}` może znaczyć 48, +48 albo 0048",
    ),
    "which_form_remedy": (
        'Write it in quotes, like "+48", or `national`',
        'Wpisz w cudzysłowie, np. "+48", albo `national`',
    ),
    "wrong_port": (
        "`{value}`: a port lies between 1 and 65535, usually 5060",
        "`{value}`: port leży między 1 a 65535, zwykle 5060 |",
    ),
    "wrong_ptime": (
        "packets of {value} ms cannot be made",
        "pakietów po {value} ms nie da się zrobić",
    ),
    "wrong_ptime_remedy": ("Write 10, 20, 30, 40 or 60", "Wpisz 10, 20, 30, 40 albo 60"),
    "register_needs_account": (
        "a trunk that registers needs an account",
        "łącze, które się rejestruje, potrzebuje konta",
    ),
    "register_needs_account_remedy": (
        "Write `username` and `password`, or remove `register` if the provider knows you by your "
        "IP address",
        "Wpisz `username` i `password` albo usuń `register`, jeśli operator poznaje biuro po "
        "adresie IP",
    ),
    "show_whose_call": (
        "a call that shows the client's number must say whose call it is",
        "połączenie, które pokazuje numer klienta, musi mówić, czyje jest",
    ),
    "show_whose_call_remedy": (
        "Write `forwards: diversion` or `forwards: history-info`, as the provider wants it",
        "Wpisz `forwards: diversion` albo `forwards: history-info`, jak chce operator",
    ),
    "password_without_name": ("a password without a name", "hasło bez nazwy użytkownika"),
    "password_without_name_remedy": ("Write `username` too", "Wpisz też `username`"),
    "srtp_without_tls": (
        "`srtp` without TLS: the keys would be read on the way",
        "`srtp` bez TLS: klucze można by odczytać po drodze",
    ),
    "srtp_without_tls_remedy": ("Write `transport: tls`", "Wpisz `transport: tls`"),
    "no_stretch": ("`{value}` is no stretch of days", "`{value}` nie jest okresem dni"),
    "no_stretch_remedy": (
        "Write it like 2026-12-20 - 2027-01-06",
        "Wpisz np. 2026-12-20 - 2027-01-06",
    ),
    "stretch_backwards": (
        "`{value}` ends before it begins",
        "`{value}` kończy się, zanim się zacznie",
    ),
    "stretch_backwards_remedy": (
        "Write the earlier day first",
        "Najpierw wpisz wcześniejszy dzień",
    ),
    "silent": ("", ""),
    "word": ("{word}", "{word}"),
    "marked": ("`{word}`", "`{word}`"),
    "either": ("{one} or {other}", "{one} lub {other}"),
    "several": ("{one} and {other}", "{one} i {other}"),
    "no_unit": ("`{text}` has no unit", "`{text}` nie ma jednostki"),
    "no_unit_remedy": (
        "Write `{text}s` for seconds, `{text}m` for minutes",
        "Wpisz `{text}s` dla sekund, `{text}m` dla minut",
    ),
    "no_length": ("`{text}` is no length of time", "`{text}` nie jest długością czasu"),
    "write_length": (
        "Write for example `20s`, `5m`, `1m30s` or `90d`",
        "Wpisz np. `20s`, `5m`, `1m30s` albo `90d`",
    ),
    "write_word": ("Write `{word}`", "Wpisz `{word}`"),
    "no_phone": (
        "`{value}` is no telephone number{amiss}",
        "`{value}` nie jest numerem telefonu{amiss}",
    ),
    "write_phone": (
        'Write it in international form and in quotes, like "+48 22 123 45 67"',
        'Wpisz go w zapisie międzynarodowym i w cudzysłowie, np. "+48 22 123 45 67"',
    ),
    "digits_amiss": (
        ": it has {has} digits, and {needed} are needed",
        ": ma {has} {has:cyfrę/cyfry/cyfr}, a potrzeba {needed}",
    ),
    "hours_unreadable": (
        "the hours `{rule}` cannot be read from `{rest}` on",
        "godzin `{rule}` nie da się odczytać od miejsca `{rest}`",
    ),
    "hours_unfinished": (
        "the hours `{rule}` cannot be read at its end: something is missing there",
        "godzin `{rule}` nie da się odczytać: na końcu czegoś brakuje",
    ),
    "write_day": (
        "Write `{day}` for `{word}`; days are Mo Tu We Th Fr Sa Su",
        "Wpisz `{day}` zamiast `{word}`; dni to Mo Tu We Th Fr Sa Su",
    ),
    "times_with_colon": (
        "Write times with a colon, like `08:00-16:00`",
        "Godziny wpisz z dwukropkiem, np. `08:00-16:00`",
    ),
    "times_as_hhmm": (
        "Write times as HH:MM, like `Mo-Fr 08:00-16:00`",
        "Godziny wpisz jako GG:MM, np. `Mo-Fr 08:00-16:00`",
    ),
    "hours_example": (
        'Write them like "Mo-Fr 08:00-16:00; PH off"',
        'Wpisz np. "Mo-Fr 08:00-16:00; PH off"',
    ),
    "must_know": (
        "a telephone must know: write `open` or `off` instead of `unknown`",
        "telefon musi wiedzieć: zamiast `unknown` wpisz `open` albo `off`",
    ),
    "public_holiday": ("public holiday", "święto"),
    "free_day": ("free day", "dzień wolny"),
    "severity_error": ("error", "błąd"),
    "severity_warning": ("warning", "uwaga"),
    "password_too_short": (
        "a password needs at least {least} characters",
        "hasło musi mieć co najmniej {least} {least:znak/znaki/znaków}",
    ),
    "address_in_use": (
        "Something else listens there already",
        "nasłuchuje tam już coś innego",
    ),
    "address_not_ours": (
        "This machine has no such address",
        "ta maszyna nie ma takiego adresu",
    ),
    "disk_no_such_file": ("No such file or directory", "nie ma takiego pliku"),
    "disk_not_permitted": ("Permission denied", "brak uprawnień"),
    "disk_is_folder": ("Is a directory", "to jest folder"),
    "disk_is_full": ("No space left on device", "na dysku nie ma miejsca"),
    "disk_read_only": ("Read-only file system", "z tego dysku można tylko czytać"),
}
