"""Numbers in other bases, and operations on bits."""

import re
from itertools import takewhile

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers

# permissions of files are octal numbers
_OCTAL_USES = words("chmod permission permissions rights rechte dateirechte zugriffsrechte")
_BASES = {"binary": 2, "octal": 8, "decimal": 10, "to": 10, "hexa": 16}


def _based(reading: Reading) -> ToolCall | None:
    value = _digits(reading)
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
    if "on" in reading.words or (source == 10 and not _OCTAL_USES.isdisjoint(reading.words)):
        return None
    if not value or len(targets) != 1 or targets[0] == source or not 2 <= targets[0] <= 36:
        return None
    digits = value[2:] if prefix else value
    if any(int(digit, 36) >= source for digit in digits.replace(".", "", 1)):
        return None
    return ToolCall("base_convert", {"value": digits, "from_base": source, "to_base": targets[0]})


def _digits(reading: Reading) -> str:
    """The only value; letters alone are digits beside `hexadecimal`, and else words."""
    letters = reading.all("letters")
    if reading.has("hexa") and len(letters) == 1 and not reading.all("digits"):
        return letters[0]
    if letters or (reading.all("digits") and reading.all("fraction")):
        return ""
    return reading.only("digits") or _fraction(reading)


def _fraction(reading: Reading) -> str:
    """The only value if it has a decimal mark and one reading, else nothing."""
    text = reading.only("fraction")
    return "" if not text or may_be_two_numbers(reading, text) else decimal(text, reading.tongue) or ""


_NAMED_BASES = {"bin": 2, "dual": 2, "oct": 8, "okt": 8, "dec": 10, "dez": 10, "hex": 16}


def _base_before_digits(reading: Reading) -> int:
    """8 for `octal number 755` and `Oktalzahl 755`; 0 if no base is named right before the digits."""
    words_before = takewhile(lambda piece: piece[0] != "v", reading.pieces)
    before = [text for _, text in words_before if text not in ("number", "zahl", "value")]
    name = before[-1] if before else ""
    return next((base for start, base in _NAMED_BASES.items() if name.startswith(start)), 0)


_BINARY, _BINARY_DIGITS = re.compile(r"binary\b(?! rep)|binär(?!darst)"), re.compile(r"[01]{2,}")
_MAYBE_BINARY = re.compile(r"[01]{3,}")
_ONE_OPERAND = ("not", "count_ones", "leading_zeros", "trailing_zeros", "reverse_bits", "reverse_bytes")
_TWO_OPERANDS = (
    "nand", "xnor", "nor", "xor", "and", "or", "arithmetic_shift_right", "shift_left", "shift_right", "rotate_left",
    "rotate_right", "set_bit", "clear_bit", "toggle_bit", "test_bit",
)  # fmt: skip


# without a width they have several results
_OF_A_WIDTH = frozenset({"leading_zeros", "reverse_bits", "reverse_bytes", "rotate_left", "rotate_right"})


def _operation(reading: Reading) -> str:
    """The only operation; words such as `and`, `invert` and `set` name one only beside a mask, a width or a bit."""
    if operation := reading.one_of(*_ONE_OPERAND, *_TWO_OPERANDS):
        return operation
    if {*_ONE_OPERAND, *_TWO_OPERANDS} & set(reading.keys):
        return ""
    if move := reading.one_of("shift", "rotate"):
        direction = reading.one_of("left", "right")
        return f"{move}_{direction}" if direction else ""
    if reading.all("position"):
        is_question = reading.has("asks") and reading.has("state")
        change = reading.one_of("set", "clear", "toggle", "invert").replace("invert", "toggle")
        return "test_bit" if is_question else f"{change}_bit" if change else ""
    if reading.has("negate"):
        return "not" if reading.has("bitwise") else ""
    if reading.has("invert"):
        return "not" if reading.all("width") or reading.has("bitwise") else ""
    return (
        reading.one_of("both", "either").replace("both", "and").replace("either", "or") if _is_bitwise(reading) else ""
    )


