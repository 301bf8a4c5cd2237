"""Formulas: calculations, equations, systems, matrices, derivatives, integrals, limits and simpler forms."""

import re

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.algebra import ALGEBRA
from services.planner.recogniser.families.calculus import CALCULUS
from services.planner.recogniser.families.matrices import MATRICES
from services.planner.recogniser.filler import words
from services.planner.recogniser.grammar import Family
from services.planner.recogniser.phrasing import UnwrappedQuestion
from services.planner.recogniser.requests.reader import Build, Reading, Request
from services.planner.recogniser.requests.values import MATRIX

_PIECE = (
    r"(?:(?:sin|cos|tan|arcsin|arccos|arctan|sinh|cosh|tanh|exp|ln|log|sqrt|abs|pi)(?![A-Za-z])"
    r"|\d+(?:\.\d+)?(?![\d.]*[A-Za-z]{2})"
    r"|(?!a )[A-Za-z](?![A-Za-zäöüß'])|-(?!>)|[+*/^()²³√])"
)
_FORMULA = rf"(?<![\w.]){_PIECE}(?: ?{_PIECE})+(?![\w])"
_FUNCTION = r"(?<!\w)[fghy]\([a-z]\)(?= ?=)"
_SIDE = rf"(?<![\w.]){_PIECE}(?: ?{_PIECE})*(?![\w])"
_EQUATION = rf"{_SIDE} ?= ?{_SIDE}"
_MATHS = words(
    "function expression equation term formula exercise homework calculus class take consider value values which"
    " it this curve graph unknown unknowns y x find both together sowie gegeben gesucht given gleichung funktion"
    " ausdruck"
    " folge sequence solve solution solutions there take f(x) can annehmen lösungen werte matrix matrices two"
    " please big"
    " large flächeninhalt liefert welchen respect i.e ie namely davon wenn's geht hätte hätte kann nehmen system"
    " equations satisfies"
)


def _asked(text: str) -> UnwrappedQuestion:
    return UnwrappedQuestion(text.lower(), text, (), text.lower())


def _by(family: Family, tool: str, form: str) -> Build:
    """The call of the family's rules for the form with the only value of each kind in its place."""

    def build(reading: Reading) -> ToolCall | None:
        kinds = re.findall(r"<(\w+)>", form)
        text = form
        for kind in kinds:
            value = reading.only(kind).strip()
            if not value:
                return None
            text = text.replace(f"<{kind}>", value, 1)
        others = [kind for kind in reading.values if kind not in (*kinds, "variable", "function")]
        call = None if others or not reading.has("name") else family.recognise(_asked(text))
        return call if call is not None and call.tool == tool else None

    return build


def _derived(reading: Reading) -> ToolCall | None:
    order = reading.one_of("second", "third")
    several = {"second", "third"} <= set(reading.keys)
    variable = reading.only("variable")[-1:]
    by = f" with respect to {variable}" if variable else ""
    form = f"{order} derivative of <formula>{by}".strip()
    return None if several else _by(CALCULUS, "differentiate", form)(reading)


def _integral(reading: Reading) -> ToolCall | None:
    ends = re.findall(_EDGE, reading.only("span"), re.IGNORECASE)
    if reading.all("span") and len(ends) != 2:
        return None
    formula = re.sub(r" ?d([a-z])$", "", reading.only("formula"))
    if not formula or not reading.has("name") or len(reading.all("formula")) != 1:
        return None
    span = f" from {ends[0]} to {ends[1]}" if ends else ""
    call = CALCULUS.recognise(_asked(f"integral of {formula}{span}"))
    return call if call is not None and call.tool == "integrate" else None


def _limit(reading: Reading) -> ToolCall | None:
    found = _TOWARDS.fullmatch(reading.only("to"))
    if found is None or not reading.has("name"):
        return None
    text = f"limit of {reading.only('formula')} as {found[1]} -> {found[2].replace('+', '')}"
    call = CALCULUS.recognise(_asked(text)) if reading.only("formula") else None
    return call if call is not None and call.tool == "limit_of" else None


_FEW = 3  # words beside bare equations
_GIVEN = re.compile(r"[a-zA-Z] ?= ?-?[\d.,]+")


