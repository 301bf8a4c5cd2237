"""Recognises questions for the value of one expression: `what is 17 * 23`, `Was sind 15 % von 119,99`."""

import re
from collections.abc import Sequence
from typing import Literal

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import is_filler, tongue_of_filler
from services.planner.recogniser.numbers import are_two
from services.planner.recogniser.numerals import Numeral, Tongue, has_digit, read_numeral
from services.planner.recogniser.shape import is_calculation, is_sign
from services.planner.recogniser.tokens import ANGLE_FUNCTIONS, ENGLISH_WORDS, GERMAN_WORDS, Token, tokens_of

# How clearly the words around an expression request its value: `calculate` does, `what is` may request a meaning.
Request = Literal["explicit", "open", "bare"]

_E = r"(?P<e>.+?)"
_EXPLICIT_EN = (
    r"(?:calculate|compute|evaluate|work out|solve|how much is|how much are"
    r"|(?:what is |what's )?(?:the )?(?:result|value) of)"
)
_EXPLICIT_DE = (
    r"(?:berechne(?: mir)?|wie ?viel ist|wie ?viel sind|wie ?viel ergibt|wie ?viel macht|was ergibt|was ergeben"
    r"|wie hoch sind|wie hoch ist|(?:wie lautet |was ist )?(?:das )?ergebnis von)"
)
_FRAME_TEXTS: tuple[tuple[str, Tongue, Request], ...] = (
    (rf"{_EXPLICIT_EN} {_E}", "en", "explicit"),
    (rf"what (?:does|do) {_E} (?:equal|make|give)", "en", "explicit"),
    (rf"(?:what is|what's) {_E} equal to", "en", "explicit"),
    (rf"(?:what is|what's|whats|what are) {_E}", "en", "open"),
    (rf"what {_E} (?:is|equals)", "en", "open"),
    (rf"{_EXPLICIT_DE}(?: bitte)? {_E}", "de", "explicit"),
    (rf"rechne(?: mir)?(?: bitte)? {_E}(?: aus)?", "de", "explicit"),
    (rf"was kommt bei {_E} (?:heraus|raus)", "de", "explicit"),
    (rf"(?:was ist|was sind) {_E}", "de", "open"),
    (rf"was {_E} (?:ist|sind|ergibt)", "de", "open"),
    (_E, None, "bare"),
)
_FRAMES = tuple([(re.compile(frame), tongue, request) for frame, tongue, request in _FRAME_TEXTS])
_N, _M = r"(?P<n>[\d.,]*\d)", r"(?P<m>[\d.,]*\d)"
_P, _Q = r"(?P<n>\d+/\d+)", r"(?P<m>\d+/\d+)"
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(phrase), expression)
    for phrase, expression in (
        (rf"(?:(?:the )?(?:square )?root of|sqrt of|(?:die )?(?:quadrat)?wurzel (?:aus|von)) {_N}", r"sqrt(\g<n>)"),
        (
            rf"(?:(?:the )?(?:cube|cubic|third) root of|(?:die )?(?:kubikwurzel|dritte wurzel) (?:aus|von)) {_N}",
            r"\g<n>^(1/3)",
        ),
        (
            rf"(?:the )?(?P<name>sin|cos|tan)(?:e|us|gent|gens)?(?: (?:of|von|for|für))?(?: an angle of)? {_N}"
            r" ?(?:°|degrees?|deg|grad)",
            r"\g<name>(\g<n>°)",
        ),
        (rf"(?:(?:the )?cosine?|kosinus|cosinus)(?: (?:of|von))? {_N} ?(?:°|degrees?|deg|grad)", r"cos(\g<n>°)"),
        (rf"(?P<name>sqrt|ln|log10|log2|cbrt) {_N}", r"\g<name>(\g<n>)"),
        (rf"{_N} ?(?:%|percent|prozent) off (?:of )?{_M}", r"\g<m> * (1 - \g<n>/100)"),
        (
            rf"{_N} (?:is what (?:%|percent|percentage)|as an? percent(?:age)?"
            rf"|(?:ist|sind) wie ?viel prozent) (?:of|von) {_M}",
            r"\g<n> / \g<m> * 100",
        ),
        (rf"add {_P} (?:and|to) {_Q}", r"\g<n> + \g<m>"),
        (rf"(?:(?:the )?factorial of|(?:die )?fakultät von) {_N}", r"\g<n> factorial"),
        (rf"(?:(?:the )?sum of|(?:die )?summe (?:aus|von)|add) {_N} (?:and|und) {_M}", r"\g<n> + \g<m>"),
        (rf"(?:(?:the )?product of|(?:das )?produkt (?:aus|von)) {_N} (?:and|und) {_M}", r"\g<n> * \g<m>"),
        (rf"multipliziere {_N} mit {_M}", r"\g<n> * \g<m>"),
        (rf"(?:dividiere|teile) {_N} durch {_M}", r"\g<n> divided by \g<m>"),
        (rf"subtrahiere {_N} von {_M}", r"\g<m> minus \g<n>"),
        (rf"multiply {_N} (?:by|with) {_M}", r"\g<n> * \g<m>"),
        (rf"{_N} to the {_M}(?:st|nd|rd|th)(?: power)?", r"\g<n>^\g<m>"),
        (rf"divide {_N} by {_M}", r"\g<n> divided by \g<m>"),
        (rf"subtract {_N} from {_M}", r"\g<m> minus \g<n>"),
    )
)
_FIRST = re.compile(
    r"[-\d(√]|(?:pi|e)$|[a-z]{2,5}[12]?0?\(|(?:sqrt|ln|log10|log2|cbrt|cube|cubic|kubikwurzel|square|root|sine?|sinus|cosine?|[ck]osinus|tangent|tangens"
    r"|quadratwurzel|wurzel|factorial|fakultät|sum|summe|product"
    r"|produkt|multipliziere|dividiere|teile|subtrahiere|multiply|divide|subtract|add)$"
)
_EXPLICIT = frozenset((
    "calculate", "compute", "evaluate", "result", "results", "equal", "equals", "solve", "berechne", "berechnen",
    "rechne", "rechnen", "ausrechnen", "ergebnis", "ergibt", "ergeben", "macht", "much", "make", "come", "comes",
))  # fmt: skip
_OPEN = frozenset(("what", "what's", "whats", "was", "wie", "wieviel", "lautet"))
_ALSO_AROUND = frozenset(
    (
        "how",
        "make",
        "makes",
        "come",
        "comes",
        "out",
        "expression",
        "product",
        "aus",
        "ausdruck",
        "ziehen",
        "zieh",
        "ziehe",
        "möglichst",
    )
)
_OF_EXPRESSIONS = frozenset(("a", "of", "von", "sum", "um", "product"))
_TAKES_SEVERAL = re.compile(r"\b(?:min|max|gcd|lcm|round)\(")
_TIGHT_COMMA, _FREE_COMMA = re.compile(r"\d,\d"), re.compile(r",\s")
_GROUP_IN_LIST = re.compile(r",.*(?<!\d)[1-9]\d{0,2},\d{3}(?!\d)|(?<!\d)[1-9]\d{0,2},\d{3}(?!\d).*,")
_KNOWN_NAMES = frozenset({"50+1"})  # a rule of German football
_TRAILING_EQUALS = re.compile(r" ?=$")
_MAX_DAY = 31
_MAX_MONTH = 12


