"""Keywords with one letter left out, doubled, or swapped with its neighbour: `Feirtage`, `convet`, `Feburary`."""

from collections.abc import Iterator

from services.planner.recogniser.filler import is_filler, words

# long words, of which hardly any slip is another word
_KEYWORDS = words("""
convert calculate compute validate verify compare between difference weekday weekend calendar holiday holidays working
business workdays quarter version versions newer checksum barcode number numbers timezone schedule execution
percent percentage average median variance deviation derivative integral integrate fraction decimal binary hexadecimal
square factorial multiply divided subtract simplify factorize determinant probability interest standard
january february august september october november december monday tuesday wednesday thursday friday saturday sunday
feiertag feiertage feiertagen arbeitstag arbeitstage arbeitstagen werktag werktage werktagen wochentag wochentage
kalenderwoche wochenende quartal schaltjahr zeitzone ortszeit zwischen unterschied differenz gültig prüfziffer
prüfsumme vergleiche version versionen umrechnen umwandeln berechne berechnen bestimme ermittle prozent durchschnitt
mittelwert median quadratwurzel wurzel primzahl primfaktoren primfaktorzerlegung ableitung ableiten integriere
bruchteil hexadezimal binär dezimal fakultät wahrscheinlichkeit zinsen zinseszins standardabweichung
januar februar september oktober november dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
""")
_SHORTEST = 6
_OTHER_WORDS = words("covert woking faction medan precent")


def _slips(word: str) -> Iterator[str]:
    """Yield the slips inside a word: its first and its last letter are usually right."""
    for place in range(1, len(word) - 1):
        yield word[:place] + word[place + 1 :]
        yield word[: place + 1] + word[place:]
        if place < len(word) - 2:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


_MEANT = {
    slip: word
    for word in sorted(_KEYWORDS)
    if len(word) >= _SHORTEST
    for slip in _slips(word)
    if slip not in _KEYWORDS and slip not in _OTHER_WORDS and not is_filler(slip)
}


def meant_by(word: str) -> str | None:
    """The keyword of which a lower-case word is a slip."""
    return _MEANT.get(word)
