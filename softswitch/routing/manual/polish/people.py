"""Who is in the office: limits, mailboxes, people, phones elsewhere, queues."""

from typing import Final

# English, Polish.
TEXTS: Final = (
    (
        "What may be used up in a day, and at once.",
        "Ile można zużyć dziennie i naraz.",
    ),
    (
        "Talk with the outside a day, what is free left out.",
        "Rozmowy na zewnątrz dziennie, bez bezpłatnych.",
    ),
    (
        "Of that abroad and on costly numbers.",
        "W tym za granicę i na drogie numery.",
    ),
    (
        "Cost a day, by the tariff.",
        "Koszt dziennie, według cennika.",
    ),
    (
        "Calls out at once.",
        "Połączenia wychodzące naraz.",
    ),
    (
        "Where callers leave messages, and who gets them by e-mail.",
        "Gdzie dzwoniący zostawiają wiadomości i kto dostaje je mailem.",
    ),
    (
        "Used in the e-mail.",
        "Używana w mailu.",
    ),
    (
        "Prompt before the tone.",
        "Zapowiedź przed sygnałem.",
    ),
    (
        "Other prompts before the tone, by why the caller comes.",
        "Inne zapowiedzi przed sygnałem, według tego, dlaczego dzwoniący tu trafia.",
    ),
    (
        "Who gets the message by e-mail.",
        "Kto dostaje wiadomość mailem.",
    ),
    (
        "Language of the e-mail.",
        "Język maila.",
    ),
    (
        "How the message is attached: wav or mp3.",
        "W jakim formacie jest załączona wiadomość: wav albo mp3.",
    ),
    (
        "Digits asked for before messages are heard by phone.",
        "Cyfry, o które telefon pyta, zanim odtworzy wiadomości.",
    ),
    (
        "Who the office is, and where it stands.",
        "Kim jest biuro i gdzie się mieści.",
    ),
    (
        "The office's name.",
        "Nazwa biura.",
    ),
    (
        "Country code: numbers, holidays, emergency numbers, tones.",
        "Kod kraju: numery, święta, numery alarmowe, sygnały.",
    ),
    (
        "Time zone: hours, lists, mails.",
        "Strefa czasowa godzin otwarcia, list i wiadomości e-mail.",
    ),
    (
        "Language of the prompts.",
        "Język zapowiedzi.",
    ),
    (
        "What the called party sees, whatever device dials out.",
        "Co widzi rozmówca, niezależnie od tego, z którego telefonu się dzwoni.",
    ),
    (
        "Where every outcome goes that nobody handled: no caller is lost.",
        "Dokąd prowadzi wszystko, czego nikt nie zapisał: żaden dzwoniący nie ginie.",
    ),
    (
        "A caller reaches a human or a mailbox within this time, whatever happens; the check "
        "proves it. Without it, more than 10m is a warning.",
        "W tym czasie dzwoniący trafia do człowieka albo skrzynki, cokolwiek się stanie; check "
        "tego dowodzi. Bez tego ponad 10m to uwaga.",
    ),
    (
        "Who may call what outside.",
        "Kto dokąd może dzwonić na zewnątrz.",
    ),
    (
        "Countries, or beginnings of numbers, that may be called beside the own.",
        "Kraje albo początki numerów, na które wolno dzwonić poza własnym krajem.",
    ),
    (
        "Single numbers that may always be called, whatever they are.",
        "Pojedyncze numery, na które zawsze wolno dzwonić, jakiekolwiek są.",
    ),
    (
        "Whether numbers that cost extra may be called: 70x and 118 in Poland, satellites. "
        "Without it: no.",
        "Czy wolno dzwonić na numery o podwyższonej opłacie: w Polsce 70x i 118, satelity. Bez "
        "tego: nie.",
    ),
    (
        "When only calls for help and `numbers` go out, in the language of `hours:`; `none`: "
        "never.",
        "Kiedy wychodzą tylko połączenia alarmowe i `numbers`, w języku `hours:`; `none`: nigdy.",
    ),
    (
        "What each person may use up.",
        "Ile może zużyć każda osoba.",
    ),
    (
        "What all of them together may use up.",
        "Ile mogą zużyć wszyscy razem.",
    ),
    (
        "What looks like a stolen password.",
        "Co wygląda na skradzione hasło.",
    ),
    (
        "Price of a started minute: `home`, `abroad`, `costly`, by country, or by how a number "
        "begins; the longest beginning counts. What has none is the dearest.",
        "Cena rozpoczętej minuty: `home`, `abroad`, `costly`, według kraju albo początku "
        "numeru; liczy się najdłuższy początek. Co nie ma ceny, jest najdroższe.",
    ),
    (
        "What holds for single people instead.",
        "Co zamiast tego obowiązuje pojedyncze osoby.",
    ),
    (
        "Where a call can wait until any phone of the office takes it by the slot's number.",
        "Gdzie połączenie może czekać, aż któryś telefon biura weźmie je numerem miejsca.",
    ),
    (
        "Internal numbers on which a call can be parked. Of the usual ones, those that the "
        "office uses otherwise are left out.",
        "Numery wewnętrzne, na których można parkować. Ze zwykłych pomija się te, których biuro "
        "używa inaczej.",
    ),
    (
        "After this a parked call comes back to who parked it, and if he does not answer, to "
        "the office's safe place.",
        "Potem zaparkowane połączenie wraca do tego, kto je zaparkował, a gdy nie odbierze, do "
        "bezpiecznego miejsca biura.",
    ),
    (
        "Music while parked.",
        "Muzyka podczas parkowania.",
    ),
    (
        "Somebody with an internal number and any number of devices.",
        "Ktoś z numerem wewnętrznym i dowolną liczbą urządzeń.",
    ),
    (
        "The person's name.",
        "Imię i nazwisko osoby.",
    ),
    (
        "Where the person's voice messages are sent.",
        "Dokąd wysyłać jej wiadomości głosowe.",
    ),
    (
        "The person's mobile number.",
        "Numer komórki tej osoby.",
    ),
    (
        "When it rings beside the desk.",
        "Kiedy dzwoni obok biurka.",
    ),
    (
        "What is shown of the person outside instead; a number of a trunk.",
        "Co zamiast numeru biura widać na zewnątrz; numer łącza.",
    ),
    (
        "Who takes the calls while the person is absent.",
        "Kto odbiera, gdy tej osoby nie ma.",
    ),
    (
        "Days on which the person is absent, first to last; with times if need be.",
        "Dni nieobecności, od pierwszego do ostatniego; w razie potrzeby z godzinami.",
    ),
    (
        "Calls that may be offered at once.",
        "Ile połączeń może dzwonić naraz.",
    ),
    (
        "Takes messages: true, false, or the name of a mailbox. Without it: true for whoever "
        "has an e-mail address.",
        "Przyjmuje wiadomości: true, false albo nazwa skrzynki. Bez tego: true, jeśli osoba ma "
        "adres e-mail.",
    ),
    (
        "How messages are attached: wav or mp3.",
        "W jakim formacie są załączane wiadomości: wav albo mp3.",
    ),
    (
        "Bound to professional secrecy: talks are never recorded nor listened to, whatever a "
        "queue says.",
        "Związana tajemnicą zawodową: rozmów nigdy się nie nagrywa ani nie podsłuchuje, "
        "cokolwiek mówi kolejka.",
    ),
    (
        "What holds for one person instead; what is not written is as for everybody.",
        "Co zamiast tego obowiązuje jedną osobę; czego nie zapisano, jest jak u wszystkich.",
    ),
    (
        "The value of `pickup:`.",
        "Wartość `pickup:`.",
    ),
    (
        "Where phones stand that are not in the office.",
        "Gdzie stoją telefony, których nie ma w biurze.",
    ),
    (
        "Addresses from which phones there speak: those of its network, or the one of its "
        "router. Whose phone it is does not matter then.",
        "Adresy, z których mówią tamtejsze telefony: ich sieć albo adres ich routera. Czyj to "
        "telefon, nie ma wtedy znaczenia.",
    ),
    (
        "Place in a line: high waits before normal, normal before low.",
        "Miejsce w kolejce: high czeka przed normal, normal przed low.",
    ),
    (
        "A gateway that hands push notifications on to Google, Apple or whoever woke the app.",
        "Brama, która przekazuje powiadomienia push do Google, Apple albo innego, kto budzi "
        "aplikację.",
    ),
    (
        "Address of the gateway; it gets a POST of JSON for each phone to be woken.",
        "Adres bramy; dla każdego budzonego telefonu dostaje POST z JSON.",
    ),
    (
        "Signs it (HMAC-SHA256 of the body, header X-Softswitch-Signature).",
        "Podpisuje go (HMAC-SHA256 treści, nagłówek X-Softswitch-Signature).",
    ),
    (
        "Push services that it serves: `pn-provider` of the phones.",
        "Usługi push, które obsługuje: `pn-provider` telefonów.",
    ),
    (
        "How long a call waits for a phone to wake; others ring meanwhile.",
        "Jak długo połączenie czeka na obudzenie telefonu; inne w tym czasie dzwonią.",
    ),
    (
        "Callers wait with music and are served in order.",
        "Dzwoniący czekają przy muzyce i są obsługiwani po kolei.",
    ),
    (
        "Who answers as well when a caller has waited long; whoever knows the work best stands "
        "in `agents`, and is rung first as long as he is free.",
        "Kto odbiera także, gdy dzwoniący długo czeka; kto zna się najlepiej, jest w `agents` i "
        "póki jest wolny, dzwoni pierwszy.",
    ),
    (
        "Who is rung next: whoever has been idle longest, the first of the list that is free, "
        "all at once, each in turn, whoever has had the fewest calls today, by chance.",
        "Do kogo dzwoni teraz: kto najdłużej nie miał rozmowy, pierwszy wolny z listy, wszyscy "
        "naraz, każdy po kolei, kto miał dziś najmniej rozmów, losowo.",
    ),
    (
        "Of somebody who answers for several queues, callers of this one come first (high) or "
        "last (low); else whoever has waited longest.",
        "Gdy ktoś odbiera z kilku kolejek, dzwoniący z tej są pierwsi (high) albo ostatni "
        "(low); poza tym ten, kto najdłużej czeka.",
    ),
    (
        "Music while waiting.",
        "Muzyka dla czekających.",
    ),
    (
        "What waiting callers are told.",
        "Co słyszą czekający.",
    ),
    (
        "Prompt for the caller when somebody has answered.",
        "Zapowiedź dla dzwoniącego, gdy ktoś odebrał.",
    ),
    (
        "Prompt that only the one who answers hears, before the two are joined: which queue it is.",
        "Zapowiedź, którą przed połączeniem słyszy tylko odbierający: z której to kolejki.",
    ),
    (
        "After this the caller leaves by too_long.",
        "Potem dzwoniący wychodzi przez too_long.",
    ),
    (
        "Callers that may wait at once.",
        "Ilu dzwoniących może czekać naraz.",
    ),
    (
        "Rest of an agent after each talk.",
        "Odpoczynek agenta po każdej rozmowie.",
    ),
    (
        "How long one agent's phone rings.",
        "Jak długo dzwoni telefon jednego agenta.",
    ),
    (
        "The service level: the share of callers who are answered within this time.",
        "Poziom obsługi: jaka część dzwoniących jest odebrana w tym czasie.",
    ),
    (
        "Who may listen to talks of this queue, whisper to its agents and join in.",
        "Kto może słuchać rozmów tej kolejki, podpowiadać agentom i dołączać.",
    ),
    (
        "Which free agent is rung next.",
        "Do którego wolnego agenta dzwoni teraz.",
    ),
)
