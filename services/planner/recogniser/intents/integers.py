"""Whole numbers: divisors, primes, Roman numerals, bases, bits, and ways to choose."""

from services.planner.recogniser.filler import words
from services.planner.recogniser.wording import Intent, Meaning, Token, Wording

_N = r"\d+(?:[.,]\d{3})*(?![\w.,]*\d)"
_NUMBERS = words("integers integer whole ganzen ganze")
GCD_LCM = Intent(
    (
        "gcd",
        "hcf",
        "gcf",
        "lcm",
        "common",
        "ggt",
        "kgv",
        "gemeinsam",
        "prime",
        "teilerfremd",
        "smallest number",
        "lowest number",
        "kleinste zahl",
    ),
    {"n": _N},
    (
        Meaning(
            "gcd",
            r"co-?prime|relatively prime|gcd|hcf|gcf|(?:largest|greatest|biggest) (?:number|integer)"
            r" (?:that|which) divides|(?:greatest|largest"
            r"|highest|biggest) common (?:divisor|factor)",
            r"teilerfremd|ggt|größte[rnms]? gemeinsame[rnms]? teilers?|größte[rnms]? teilers?(?=.* gemeinsam)",
            "gcd of <n> and <n>",
            "ggt von <n> und <n>",
        ),
        Meaning(
            "lcm",
            r"lcm|(?:least|lowest|smallest) common (?:multiple|denominator)|(?:smallest|lowest|least"
            r"|first) (?:number|multiple)"
            r"(?=.* (?:go(?:es)? into|fit into|divisible|divide|share|common))",
            r"kgv|kleinste[rnms]? gemeinsame[rnms]? (?:vielfache[sn]?|nenners?)|kleinste zahl(?=.* teilbar)",
            "lcm of <n> and <n>",
            "kgv von <n> und <n>",
        ),
    ),
    _NUMBERS | words("gemeinsam both go goes into evenly divisible fit share durch sowohl als auch teilbar zueinander"),
    yes_or_no=True,
)


def _of_one_number(wording: Wording) -> str | None:
    """`5 prime numbers` and `prime numbers to 100` request primes, not the factors of a number."""
    several = any(token.text in ("primes", "prime numbers", "primzahlen") for token in wording.all("prime"))
    if several and not wording.has_word(*_DIVIDING) and len(wording.all("prime")) == 1:
        return None
    return "primfaktoren von <n>" if wording.tongue == "de" else "prime factors of <n>"


_DIVIDING = ("product", "factored", "produkt", "divide", "divides", "into", "teilen", "zerlege", "zerlegen", "in")
PRIMES = Intent(
    ("prim", "factori", "faktorisier"),
    {"n": _N},
    (
        Meaning(
            "prime",
            r"primes?(?: (?:numbers?|factors?|factori[sz]ations?|decompositions?|product|factor decomposition))?"
            r"|factori[sz]e[sd]?|factored(?=.* prime)",
            r"primzahl(?:en)?|primfaktor(?:en|zerlegung)?|prim|faktorisier(?:e|en|t)",
            "prime factors of <n>",
            "primfaktoren von <n>",
        ),
    ),
    _NUMBERS
    | words(
        "list check test verify break down split decompose decomposed product divide divides its into prüfe"
        " prüfen teste"
        " zerlege zerlegen zerlegt produkt handelt sich teilen teiler seine ihre besteht bestehen stecken"
        " steckt up bestandteile"
    ),
    _of_one_number,
    yes_or_no=True,
)
_ROMAN_NAME = Meaning(
    "name",
    r"roman(?: (?:numerals?|numbers?|digits?))?",
    r"römisch(?:e[rnms]?)?(?: (?:zahl|zahlen|ziffern?|zahlzeichen|schreibweise|form))?",
    "<n> in roman numerals",
    "<n> in römischen zahlen",
)
TO_ROMAN = Intent(
    ("roman", "römisch"),
    {"n": _N},
    (_ROMAN_NAME,),
    words(
        "how convert converted turn change write written express form year schreibe schreiben schreib schreibt"
        " geschrieben wandle umwandeln um jahr dargestellt darstellen"
    ),
)
FROM_ROMAN = Intent(
    ("roman", "römisch", "zahl", "number"),
    {"roman": r"(?=[MDCLXVI]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"},
    (
        Meaning(
            "name",
            r"roman(?: (?:numerals?|numbers?))?|(?:normal|arabic|ordinary) (?:numbers?|numerals?|digits?)|numbers?"
            r"|year",
            r"römische[rnms]? (?:zahl|zahlen|ziffern?)|arabische[rnms]? (?:zahl|zahlen|ziffern?)|welche zahl|welches"
            r" jahr|zahl",
            "what number is the roman numeral <roman>",
            "welche zahl ist die römische zahl <roman>",
        ),
    ),
    words(
        "convert converted translate decode decoded dekodiere turn stand stands decimal mean means integer read"
        " normal normale normalen heißt bedeutet wofür hinter"
        " steckt steht"
        " stehen wandle umwandeln dezimalzahl dezimal um entspricht umgewandelt"
    ),
)
_BASES = {"2": "binary", "8": "octal", "10": "decimal", "16": "hexadecimal"}
_BEFORE_DIGITS = frozenset({"number", "value", "zahl"})