_AS_FRACTION = re.compile(
    r",? (?:(?:please|bitte) )?(?:as an? (?:[a-z]+ )?fraction|in (?:lowest|simplest) terms|als (?:[a-zäöü]+ )?bruch)"
    r"(?:,? (?:please|bitte))?$"
)


def recognise_calculation(core: str) -> ToolCall | None:
    """The call for a question that is one expression and a request for its value."""
    if "/" in core and (ending := _AS_FRACTION.search(core)):
        bare = core[: ending.start()]
        return _calculation(bare) or _calculation(f"calculate {bare}")
    return _calculation(core)


def _calculation(core: str) -> ToolCall | None:
    for frame, tongue, request in _FRAMES:
        if found := frame.fullmatch(core):
            expression = _expression(found["e"], tongue, request)
            if expression is not None:
                return ToolCall("calculate", {"expression": expression})
    return _of_filler(core)


def _of_filler(core: str) -> ToolCall | None:
    """The call for an expression with only filler around it: `tell me what 12 * 12 comes to`."""
    if not has_digit(core):
        return None
    words = core.split(" ")
    start, end = 0, len(words)
    while start < end and (_is_around(words[start]) or (start and words[start] in ("of", "von"))):
        start += 1
    while end > start and _is_around(words[end - 1]):
        end -= 1
    if start == end or not _FIRST.match(words[start]):
        return None
    around = {word.strip(",:;?") for word in (*words[:start], *words[end:])}
    if not around:
        return None
    request: Request = "explicit" if around & _EXPLICIT else "open" if around & _OPEN else "bare"
    tongues = {tongue_of_filler(word) for word in around} - {None}
    tongue = next(iter(tongues)) if len(tongues) == 1 else None
    expression = _expression(" ".join(words[start:end]).rstrip(",:;?"), tongue, request)
    return None if expression is None else ToolCall("calculate", {"expression": expression})


