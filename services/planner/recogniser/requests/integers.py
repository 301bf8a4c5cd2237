"""Whole numbers: factors, divisors, Roman numerals."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import whole
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import WHOLE

_ROMAN = r"(?=[MDCLXVI]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"
_LONG_NUMERAL = 5
_CARE = r"ohne fehler|fehlerfrei|without (?:any )?(?:mistakes?|errors?)|correctly|richtig|korrekt"
_HOMEWORK = words("homework number theory sheet integer integers lab son daughter class hausaufgabe zahl zahlen")


def _factors(reading: Reading) -> ToolCall | None:
    """`5 primes` and `primes to 100` request primes, not the factors of a number."""
    n = whole(reading.only("n"), reading.tongue) if reading.only("n") else None
    is_of_one = reading.has("factors") or reading.has("or_not") or reading.has("divisors") or reading.has("dividing")
    return None if n is None or not is_of_one else ToolCall("prime_factorize", {"n": n})


def _common(reading: Reading) -> ToolCall | None:
    numbers = list(dict.fromkeys(whole(text, reading.tongue) for text in reading.all("n")))
    operation = "both" if {"gcd", "lcm"} <= set(reading.keys) else reading.one_of("gcd", "lcm")
    if len(numbers) != 2 or None in numbers or not operation:
        return None
    return ToolCall("gcd_lcm", {"a": numbers[0], "b": numbers[1], "operation": operation})


_YEAR_ASKED = re.compile(r"\b(?:which|what|welche[sm]?) (?:year|jahr)|\bwhen\b|\bwann\b", re.IGNORECASE)


def _roman(reading: Reading) -> ToolCall | None:
    if re.search(r"\d (?:roman|römisch)", reading.text.lower()) and " in " not in reading.text:
        return None  # the first 10 Roman numerals
    romans = set(reading.all("roman"))
    value = romans.pop() if len(romans) == 1 else reading.only("n").replace(",", "").replace(".", "")
    is_number = value.isdigit()
    if set(reading.keys) <= {"meaning", "care"} and len(value) < _LONG_NUMERAL:
        return None  # `what does CD stand for`
    if not is_number and _YEAR_ASKED.search(reading.text) is not None and value[:1] not in ("M", "D"):
        return None  # `Super Bowl LVIII, which year`
    if not value or (is_number and not (reading.has("roman") and 0 < int(value) < 4000)):
        return None
    return (
        ToolCall("roman_numeral", {"value": value})
        if reading.keys and not (reading.all("roman") and reading.all("n"))
        else None
    )


_LARGEST = r"(?:largest|greatest|biggest|highest|größte) (?:whole |ganze |natürliche )?(?:number|integer|zahl)"
_SMALLEST = (
    r"(?:smallest|lowest|least|kleinste) (?:whole |positive |ganze |natürliche |positive )?(?:number|integer|zahl)"
)
REQUESTS = (
    Request(
        ("prim", "factor", "faktor", "teiler", "divisor", "totient", "phi", "φ", "ϕ"),
        {"n": WHOLE},
        {
            "or_not": r"prime or (?:not|composite)|primzahl oder (?:nicht|keine|zusammengesetzt)",
            "several": r"primes|prime numbers|primzahlen",
            "dividing": r"product|factored|produkt|divides?|made of|made up of|multiply|multiplied|break down"
            r"|split(?: up)?|zerlege\w*|besteht|zerfällt|zerfallen|setzt(?= sich)|zusammensetz\w*|multipliziert",
            "factors": r"prime(?:[- ](?:number|factors?|factori[sz]ations?|decomposition))?|primzahl"
            r"|primfaktor(?:en|zerlegung)?|primteilern?|prim|factori[sz]ations?|factori[sz]e[ds]?|faktorisier(?:e|en"
            r"|t|ung)"
            r"|factor(?:ing)?(?= (?:the |this )?(?:integer|number|whole number) \d)",
            "divisors": r"(?:divisors|factors|teiler) (?:besides|other than|apart from|außer|neben) (?:1|one|eins?)"
            r"(?: (?:and|und) (?:itself|sich(?: selbst)?))?|(?:number |count "
            r"|sum )?(?:of )?(?:the )?(?:all )?(?:its )?divisors"
            r"|teiler(?:anzahl|summe)?|euler(?:'s|s)? (?:totient|phi)(?: function)?|totient|phi(?= ?\()|[φϕ](?= ?\()"
            r"|eulersche (?:phi-?funktion)",
        },
        _factors,
        _HOMEWORK
        | words(
            "made product produkt list check test composite sum many composed down break prüfe"
            " zusammengesetzt besteht teile zerlegen zerlege schreiben schreibe two modulus modul rsa key keys crypto"
            " cryptography kryptographie exercise working tutorial division trial supposed come comes zerfällt"
            " zerfallen behauptet claims says sagt meint seine own toy schlüssel"
        ),
        5,
        yes_or_no=True,
    ),
    Request(
        ("gcd", "hcf", "gcf", "lcm", "common", "ggt", "kgv", "gemeinsam", "divid", "divis", "teilbar", "teilt"),
        {"n": WHOLE},
        {
            "gcd": rf"{_LARGEST}(?=.*(?:divid|divis|goes into|teilt|teilbar|teilen|factor of))|gcd|hcf|gcf"
            rf"|(?:greatest|largest|highest|biggest) (?:common |shared )?(?:divisor|factor)|ggt"
            r"|größte[rnms]? gemeinsame[rnms]? teilers?|coprime|teilerfremd|common (?:divisor|factor)",
            "rest": r"without (?:any )?(?:leftovers?|remainders?|rest)|ohne rest|nothing (?:is "
            r"|should be )?left(?: over)?"
            r"|nichts (?:soll )?übrig(?: bleib\w+)?",
            "lcm": rf"{_SMALLEST}(?=.*(?:divisible|multiple of|teilbar|vielfaches))|lcm|(?:least|lowest"
            rf"|smallest) common (?:multiple|denominator)|kgv|common multiple"
            r"|kleinste[rnms]? gemeinsame[rnms]? (?:vielfache[sn]?|nenners?)|gemeinsame[sr]? vielfache[sn]?",
        },
        _common,
        _HOMEWORK
        | words(
            "every minutes minuten minute days tage day tag buses bus tram train trains line lines runs run laufen"
            " läuft lights lichter blinklichter blink flash blinken leuchten sekunden sekunde stunden hours alle"
            " beide wieder zusammen gleichzeitig together again happens happen meet treffen meets left"
            " station both other tiles fliesen squares quadrate bouquets sträuße ribbons rope bags tüten rows reihen"
            " groups gruppen seconds divides divide dividing divisible evenly teilt teilen"
            " teilbar"
            " durch both beide multiple vielfaches into goes number zahl see when damit weiß"
        ),
        6,
        yes_or_no=True,
    ),
    Request(
        ("roman", "römi"),
        {"roman": _ROMAN, "n": WHOLE},
        {
            "roman": r"(?:in |as |als |to |into )?(?:the )?roman(?: (?:numerals?|numbers?|digits?|notation"
            r"|style))?|romans"
            r"|römisch(?:e[rnms]?)?(?: (?:zahl(?:zeichen|en)?|ziffern?|schreibweise))?|römern?",
            "care": _CARE,
        },
        _roman,
        words(
            "wrote write written way normal digits arabic number year chapter kapitel jahr ziffern schreibt schrieben"
            " arabische zahl convert wandle um stands written gravestone says clock building movie schreib"
            " engrave engraved engraving gravieren plaque plakette geburtsjahr hochzeitsjahr baujahr ring cake torte"
        ),
        5,
    ),
    Request(
        (
            "gravestone",
            "when",
            "made",
            "normal",
            "arab",
            "numeral",
            "= ?",
            "year",
            "jahr",
            "chapter",
            "kapitel",
            "number",
            "zahl",
            "steht",
            "stand",
            "wann",
            "convert",
            "decode",
            "read",
            "umrechn",
            "umwand",
            "mean",
            "heißt",
            "bedeut",
        ),
        {"roman": _ROMAN},
        {
            "care": _CARE,
            "meaning": r"wofür steht|was bedeutet|was heißt|what does|stand for|mean|bedeuten|von wann"
            r"|aus welche[mn] jahr"
            r"|wann|when|convert|decode|translate|read|lesen|übersetze|umrechnen|umwandeln|wandle|rechne",
            "arabic": r"(?:in |as |als )?(?:normal(?:en)?|arabi(?:c|sche[nr]?)|ordinary|regular"
            r"|decimal) (?:digits|numbers?"
            r"|numerals?|figures|zahl(?:en)?|ziffern?)|when was it (?:made|built|written|filmed)|which year"
            r"|what year|welches jahr|welche jahreszahl|jahreszahl|(?:which|what) number|welche zahl"
            r"|(?:als |in )?(?:gewöhnliche[nr]?|normale[nr]?|übliche[nr]?) (?:zahl(?:en)?|ziffern)",
        },
        _roman,
        words(
            "year says gewöhnliche ausgeschrieben normal number stand stands chapter kapitel jahr steht zahl carved"
            " engraved film movie credits end made kirchentür church door portal printing printed title page"
            " grundstein foundation stone house haus"
            " gebäude building"
            " inschrift inscription"
            " sportsendung super bowl"
        ),
        5,
    ),
)