def _solved(reading: Reading) -> ToolCall | None:
    equations = reading.all("equation")
    others = [kind for kind in reading.values if kind not in ("equation", "variable")]
    is_bare = not any(kind in "uc" for kind, _ in reading.pieces) and len(reading.words) < _FEW
    is_asked = reading.has("name") or (is_bare and (len(equations) > 1 or "?" in reading.text))
    if not equations or others or not is_asked:
        return None
    if reading.text.count("=") != len(equations) or _GIVEN.fullmatch(equations[0]):
        return None
    if "you" in reading.words and any(equation[0] in "+-" for equation in equations):
        return None  # `u` read as `you`
    if len(equations) > 1:
        call = ALGEBRA.recognise(_asked(f"solve the system {'; '.join(equations)}"))
        return call if call is not None and call.tool == "linear_system" else None
    call = ALGEBRA.recognise(_asked(f"solve {equations[0]}"))
    return call if call is not None and call.tool == "solve_equation" else None


_OF_MATRIX = ("determinant", "inverse", "eigenvalues", "rank", "transpose", "trace")


def _of_matrices(reading: Reading) -> ToolCall | None:
    matrices, operation = reading.all("matrix"), reading.one_of(*_OF_MATRIX, "sum", "product")
    if not operation or len(matrices) != (2 if operation in ("sum", "product") else 1):
        return None
    text = f"{operation} of {' and '.join(matrices)}"
    call = MATRICES.recognise(_asked(text))
    return call if call is not None and call.tool == "matrix_calc" else None


_TWO_READINGS = re.compile(r"(?<![\d.,])\d+[.,]\d{3}(?![\d.,]*\d)")


def _calculated(reading: Reading) -> ToolCall | None:
    sums = [text.strip() for text in reading.all("sum")]
    if reading.all("sum") and reading.before("sum").endswith((" a ", " an ", " ein ")):
        return None
    if reading.tongue is None or _TWO_READINGS.search(reading.text) or "=" in reading.text:
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    return recognise_calculation(f"{lead} {sums[0].lower()}") if len(sums) == 1 else None