def _is_around(word: str) -> bool:
    plain = word.strip(",:;?")
    return plain not in _OF_EXPRESSIONS and (is_filler(plain) or plain in _ALSO_AROUND)


def _expression(text: str, tongue: Tongue, request: Request) -> str | None:
    """The expression in the tool's form, or None if it is not arithmetic, or may be a name."""
    text = _separated(_rewritten(text), tongue)
    stripped = _TRAILING_EQUALS.sub("", text)
    tokens = None if stripped in _KNOWN_NAMES else tokens_of(stripped)
    if not tokens or not is_calculation(tokens) or _ends_in_exclamation(tokens):
        return None
    if not _is_calculation(tokens, "explicit" if stripped != text else request):
        return None
    return _written(tokens, tongue or _tongue_of(tokens))


def _rewritten(text: str) -> str:
    """`the square root of 2` as an expression, empty if its numbers may be a list; other text unchanged."""
    if not has_digit(text):
        return text
    for phrase, expression in _REWRITES:
        if found := phrase.fullmatch(text):
            return found.expand(expression) if _has_one_reading(found) else ""
    return text


def _has_one_reading(found: re.Match[str]) -> bool:
    """True if each operand is one number: `the sum of 12,15 and 18` may have three."""
    operands = found.groupdict()
    return "m" not in operands or are_two(operands["n"], operands["m"], "de" if " und " in found[0] else "en")


def _separated(text: str, tongue: Tongue) -> str:
    """`gcd(12,18)` with `;` between the arguments; empty if a comma may also be a decimal comma."""
    if ";" in text or "(" not in text or not _TAKES_SEVERAL.search(text) or not _TIGHT_COMMA.search(text):
        return text
    ambiguous = tongue == "de" or "round(" in text or _FREE_COMMA.search(text) or _GROUP_IN_LIST.search(text)
    return "" if ambiguous else text.replace(",", ";")


def _ends_in_exclamation(tokens: Sequence[Token]) -> bool:
    """True if the one `!` ends more than a single number: 17 * 23! may be an exclamation."""
    marks = [token for token in tokens if token.written == "!"]
    return len(marks) == 1 and tokens[-1].written == "!" and len(tokens) > 2


