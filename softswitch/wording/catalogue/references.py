"""What an office file refers to: other files of it, the environment, secrets."""

from collections.abc import Mapping

# Code: English, Polish.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "leads_away": (
        "`{pattern}` names no file below the folder of the office file",
        "`{pattern}` nie wskazuje pliku w folderze pliku biura",
    ),
    "write_pattern": (
        "Write it like people.yaml or routes/*.yaml",
        "Wpisz np. people.yaml albo routes/*.yaml",
    ),
    "no_file_beside": (
        "there is no file `{pattern}` beside the office file",
        "obok pliku biura nie ma pliku `{pattern}`",
    ),
    "correct_name": ("Correct its name, or remove it here", "Popraw nazwę albo usuń ją stąd"),
    "include_in_include": (
        "an included file includes nothing itself",
        "dołączony plik sam niczego nie dołącza",
    ),
    "name_every_file": ("Name every file in {file}", "Wymień wszystkie pliki w {file}"),
    "no_yaml_file": ("`{pattern}` is no YAML file", "`{pattern}` to nie plik YAML"),
    "includes_too_much": (
        "{file} is named here too, and is no part to be included",
        "wymieniono tu też {file}, a tego pliku się nie dołącza",
    ),
    "divide_file": (
        "Divide it into several files, named by `include:`",
        "Podziel go na kilka plików i wymień je w `include:`",
    ),
    "password_in_file": (
        "the password stands here for everybody who reads the file, and in each of its versions",
        "hasło może tu przeczytać każdy, kto widzi ten plik, i jest w każdej jego wersji",
    ),
    "write_secret": (
        "Put it into the file secrets/{name} beside the office file, and write here "
        '"${{secret:{name}}}"',
        'Włóż je do pliku secrets/{name} obok pliku biura, a tu wpisz "${{secret:{name}}}"',
    ),
    "use_passwd": (
        "Remove it: `softswitch passwd {extension}` sets a phone's password and keeps digests only",
        "Usuń to: hasło telefonu ustawia `softswitch passwd {extension}` i zapisuje tylko skróty",
    ),
    "secret_unreadable": (
        "the secret `{name}` cannot be read: {why}",
        "nie można odczytać sekretu `{name}`: {why}",
    ),
    "write_secret_file": (
        "Write it into the file secrets/{name} beside the office file, for its owner only",
        "Wpisz go do pliku secrets/{name} obok pliku biura, dostępnego tylko dla właściciela",
    ),
    "no_secret": ("there is no secret `{name}`", "nie ma sekretu `{name}`"),
    "no_variable": ("the environment has no `{name}`", "w środowisku nie ma `{name}`"),
    "set_variable": (
        "Set it, or write ${{{name}:-value}} with what counts without it",
        "Ustaw ją albo wpisz ${{{name}:-wartość}} z tym, co obowiązuje bez niej",
    ),
}
