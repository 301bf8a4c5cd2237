"""Whole numbers: factors, divisors, Roman numerals, bases, bits."""

import re
from itertools import takewhile

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import whole
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import WHOLE

_ROMAN = r"(?=[MDCLXVI]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"
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


def _roman(reading: Reading) -> ToolCall | None:
    if re.search(r"\d (?:roman|römisch)", reading.text.lower()) and " in " not in reading.text:
        return None  # the first 10 Roman numerals
    value = reading.only("roman") or reading.only("n").replace(",", "").replace(".", "")
    is_number = value.isdigit()
    if not value or (is_number and not (reading.has("roman") and 0 < int(value) < 4000)):
        return None
    return (
        ToolCall("roman_numeral", {"value": value})
        if reading.keys and not (reading.all("roman") and reading.all("n"))
        else None
    )


_BASES = {"binary": 2, "octal": 8, "decimal": 10, "hexa": 16}


def _based(reading: Reading) -> ToolCall | None:
    value = reading.only("digits")
    named = [_BASES[key] for key in reading.keys if key in _BASES]
    named += [int(re.sub(r"\D", "", text)) for text in reading.all("base")]
    prefix = {"0x": 16, "0b": 2, "0o": 8}.get(value[:2].lower())
    source = prefix or (16 if re.search(r"[a-f]", value, re.IGNORECASE) else 0)
    targets = [base for base in dict.fromkeys(named) if base != source]
    if not source and len(targets) == 2 and (before := _base_before_digits(reading)) in targets:
        source, targets = before, [base for base in targets if base != before]
    if not source and len(targets) == 2 and 10 in targets:
        source = next(base for base in targets if base != 10)
        if reading.text.lower().find("decimal") < 0 and reading.places.get("base", [0])[0] == 0:
            return None
        first = reading.has("decimal") and reading.keys.index("decimal") == 0 and not reading.has("to")
        source, targets = (10, [source]) if first else (source, [10])
    source = source or 10
    if "on" in reading.words:
        return None
    if not value or len(targets) != 1 or targets[0] == source or not 2 <= targets[0] <= 36:
        return None
    digits = value[2:] if prefix else value
    if any(int(digit, 36) >= source for digit in digits):
        return None
    return ToolCall("base_convert", {"value": digits, "from_base": source, "to_base": targets[0]})


_NAMED_BASES = {"bin": 2, "dual": 2, "oct": 8, "okt": 8, "dec": 10, "dez": 10, "hex": 16}


def _base_before_digits(reading: Reading) -> int:
    """8 for `octal number 755` and `Oktalzahl 755`; 0 if no base is named right before the digits."""
    words_before = takewhile(lambda piece: piece[0] != "v", reading.pieces)
    before = [text for _, text in words_before if text not in ("number", "zahl", "value")]
    name = before[-1] if before else ""
    return next((base for start, base in _NAMED_BASES.items() if name.startswith(start)), 0)


_BINARY, _BINARY_DIGITS = re.compile(r"binary\b(?! rep)|binär"), re.compile(r"[01]{2,}")
_ONE_OPERAND = ("not", "count_ones", "leading_zeros", "trailing_zeros", "reverse_bits", "reverse_bytes")
_TWO_OPERANDS = (
    "nand", "xnor", "nor", "xor", "and", "or", "shift_left", "shift_right", "rotate_left", "rotate_right",
    "set_bit", "clear_bit", "toggle_bit", "test_bit",
)  # fmt: skip


def _bits(reading: Reading) -> ToolCall | None:
    operation = reading.one_of(*_ONE_OPERAND, *_TWO_OPERANDS)
    written = reading.all("digits")
    if _BINARY.search(reading.text.lower()) and all(_BINARY_DIGITS.fullmatch(text) for text in written):
        written = [f"0b{text}" for text in written]
    values = [int(text) if text.isdigit() else text for text in written]
    if operation.endswith("_bit"):
        position = [int(re.sub(r"\D", "", text)) for text in reading.all("position")]
        values = [*values, *position]
    elif reading.all("position"):
        return None
    if not operation or len(values) != (1 if operation in _ONE_OPERAND else 2):
        return None
    if operation.startswith(("shift", "rotate")) and not isinstance(values[1], int):
        return None
    size = re.sub(r"\D", "", reading.only("width"))
    width = {"width": int(size)} if size in ("8", "16", "32", "64", "128") else {}
    second = {} if operation in _ONE_OPERAND else {"b": values[1]}
    return ToolCall("bit_operations", {"operation": operation, "a": values[0], **second, **width})