def _is_bitwise(reading: Reading) -> bool:
    return reading.has("bitwise") or reading.has("mask")


def _bits(reading: Reading) -> ToolCall | None:
    operation = _operation(reading)
    written = reading.all("digits")
    if _BINARY.search(reading.text.lower()) and all(_BINARY_DIGITS.fullmatch(text) for text in written):
        written = [f"0b{text}" for text in written]
    elif any(_MAYBE_BINARY.fullmatch(text) for text in written):
        return None
    values = [int(text) if text.isdigit() else text for text in written]
    if operation.endswith("_bit"):
        position = [int(re.sub(r"\D", "", text)) for text in reading.all("position")]
        values = [*values, *position]
    elif reading.all("position"):
        return None
    if not operation or len(values) != (1 if operation in _ONE_OPERAND else 2):
        return None
    if operation.startswith(("shift", "rotate", "arithmetic")) and not isinstance(values[1], int):
        return None
    size = re.sub(r"\D", "", reading.only("width"))
    if not size and operation in _OF_A_WIDTH:
        return None
    width = {"width": int(size)} if size in ("8", "16", "32", "64", "128") else {}
    second = {} if operation in _ONE_OPERAND else {"b": values[1]}
    return ToolCall("bit_operations", {"operation": operation, "a": values[0], **second, **width})