_EDGE = r"-?\d+(?:\.\d+)?|-?(?:infinity|unendlich|∞|oo)|-?pi(?: ?/ ?\d)?|(?<!\w)e(?!\w)"
_SPAN = (
    rf"(?i:(?:from|between|von|zwischen) (?:[a-z] ?= ?)?(?:{_EDGE}) (?:to|and|bis"
    rf"|und) (?:[a-z] ?= ?)?(?:{_EDGE}))(?!\w)"
)
_GOES = r"(?:approaches|goes to|tends to|tending to|gegen|geht gegen|strebt gegen|going to|->|→|to)"
_TOWARDS = re.compile(rf"(?:as |for |when |für |wenn |with |bei )?([a-z]) ?{_GOES} ?(\+?-?(?:{_EDGE}))", re.IGNORECASE)
_BY = r"(?i:(?:with respect to|w\.?r\.?t\.?|nach|by|in|for|auf) [a-z])(?![\w^*/(])"
REQUESTS = (
    Request(
        ("deriv", "different", "ableit", "leite", "d/d", "slope"),
        {"variable": _BY, "function": _FUNCTION, "formula": _FORMULA},
        {
            "second": r"(?:second|2nd|zweite[rn]?|2\.|zweimal)(?: order)?|twice",
            "third": r"(?:third|3rd|dritte[rn]?|3\.)(?: order)?",
            "name": r"(?:first |1st |erste )?derivatives?|differentiat(?:e|ed|ing|ion)|ableit(?:ung|en)"
                r"|abgeleitet|leite"
            r"|d/dx|differenzier\w*",
        },
        _derived,
        _MATHS | words("ab once einmal"),
        3,
    ),
    Request(
        ("integra", "integri", "stammfunktion", "area", "fläche", "∫", "antideriv", "aufleit"),
        {
            "span": _SPAN, "variable": r"(?i:with respect to|nach) [a-z](?!\w)", "function": _FUNCTION,
            "formula": _FORMULA,
        },
        {"name": r"(?:in)?(?:definite |unbestimmte[sn]? |bestimmte[sn]? )?integra(?:l|te|ls|tion)s?|integrier\w*"
            r"|stammfunktion"
                 r"|antiderivatives?|(?:the )?area (?:under|below)(?: the curve)?(?: of)?|fläche unter|∫"},
        _integral,
        _MATHS | words("area under definite indefinite bestimmte unbestimmte how big curve"),
        3,
    ),
    Request(
        ("limit", "grenzwert", "limes", "lim ", "approach", "tend", "streb", "gegen"),
        {
            "to": rf"(?i:(?:as |for |when |für |wenn |with |bei )?(?<![\w])[a-z] ?{_GOES} ?\+?-?(?:{_EDGE}))(?!\w)",
            "formula": _FORMULA,
        },
        {"name": r"limit(?:ing value)?|grenzwert|limes|lim|tends?(?: to)?|approach(?:es)?|strebt|wogegen|konvergiert"
                 r"|converges?(?: to)?"},
        _limit,
        _MATHS | words("does to what it"),
        3,
    ),
    Request(
        ("[[", "[ ["),
        {"matrix": MATRIX},
        {
            "determinant": r"det(?:erminant(?:e)?)?", "inverse": r"inver(?:se[n]?|t|tiere)", "rank": r"rank|rang",
            "eigenvalues": r"eigenvalues?|eigenwerte?n?", "transpose": r"transpose[d]?|transponier\w*|transponierte",
            "trace": r"trace|spur", "sum": r"sum|add(?:ed)?|plus|summe|addiere", "product": r"product|multipl\w+|times"
            r"|produkt|mal",
        },
        _of_matrices,
        _MATHS | words("their b a c =  is m"),
        3,
    ),
    Request(
        ("=",),
        {"equation": _EQUATION, "variable": r"(?i:for|nach) [a-z](?: (?:auf|and|und) [a-z])?(?!\w)"},
        {
            "if": r"(?:if|wenn|when|where)(?= (?-i:[a-z](?![a-z])|\d|sqrt|\())",
            "name": r"[a-z] (?:is|ist)(?=[?. ]*$)|[a-z] in(?= )|welche zahl ist [a-z]|solv(?:e|es|ing|ed)|solutions?"
                    r"|roots?|find|lös(?:e|en"
                r"|ung|ungen)|nullstellen?|bestimme|berechne|gesucht"
            r"|unknowns?|welche werte|what (?:is|are)|which [a-z]|for what|for which|which values?|want"
            r"|determine|gegeben"
            r"|was ist|wie groß",
        },
        _solved,
        _MATHS | words("und and a b c u v p q z t n m auf nach then dann also"),
        2,
    ),
    Request(
        ("nullstell", "zero", "roots"),
        {"formula": _FORMULA},
        {"name": r"nullstellen?|zero(?:e?s)|roots?"},
        _by(ALGEBRA, "solve_equation", "solve <formula> = 0"),
        _MATHS,
        2,
    ),
    Request(
        ("simplif", "vereinfach", "expand", "factor", "product", "ausmultipl", "multiply out", "faktor", "produkt"),
        {"formula": _FORMULA},
        {"name": r"simplif(?:y|ied)|vereinfach\w*|expand(?:ed)?|multipl(?:y|ied) out|ausmultiplizier\w*"
            r"|factor(?:ed|i[sz]e[d]?)?"
                 r"|faktorisier\w*|(?:as|into|in) (?:a )?(?:product|factors)|als produkt|factored form"},
        _by(ALGEBRA, "simplify_expression", "simplify <formula>"),
        _MATHS | words("write as schreibe als polynomial polynom completely vollständig brackets klammern"),
        2,
    ),
    Request(
        ("+", "-", "*", "/", "^", "%", "!", "plus", "minus", "times", "mal", "durch", "divided"),
        {"sum": r"(?<![\w.,/#:-])(?:√ ?)?\(*-?\d+(?:[.,]\d+)*[!%²³]?\)*(?: ?(?:\*\*|[-+*/^x]|(?i:plus|minus"
            r"|times|mal|divided by|geteilt durch)) ?\(*-?\d+(?:[.,]\d+)*[!%²³]?\)*)+"
         r"(?![\w/:-]|[.,]\d)|(?<![\w.,/#:-])\d{1,3}!(?!\w)"},
        {},
        _calculated,
        words("calculator result exact total all that's need fraction ergebnis lautet rechner bruch factorial"
            " fakultät as zusammenrechnen zusammen total sum up altogether makes ausrechnen addieren leave what's"
            " maths math"),
        0,
    ),
)  # fmt: skip