def _is_calculation(tokens: Sequence[Token], request: Request) -> bool:
    """True if the tokens can only be a calculation: 24/7, 3-2-1, 4x4 and 42! may be names."""
    names = {token.text for token in tokens if token.kind == "name"}
    if names & ANGLE_FUNCTIONS and not any(token.text in ("°", "pi") for token in tokens):
        return False  # 30 degrees or 30 radians
    operators = [
        token for place, token in enumerate(tokens) if token.kind in ("binary", "of") and not is_sign(tokens, place)
    ]
    if any(token.text == "x" and not (token.spaced and request == "explicit") for token in operators):
        return False
    if names or any(token.text in ("√", "²", "³") or token.written in ("factorial", "fakultät") for token in tokens):
        return True
    if any(token.text not in ("-", "/") or token.written[0].isalpha() for token in operators):
        return True
    if request == "explicit":
        return bool(operators) or tokens[-1].text == "!"
    all_spaced = bool(operators) and all(token.spaced for token in operators)
    return request == "open" and (all_spaced or _is_plain_division(tokens))


def _is_plain_division(tokens: Sequence[Token]) -> bool:
    """144/12: divides evenly, and is not a date, a time signature or a pair of shares of a hundred."""
    if [token.text for token in tokens[1:]] != ["/", tokens[-1].text] or not tokens[0].text.isdigit():
        return False
    if not tokens[-1].text.isdigit() or tokens[-1].text == "0":
        return False
    dividend, divisor = int(tokens[0].text), int(tokens[-1].text)
    may_be_date = max(dividend, divisor) <= _MAX_DAY and min(dividend, divisor) <= _MAX_MONTH
    return dividend % divisor == 0 and dividend > divisor and dividend + divisor != 100 and not may_be_date


def _tongue_of(tokens: Sequence[Token]) -> Tongue:
    if any(token.written in GERMAN_WORDS for token in tokens):
        return "de"
    return "en" if any(token.written in ENGLISH_WORDS for token in tokens) else None


def _written(tokens: Sequence[Token], tongue: Tongue) -> str | None:
    """Write the tokens so that the tool has one reading, with the question's own separators if possible."""
    numerals: dict[str, tuple[Numeral, str]] = {}
    for token in tokens:
        if token.kind == "number":
            mantissa, e, exponent = token.text.partition("e")
            numeral = read_numeral(mantissa, tongue)
            if numeral is None:
                return None
            numerals[token.text] = (numeral, e + exponent)
    marks = {numeral.mark for numeral, _ in numerals.values() if numeral.mark}
    groups = {numeral.group for numeral, _ in numerals.values() if numeral.group}
    if len(marks) > 1 or marks & groups:
        return None  # 1,234 + 0,5: one comma groups, the other is decimal
    commas = marks == {","} and not _would_mislead(tokens, [numeral for numeral, _ in numerals.values()])
    mark = "," if commas else "."
    texts = {text: numeral.written(mark) + exponent for text, (numeral, exponent) in numerals.items()}
    return "".join(
        "-" if is_sign(tokens, place) else _text(token, texts, commas=commas or not marks)
        for place, token in enumerate(tokens)
    )


def _would_mislead(tokens: Sequence[Token], numerals: Sequence[Numeral]) -> bool:
    """True if the tool could take a decimal comma for a separator of groups or of arguments."""
    grouped = any(len(numeral.fraction) == 3 and len(numeral.whole) <= 3 for numeral in numerals)
    return grouped or any(token.kind == "name" for token in tokens)  # the tool separates arguments by commas


def _text(token: Token, numbers: dict[str, str], *, commas: bool) -> str:
    if token.kind == "number":
        return numbers[token.text]
    if token.kind == "of":
        return f" {token.text if commas else 'of'} "
    if token.kind == "binary":
        text = "*" if token.text == "x" else token.text
        return "^" if text == "^" else f" {text} "
    if token.text in (",", ";"):
        return "; "
    return " %" if token.text == "%" else token.text