_DIGITS = r"(?<![\w.,-])(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)(?![\w]|[.,]\d)"
_OF_NUMBER = r"(?<=[0-9A-Fa-f] )"
REQUESTS = (
    Request(
        ("bin", "hex", "oct", "okt", "dual", "base", "basis", "zweier", "achter", "zehner", "decimal", "dezimal"),
        {
            "base": r"(?i:(?:in |to |into |zur |in der )?bas(?:e|is) ?(?:3[0-6]|[12]?\d)(?!\d))",
            "digits": r"(?<![\w.,-])(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d[0-9A-F]*|[A-F]+\d[0-9A-F]*)"
            r"(?![\w]|[.,]\d)",
            "fraction": r"(?<![\w.,-])\d+[.,]\d+(?![\w]|[.,]\d)",
            "letters": r"(?<![\w.,-])[A-F]{2,16}(?![\w-])",
        },
        {
            "binary": r"bin(?:ary|är\w*)?|dual\w*|zweiersystem\w*|base two",
            "octal": r"octal|oktal\w*|achtersystem\w*|base eight",
            "to": r"to decimal|in decimal|ins dezimalsystem",
            "decimal": r"(?:as )?(?:decimal|dezimal\w*|base ten|zehnersystem\w*)",
            "hexa": r"hex(?:adecimal|adezimal\w*|zahl|code|wert)?|base sixteen|sechzehnersystem\w*",
        },
        _based,
        words(
            "übertragen übersetzen berufsschule informatik value number digits notation representation system write"
            " written look convert displayed darstellung"
            " wandle um stelle dar schreibe wert zahl computers octets permission permissions bits set rights chmod"
            " file files gesetzt gesetzten rechte dateirechte zugriffsrechte umrechnen umwandeln umgerechnet"
            " umgewandelt ausgedrückt expressed binary exact exactly prints shows reads debugger register period log"
            " logs address adresse switches"
            " schalter normale normal usual read"
        )
        - {"learning"},
        4,
    ),
    Request(
        ("bit", "0x", "xor", "shift", "rot", "ones", "eins", "<<", ">>", "nand", "zero", "invert", "schieb", "popcount",
         "hamming", "byte", "endian", "mask", "komplement", "clz", "ctz"),
        {
            "width": r"(?i:(?:in |on |mit |as an? |as |als |an |with )?(?:(?<!\d)(?<!by )(?<!um )(?:8|16|32|64"
            r"|128)[- ]bits?(?:[- ](?:wide|width|breit|breite|register|value|word|wert|wort|integer|zahl|number"
            r"|unsigned))?"
            r"|(?:width|breite|wortbreite)(?: of| von)? (?:8|16|32|64|128)))(?!\w)",
            "position": r"(?i:bit(?: number| nummer| nr\.?| no\.?| position)? ?#?\d{1,3})(?!\w)",
            "digits": _DIGITS,
        },
        {
            "nand": r"(?:bitwise |bitweise[sn]? )?nand",
            "xnor": r"(?:bitwise |bitweise[sn]? )?xnor",
            "xor": r"(?:bitwise |bitweise[sn]? )?(?:xor|exclusive[- ]or|exklusiv(?:es)?[- ]oder)(?:ed)?"
            r"|bitweise mit xor|xor-?verknüpf\w*",
            "nor": r"(?:bitwise |bitweise[sn]? )nor",
            "and": r"bitwise(?:ly)?[- ]and|(?<=[0-9A-Fa-f] )and(?= 0[xb])|bitweise[sn]? und|and-?verknüpf\w*"
            r"|und-?verknüpf\w*|bitweise mit und|" + _OF_NUMBER + r"(?:(?-i:AND|UND)|&)(?= ?\d)",
            "or": r"bitwise(?:ly)?[- ]or|(?<=[0-9A-Fa-f] )or(?= 0[xb])|bitweise[sn]? oder|oder-?verknüpf\w*"
            r"|bitweise mit oder|" + _OF_NUMBER + r"(?:(?-i:OR|ODER)|\|)(?= ?\d)",
            "not": r"bitwise[- ](?:not|complement|negation|invers\w+)|invert (?:all )?(?:the |its )?bits"
            r"|bits? invert\w*"
            r"|(?:one's|ones) complement|invertiere (?:alle|die) bits|bitweise[sn]? (?:nicht|not|komplement|negation)"
            r"|einerkomplement|flip (?:all|every) (?:the |of the )?bits?"
            r"|alle bits(?= .*(?:umdreh|kipp|invertier|umkehr|negier))",
            "count_ones": r"(?:how many|number of|count(?: the| of)?|wie ?viele|anzahl(?: der)?|zähle? (?:die )?)"
            r" ?(?:ones?|1s|1-bits?|set bits|bits (?:are )?set|einsen|gesetzte[rn]? bits|bits(?: sind)?(?= .*gesetzt))"
            r"|pop-?count|popcount|population count|bit-?count|hamming[- ](?:weight|gewicht)|set bits|gesetzten? bits",
            "leading_zeros": r"leading[- ]zero(?:e?s| bits)?|führende[rn]? nullen|clz",
            "trailing_zeros": r"trailing[- ]zero(?:e?s| bits)?|(?:nachfolgende|abschließende|hintere)[rn]? nullen|ctz",
            "reverse_bits": r"reverse (?:the |its )?bits?(?: order)?|bit[- ]reversal|bit-?reihenfolge"
            r"(?=.* (?:um|dreh|spiegel))|bits (?:reversed|in reverse order)|bits (?:umkehren|spiegeln|rückwärts)"
            r"|bit[- ]reversed?",
            "reverse_bytes": r"(?:revers(?:e|ed|ing)|swap(?:ped|ping)?|flip(?:ped|ping)?) (?:the |its )?(?:bytes?"
            r"(?:[- ]order)?|endian(?:ness)?)|byte[- ]?swap(?:ped)?|byte[- ]order (?:swapped|reversed|flipped)"
            r"|bytes (?:reversed|swapped|flipped|in reverse order|umdrehen|umgedreht|umkehren|vertauschen|vertauscht"
            r"|tauschen)|byte-?reihenfolge(?=.* (?:um|ver|dreh|tausch|getausch))|byte-?reihenfolge umkehren"
            r"|(?:ver)?tausche (?:die )?(?:bytes|byte-?reihenfolge)|endian(?:ness)?[- ](?:swap|conversion)"
            r"|(?:big|little)[- ]?endian (?:to|in|into|nach|->|→) (?:big|little)[- ]?endian",
            "shift": r"(?:ver)?schiebt?|(?:ver)?schieben?|(?:ver|ge)schoben|shiften|shiftet|geshiftet",
            "rotate": r"rotieren|rotierst?|rotiert",
            "arithmetic_shift_right": r"arithmetic(?:ally)? (?:right[- ]shift|shift(?:ed)? (?:to the )?right)|asr"
            r"|arithmetische[rn]? rechts-?(?:shift|verschiebung)|shift(?:ed)? right arithmetically",
            "shift_left": r"shift(?:ed|ing|s)?(?=.* left)|(?:bit)?[- ]?shift(?:ed|ing)? (?:to the )?left"
            r"|left[- ]shift(?:ed)?|(?:verschieb|schieb|shifte|geschoben)\w*(?=.* links)|links-?(?:verschiebung|shift)"
            r"|shl|<<",
            "shift_right": r"shift(?:ed|ing|s)?(?=.* right)|shift(?:ed|ing)? (?:to the )?right|right[- ]shift(?:ed)?"
            r"|(?:verschieb|schieb|shifte|geschoben)\w*(?=.* rechts)|rechts-?(?:verschiebung|shift)|shr|>>",
            "rotate_left": r"rotat(?:e|ed|ing|ion) (?:to the )?left|left[- ]rotat\w+|rotier\w*(?=.* links)|rotl|rol"
            r"|rotate[ds]?(?=.* left)|links-?rotation",
            "rotate_right": r"rotat(?:e|ed|ing|ion) (?:to the )?right|right[- ]rotat\w+|rotier\w*(?=.* rechts)|rotr|ror"
            r"|rotate[ds]?(?=.* right)|rechts-?rotation",
            "test_bit": r"(?:is|test|check|ist)(?= bit \d)",
            "set_bit": r"set(?= bit \d)|setze(?= bit \d)",
            "clear_bit": r"(?:clear|unset|reset|turn off)(?= bit \d)|lösche(?= bit \d)",
            "toggle_bit": r"(?:toggle|flip|invertiere|kippe)(?= bit \d)",
            "asks": r"is|whether|ist|ob|check|test|prüfe?|teste?|does|steht",
            "state": r"set|gesetzt|on|high|an|aktiv|enabled|(?<=is )1|(?<=auf )1",
            "set": r"setzen?|turn(?:ed)? on|einschalten",
            "clear": r"löschen|gelöscht|cleared|zurücksetzen|turned off|ausschalten",
            "toggle": r"umschalten|kippen|toggled|umkehren",
            "invert": r"invert(?:ed|ieren?|iert|ing)?|complement(?:ed)?|komplement"
            r"|flip(?:ped)?",
            "negate": r"negate[ds]?|negier(?:e|en|t)",
            "both": rf"{_OF_NUMBER}(?:and|und|with|mit)(?= (?:0[xb])?\d)",
            "either": rf"{_OF_NUMBER}(?:or|oder)(?= (?:0[xb])?\d)",
            "mask": r"(?:bit-?)?mas(?:k|ked|king|ke)",
            "bitwise": r"bitwise|bitweise[nsr]?|bit for bit|bit für bit",
            "bits": r"bits?(?!(?: number| nummer| nr\.?| no\.?| position)? ?#?\d)"
            r"|positions?|places?|stellen?|times|mal|bitwise|nach",
            "left": r"left|links",
            "right": r"right|rechts",
        },
        _bits,
        words(
            "combine verknüpfe verknüpft bitweise mask masking get comes binary representation binärdarstellung"
            " darstellung enthält ihre number bytes comes zahl rückgabe"
            " register operation result statusregister kontrollregister control status flag flags driver treiber"
            " value byte wide breit hex order word sensor endian big little sends send liefert zurück darin"
            " reads returns firmware mikrocontroller microcontroller writing spi i2c bus um zählen"
        ),
        3,
        yes_or_no=True,
    ),
)  # fmt: skip