_LARGEST = r"(?:largest|greatest|biggest|highest|größte) (?:whole |ganze |natürliche )?(?:number|integer|zahl)"
_SMALLEST = (
    r"(?:smallest|lowest|least|kleinste) (?:whole |positive |ganze |natürliche |positive )?(?:number|integer|zahl)"
)
_DIGITS = r"(?<![\w.,-])(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)(?![\w]|[.,]\d)"
REQUESTS = (
    Request(
        ("prim", "factor", "faktor", "teiler", "divisor", "totient", "phi"),
        {"n": WHOLE},
        {
            "or_not": r"prime or (?:not|composite)|primzahl oder (?:nicht|keine|zusammengesetzt)",
            "several": r"primes|prime numbers|primzahlen",
            "dividing": r"product|factored|produkt|divides?|made of|made up of|multiply|multiplied|break down"
            r"|split(?: up)?|zerlege\w*|besteht|setzt(?= sich)|zusammensetz\w*|multipliziert",
            "factors": r"prime(?:[- ](?:number|factors?|factori[sz]ations?|decomposition))?|primzahl"
            r"|primfaktor(?:en|zerlegung)?|prim|factori[sz]ations?|factori[sz]e[ds]?|faktorisier(?:e|en|t|ung)"
            r"|factor(?:ing)?(?= (?:the |this )?(?:integer|number|whole number) \d)",
            "divisors": r"(?:number |count |sum )?(?:of )?(?:the )?(?:all )?(?:its )?(?:proper )?divisors"
            r"|teiler(?:anzahl|summe)?|euler(?:'s|s)? (?:totient|phi)(?: function)?|totient"
            r"|eulersche (?:phi-?funktion)",
        },
        _factors,
        _HOMEWORK
        | words(
            "made product produkt list check test composite sum many composed down break prüfe"
            " zusammengesetzt besteht teile zerlegen zerlege schreiben schreibe"
        ),
        3,
        yes_or_no=True,
    ),
    Request(
        ("gcd", "hcf", "gcf", "lcm", "common", "ggt", "kgv", "gemeinsam", "divid", "divis", "teilbar", "teilt"),
        {"n": WHOLE},
        {
            "gcd": rf"{_LARGEST}(?=.*(?:divid|divis|goes into|teilt|teilbar|teilen|factor of))|gcd|hcf|gcf"
            rf"|(?:greatest|largest|highest|biggest) (?:common |shared )?(?:divisor|factor)|ggt"
            r"|größte[rnms]? gemeinsame[rnms]? teilers?|coprime|teilerfremd|common (?:divisor|factor)",
            "lcm": rf"{_SMALLEST}(?=.*(?:divisible|multiple of|teilbar|vielfaches))|lcm|(?:least|lowest"
            rf"|smallest) common (?:multiple|denominator)|kgv|common multiple"
            r"|kleinste[rnms]? gemeinsame[rnms]? (?:vielfache[sn]?|nenners?)|gemeinsame[sr]? vielfache[sn]?",
        },
        _common,
        _HOMEWORK
        | words(
            "every minutes minuten days tage buses seconds divides divide dividing divisible evenly teilt teilen"
            " teilbar"
            " durch both beide multiple vielfaches into goes number zahl"
        ),
        5,
        yes_or_no=True,
    ),
    Request(
        ("roman", "römi"),
        {"roman": _ROMAN, "n": WHOLE},
        {
            "roman": r"(?:in |as |als |to |into )?(?:the )?roman(?: (?:numerals?|numbers?|digits?|notation"
            r"|style))?|romans"
            r"|römisch(?:e[rnms]?)?(?: (?:zahl(?:zeichen|en)?|ziffern?|schreibweise))?|römern?",
        },
        _roman,
        words(
            "wrote write written way normal digits arabic number year chapter kapitel jahr ziffern schreibt schrieben"
            " arabische zahl convert wandle um stands written gravestone says clock building movie schreib"
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
        ),
        {"roman": _ROMAN},
        {
            "arabic": r"(?:in |as |als )?(?:normal(?:en)?|arabi(?:c|sche[nr]?)|ordinary|regular"
            r"|decimal) (?:digits|numbers?"
            r"|numerals?|figures|zahl(?:en)?|ziffern?)|when was it (?:made|built|written|filmed)|which year"
            r"|what year|welches jahr|welche jahreszahl|jahreszahl|(?:which|what) number|welche zahl"
            r"|(?:als |in )?(?:gewöhnliche[nr]?|normale[nr]?|übliche[nr]?) (?:zahl(?:en)?|ziffern)",
        },
        _roman,
        words(
            "year says gewöhnliche ausgeschrieben normal number stand stands chapter kapitel jahr steht zahl carved"
            " engraved film movie credits end made"
        ),
        5,
    ),
    Request(
        ("bin", "hex", "oct", "okt", "dual", "base", "basis", "zweier"),
        {
            "base": r"(?i:(?:in |to |into |zur |in der )?bas(?:e|is) ?(?:3[0-6]|[12]?\d)(?!\d))",
            "digits": r"(?<![\w.,-])(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d[0-9A-F]*|[A-F]+\d[0-9A-F]*)"
            r"(?![\w]|[.,]\d)",
        },
        {
            "binary": r"bin(?:ary|är\w*)?|dual(?:zahl|system)?|zweiersystem|base two",
            "octal": r"octal|oktal\w*|base eight",
            "decimal": r"(?:to |in |as )?(?:decimal|dezimal\w*|base ten|zehnersystem)",
            "hexa": r"hex(?:adecimal|adezimal\w*|zahl|code|wert)?|base sixteen",
            "to": r"to decimal|in decimal|ins dezimalsystem",
        },
        _based,
        words(
            "value number digits notation representation system write written look convert displayed darstellung"
            " wandle um stelle dar schreibe wert zahl computers octets permission permissions"
        )
        - {"learning"},
        3,
    ),
    Request(
        (
            "bit",
            "0x",
            "xor",
            "shift",
            "rot",
            "ones",
            "eins",
            "<<",
            ">>",
            "nand",
            "zero",
            "invert",
            "verschieb",
            "popcount",
            "hamming",
        ),
        {
            "width": r"(?i:(?:in |on |mit |as |als |an |with )?(?:(?<!\d)(?:8|16|32|64"
            r"|128)[- ]bits?(?:[- ](?:wide|width"
            r"|breit|register|value|word|wert|integer))?|(?:width|breite) (?:8|16|32|64|128)))",
            "position": r"(?i:bit (?:number |nummer |nr\.? )?\d{1,3})(?!\w)",
            "digits": _DIGITS,
        },
        {
            "nand": r"(?:bitwise |bitweise[sn]? )?nand",
            "xnor": r"(?:bitwise |bitweise[sn]? )?xnor",
            "xor": r"(?:bitwise |bitweise[sn]? )?(?:xor|exclusive[- ]or)(?:ed)?|bitweise mit xor",
            "nor": r"(?:bitwise |bitweise[sn]? )nor",
            "and": r"bitwise(?:ly)?[- ]and|(?<=[0-9A-Fa-f] )and(?= 0[xb])|bitweise[sn]? und|and-?verknüpf\w*"
            r"|und-?verknüpf\w*|bitweise mit und",
            "or": r"bitwise(?:ly)?[- ]or|(?<=[0-9A-Fa-f] )or(?= 0[xb])|bitweise[sn]? oder|oder-?verknüpf\w*"
            r"|bitweise mit oder",
            "not": r"bitwise[- ](?:not|complement|negation)|invert (?:all )?(?:the )?bits|bits? invert\w*"
            r"|(?:one's|ones) complement|invertiere alle bits|bitweise[sn]? (?:nicht|komplement)|einerkomplement",
            "count_ones": r"(?:how many|number of|count(?: the| of)?|wie ?viele|anzahl(?: der)?)"
            r" (?:ones?|1s|1-bits?|set bits|bits (?:are )?set|einsen|gesetzte[rn]? bits|bits gesetzt)"
            r"|pop-?count|popcount|bit-?count|hamming weight|set bits",
            "leading_zeros": r"leading zero(?:e?s| bits)?|führende[rn]? nullen|clz",
            "trailing_zeros": r"trailing zero(?:e?s| bits)?|ctz",
            "reverse_bits": r"reverse (?:the )?bits?(?: order)?|bit[- ]reversal|bitreihenfolge umkehren",
            "reverse_bytes": r"(?:reverse|swap) (?:the )?(?:bytes|byte order)|byte[- ]swap",
            "shift_left": r"shift(?:ed|ing|s)?(?=.* left)|(?:bit)?[- ]?shift(?:ed|ing)? (?:to the )?left"
            r"|left[- ]shift(?:ed)?|verschieb\w*"
            r"(?=.* links)|linksverschiebung|shl|<<",
            "shift_right": r"shift(?:ed|ing|s)?(?=.* right)|shift(?:ed|ing)? (?:to the )?right|right[- ]shift(?:ed)?"
            r"|verschieb\w*(?=.* rechts)|shr|>>",
            "rotate_left": r"rotat(?:e|ed|ing|ion) (?:to the )?left|left[- ]rotat\w+|rotier\w*(?=.* links)|rotl|rol"
            r"|rotate(?=.* left)",
            "rotate_right": r"rotat(?:e|ed|ing|ion) (?:to the )?right|right[- ]rotat\w+|rotier\w*(?=.* rechts)|rotr|ror"
            r"|rotate(?=.* right)",
            "test_bit": r"(?:is|test|check|ist)(?= bit \d)",
            "set_bit": r"set(?= bit \d)|setze(?= bit \d)",
            "clear_bit": r"clear(?= bit \d)|lösche(?= bit \d)",
            "toggle_bit": r"(?:toggle|flip|invertiere|kippe)(?= bit \d)",
            "bits": r"bits?|positions?|places?|stellen?|times|mal|left|right|links|rechts|bitwise|set|gesetzt|nach",
        },
        _bits,
        words(
            "combine verknüpfe verknüpft bitweise mask masking get comes binary representation binärdarstellung"
            " darstellung enthält ihre number bytes comes zahl"
            " register operation result"
            " value byte wide breit hex"
        ),
        2,
    ),
)