def _base_form(wording: Wording) -> str | None:
    """The base next to the digits belongs to them; the other one is the target."""
    digits = wording.all("digits")
    named = [token for token in wording.tokens if token.kind.startswith("base")]
    if len(digits) != 1 or not 1 <= len(named) <= 2 or len({token.kind for token in named}) != len(named):
        return None
    if len(named) == 2 and wording.has_word("and", "und", "&", "or", "oder", "sowie"):
        return None  # two targets
    has_prefix = digits[0].text[:2] in ("0x", "0b", "0o")
    own = _own_base(wording, digits[0], named)
    targets = [token for token in named if token is not own]
    if len(targets) != 1 or (len(named) == 1 and own is not None):
        return None
    source = "" if has_prefix or own is None else f" from {_BASES[own.kind.removeprefix('base')]}"
    if len(named) == 2 and own is None:
        return None
    return f"convert <digits>{source} to {_BASES[targets[0].kind.removeprefix('base')]}"


def _own_base(wording: Wording, digits: Token, named: list[Token]) -> Token | None:
    place = wording.tokens.index(digits)
    before = [token for token in wording.tokens[:place] if token.text not in _BEFORE_DIGITS and token.kind != "sign"]
    if before and before[-1] in named:
        return before[-1]
    if len(named) < 2:
        return None
    marked = [token for token in named if _word_before(wording, token) in ("from", "von", "vom", "aus")]
    after = [token for token in named if token.start > digits.start]
    return next(iter(marked or after), None)


def _word_before(wording: Wording, token: Token) -> str:
    place = wording.tokens.index(token)
    return wording.tokens[place - 1].text if place else ""


BASES = Intent(
    ("hex", "bin", "oct", "okt", "dual", "decimal", "dezimal", "base ", "basis "),
    {"digits": r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?<=hex )[a-fA-F]{2,16}|(?<=hexadecimal )[a-fA-F]{2,16}"
     r"|\d[0-9a-fA-F]*(?![\w.,]*[\dg-zG-Z])|[a-fA-F]+\d[0-9a-fA-F]*(?!\w)"},
    tuple(
        Meaning(
            f"base{base}",
            rf"{english}|base[- ]?{base}",
            rf"{german}(?:e[rnms]?|zahl|system|darstellung|code|wert)?|basis[- ]?{base}",
        )
        for base, english, german in (
            ("2", "bin(?:ary)?", "(?:binär|dual)"),
            ("8", "oct(?:al)?", "oktal"),
            ("10", "dec(?:imal)?", "dezimal"),
            ("16", "hex(?:adecimal)?", "hex(?:adezimal)?"),
        )
    ),
    words(
        "how convert converted turn change write written express represent representation form notation format system"
        " digits schreibe schreiben schreib schreibt wandle umwandeln umrechnen um konvertiere konvertieren darstellung"
        " dargestellt darstellen"
    ),
    _base_form,
)  # fmt: skip
BITS = Intent(
    ("bit", "xor"),
    {"digits": rf"0[xX][0-9a-fA-F]{{1,32}}|0[bB][01]{{1,128}}|0[oO][0-7]{{1,40}}|{_N}"},
    (
        Meaning(
            "xor", r"(?:bitwise )?xor(?:ed)?", r"bitweise[sn]? xor", "<digits> xor <digits>", "<digits> xor <digits>"
        ),
        Meaning(
            "both",
            r"bitwise[- ]and",
            r"bitweise[sn]? und",
            "bitwise and of <digits> and <digits>",
            "bitweises und von <digits> und <digits>",
        ),
        Meaning(
            "either",
            r"bitwise[- ]or",
            r"bitweise[sn]? oder",
            "bitwise or of <digits> and <digits>",
            "bitweises oder von <digits> und <digits>",
        ),
    ),
    _NUMBERS | words("what apply compute operation verknüpfe verknüpfen"),
)


def _chosen(wording: Wording) -> str | None:
    """`52 choose 5` and `C(52, 5)` name the larger set first; in other forms it is the larger number."""
    numbers = wording.all("n")
    if len(numbers) != 2 or wording.has("permutation") == wording.has("choose"):
        return None
    first, second = (int(token.text.replace(",", "").replace(".", "")) for token in numbers)
    if wording.has("permutation"):
        return "how many permutations of <n> from <n> are there" if first <= second else None
    kind = next(token for token in wording.tokens if token.kind == "choose")
    if first >= second or "binom" in kind.text or (kind.text in ("choose", "über") and numbers[0].start < kind.start):
        return "<n> choose <n>"
    return "how many combinations of <n> from <n> are there"


CHOOSING = Intent(
    ("choose", "ways", "arten", "binomial", "permutation", "combination", "kombination", "möglichkeit", " über ", "c("),
    {"n": _N},
    (
        Meaning(
            "choose",
            r"binomial coefficients?|(?:number of )?combinations?|ways? (?:are there |is there |there are |do"
            r" (?:i|we|you) have )?(?:can (?:i|you|we"
            r"|one) )?"
            r"(?:to )?(?:choose|pick|select|draw)|(?:be )?(?:chosen|picked|selected|drawn)|choosing|(?<=\d"
            r" )choose(?= \d)|n?c(?=\()",
            r"binomialkoeffizient(?:en)?|kombinationen|über|möglichkeiten(?=.* (?:auszu|zu )(?:wählen|ziehen))"
            r"|(?:möglichkeiten|arten|weisen)(?=.*auswähl)",
        ),
        Meaning("permutation", r"permutations?|(?:arrange|order)", r"permutationen|anzuordnen|anordnen"),
    ),
    words(
        "team teams group groups committee committees people persons students cards balls members players"
        " personen karten kugeln leute spieler schüler ways"
        " when out items item objects objekte objects elements elemente dingen möglichkeiten anzahl"
        " auszuwählen wählen"
     " ziehen auswählen exist possible möglich"),
    _chosen,
)  # fmt: skip
INTENTS = (GCD_LCM, PRIMES, TO_ROMAN, FROM_ROMAN, BASES, BITS, CHOOSING)
