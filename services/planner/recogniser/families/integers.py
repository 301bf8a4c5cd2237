"""Questions about whole numbers: their primes, common divisors, Roman numerals, other bases, and their bits."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import (
    LEAD_DE,
    LEAD_EN,
    WHOLE,
    Family,
    Found,
    conversions_de,
    conversions_en,
    rules,
)
from services.planner.recogniser.numbers import whole
from services.planner.recogniser.numerals import Tongue

_N = rf"(?:the number |number |die zahl |der zahl )?(?P<n>{WHOLE})"
_A, _B = rf"(?P<a>{WHOLE})", rf"(?P<b>{WHOLE})"
_DIGITS = r"0x[0-9a-f]{1,32}|0b[01]{1,128}|0o[0-7]{1,40}"
_WORD_A, _WORD_B = rf"(?P<a>{_DIGITS}|{WHOLE})", rf"(?P<b>{_DIGITS}|{WHOLE})"
_GCD_EN = r"(?P<gcd>gcd|hcf|greatest common (?:divisor|factor)|highest common (?:factor|divisor))"
_LCM_EN = r"(?P<lcm>lcm|(?:least|lowest|smallest) common multiple)"
_GCD_DE = r"(?P<gcd>ggt|größten? gemeinsamen? teiler)"
_LCM_DE = r"(?P<lcm>kgv|kleinste gemeinsame vielfache)"
_ROMAN = r"(?P<roman>m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3}))"
_ROMAN_EN = r"(?:a )?roman (?:numerals?|numbers?)"
_ROMAN_DE = r"(?:eine )?römischen? (?:zahl|zahlen|ziffern|zahlzeichen)"
_ARABIC_EN = r"(?:an? )?(?:arabic (?:numerals?|numbers?)|decimal(?: number)?|number)"
_ARABIC_DE = r"(?:eine )?(?:arabischen? (?:zahl|zahlen|ziffern)|dezimalzahl|dezimal)"
_LONG_NUMERAL = 5  # no word of this length is a numeral
_BITS = r"(?P<operation>and|or|xor)"
_BITS_DE = r"(?P<operation>und|oder|xor)"
_OPERATIONS = {"und": "and", "oder": "or", "&": "and", "|": "or", "<<": "shift_left", ">>": "shift_right"}


def _primes(found: Found) -> ToolCall | None:
    n = whole(found["n"], found.tongue)
    return None if n is None else ToolCall("prime_factorize", {"n": n})


def _common(found: Found) -> ToolCall | None:
    a, b = whole(found["a"], found.tongue), whole(found["b"], found.tongue)
    operation = "gcd" if found["gcd"] else "lcm"
    return None if a is None or b is None else ToolCall("gcd_lcm", {"a": a, "b": b, "operation": operation})


def _to_roman(found: Found) -> ToolCall | None:
    n = whole(found["n"], found.tongue)
    return None if n is None else ToolCall("roman_numeral", {"value": str(n)})


def _from_roman(found: Found) -> ToolCall | None:
    """Only long numerals in capitals count: `mix` is a word, and `CD` may be hexadecimal."""
    written = found.written("roman")
    if written.islower() and len(written) >= _LONG_NUMERAL:
        written = written.upper()
    is_numeral = written.isupper() and len(written) > 1 and not set(written) <= {"C", "D"}
    return ToolCall("roman_numeral", {"value": written}) if is_numeral else None


def _bits(found: Found) -> ToolCall | None:
    a, b = (_word(found[name], found.tongue) for name in ("a", "b"))
    operation = _OPERATIONS.get(found["operation"], found["operation"])
    operation = f"shift_{found['to']}" if operation == "shift" else operation
    return None if a is None or b is None else ToolCall("bit_operations", {"operation": operation, "a": a, "b": b})


def _ones(found: Found) -> ToolCall | None:
    a = _word(found["a"], found.tongue)
    return None if a is None else ToolCall("bit_operations", {"operation": "count_ones", "a": a})


def _word(text: str, tongue: Tongue) -> int | None:
    return int(text, 0) if text[:2] in ("0x", "0b", "0o") else whole(text, tongue)


_RULES = (
    *rules(
        "en",
        _primes,
        rf"{LEAD_EN}prime (?:factori[sz]ation|decomposition|factors) of {_N}",
        rf"(?:factor|factori[sz]e|decompose) {_N} into (?:its )?prime(?:s| factors)",
        rf"(?:factor|factori[sz]e) {_N}",
        rf"(?:how many|what are (?:all )?the|list (?:all )?(?:the )?|number of) divisors (?:of|does|has|for) {_N}"
        r"(?: have)?",
        rf"is {_N} (?:a )?prime(?: number)?(?: or not)?",
    ),
    *rules(
        "de",
        _primes,
        rf"{LEAD_DE}(?:primfaktorzerlegung|primfaktoren) (?:von|der) {_N}",
        rf"zerlege {_N} in (?:ihre |seine )?primfaktoren",
        rf"faktorisiere {_N}",
        rf"(?:wie ?viele teiler (?:hat|besitzt)|anzahl der teiler von|(?:alle )?teiler von) {_N}",
        rf"wie ?viele teiler (?:die )?(?:zahl )?{_N} (?:hat|besitzt)",
        rf"ist {_N} (?:eine primzahl|prim)(?: oder nicht)?",
    ),
    *rules(
        "en",
        _common,
        rf"{LEAD_EN}(?:{_GCD_EN}|{_LCM_EN}) of {_A} and {_B}",
        rf"{LEAD_EN}(?P<gcd>(?:largest|biggest|greatest|highest) (?:whole )?(?:number|integer)) that divides (?:both )?"
        rf"{_A} and {_B}(?: evenly)?",
        rf"{LEAD_EN}(?P<lcm>(?:smallest|lowest|least) (?:whole )?(?:number|integer)) (?:that is )?divisible by "
        rf"(?:both )?{_A} and {_B}",
    ),
    *rules(
        "de",
        _common,
        rf"{LEAD_DE}(?:{_GCD_DE}|{_LCM_DE}) (?:von|aus|der zahlen) {_A} und {_B}",
        rf"(?:(?P<gcd>ggt)|(?P<lcm>kgv))\({_A}[,;] ?{_B}\)",
        rf"{LEAD_DE}(?P<gcd>größte (?:ganze )?zahl),? die (?:sowohl )?{_A} (?:und|als auch) {_B} teilt",
        rf"{LEAD_DE}(?P<lcm>kleinste (?:ganze )?zahl),? die durch {_A} und (?:durch )?{_B} teilbar ist",
    ),
    *rules(
        "en", _to_roman, *conversions_en(_N, _ROMAN_EN), rf"how (?:do you|do i|would you) write {_N} in {_ROMAN_EN}"
    ),
    *rules("de", _to_roman, *conversions_de(_N, _ROMAN_DE), rf"wie schreibt man {_N} (?:in|als) {_ROMAN_DE}"),
    *rules(
        "en",
        _from_roman,
        *conversions_en(rf"(?:the )?(?:roman numeral )?{_ROMAN}", _ARABIC_EN),
        rf"what (?:number )?is (?:the )?roman numeral {_ROMAN}(?: in (?:arabic numerals|decimal))?",
        rf"what number is {_ROMAN} in roman numerals",
        rf"(?:what is |what's |what does )(?=[mdclxvi]{{5}}){_ROMAN}(?: mean)?",
        rf"roman (?:numeral |number )?{_ROMAN}(?: in numbers| meaning| value)?",
        rf"what does {_ROMAN} (?:mean|stand for) in (?:arabic|roman) numerals",
        rf"convert {_ROMAN} from roman numerals(?: to (?:decimal|arabic numerals|a number))?",
    ),
    *rules(
        "de",
        _from_roman,
        *conversions_de(rf"(?:die )?römische zahl {_ROMAN}", _ARABIC_DE),
        *conversions_de(_ROMAN, r"(?:eine )?(?:arabischen? (?:zahl|zahlen|ziffern)|dezimalzahl)"),
        rf"(?:welche zahl ist|was ist|wie lautet) die römische zahl {_ROMAN}",
        rf"welche zahl ist {_ROMAN}",
    ),
    *rules(
        "en",
        _bits,
        rf"(?:what is |what's |calculate |compute )?{_WORD_A} (?P<operation>xor) {_WORD_B}",
        rf"(?:what is |what's |calculate |compute )?{_WORD_A} bitwise {_BITS} {_WORD_B}",
        rf"(?:what is |what's |calculate |compute )?{_WORD_A} (?P<operation>and|or|xor|&|\|) {_WORD_B} bitwise",
        rf"{LEAD_EN}bitwise {_BITS} of {_WORD_A} and {_WORD_B}",
        rf"(?:left )?(?P<operation>shift) {_WORD_A} (?P<to>left|right) by {_WORD_B}(?: bits?| places?| positions?)?",
        rf"{_WORD_A} (?:left |right )?(?P<operation>shift)(?:ed)? (?:to the )?(?P<to>left|right) by"
        rf" {_WORD_B}(?: bits?)?",
        rf"(?:what is |what's |calculate |compute )?{_WORD_A} ?(?P<operation><<|>>|&|\|) ?{_WORD_B}",
    ),
    *rules(
        "de",
        _bits,
        rf"(?:was ist |berechne |wie ?viel ist )?{_WORD_A} (?P<operation>xor) {_WORD_B}",
        rf"(?:was ist |berechne |wie ?viel ist )?{_WORD_A} bitweise[sn]? {_BITS_DE} {_WORD_B}",
        rf"{LEAD_DE}bitweisen? {_BITS_DE} (?:von|aus) {_WORD_A} und {_WORD_B}",
        rf"{LEAD_DE}bitweises {_BITS_DE} (?:von|aus) {_WORD_A} und {_WORD_B}",
    ),
    *rules(
        "en",
        _ones,
        rf"how many (?:bits are set|bits set|set bits|ones|one bits|1s|1 bits)(?: are)?(?: there)? (?:are )?in"
        rf"(?: the binary (?:form|representation) of)? {_WORD_A}",
        rf"{LEAD_EN}(?:pop(?:ulation )?count|hamming weight) (?:of|for) {_WORD_A}",
        rf"{LEAD_EN}(?:number of )?(?:set bits|ones) (?:of|in) {_WORD_A}",
    ),
    *rules(
        "de",
        _ones,
        rf"wie ?viele bits sind (?:in|bei) {_WORD_A} gesetzt",
        rf"wie ?viele (?:einsen|gesetzten? bits) hat {_WORD_A}(?: binär)?",
    ),
)
INTEGERS = Family(
    (
        "prim", "factor", "divi", "teil",
        "faktor", "gcd", "hcf", "lcm", "ggt", "kgv", "common", "gemeinsam", "roman", "römisch", "bit", "xor", "<<",
        ">>", "&", "|",
        "decimal", "dezimal", "arabi", "number", "zahl", "what",
    ),
    _RULES,
)  # fmt: skip
