"""Formulas, equations, matrices and lists of numbers."""

import re

from services.planner.recogniser.filler import words
from services.planner.recogniser.multiplication import NAMES_OF_FUNCTIONS
from services.planner.recogniser.wording import Intent, Meaning, Wording

_FUNCTIONS = "|".join(sorted(NAMES_OF_FUNCTIONS | {"pi"}, key=len, reverse=True))
_LETTER = (
    r"[a-z](?![^\W\d_])(?! [^\W\d_]{2})|[a-z](?= (?:with|wrt|from|dx|for|as|go|goes|tends?|approach"
    r"|when|nach|von|für|in|and|und|is|ist|to|if)\b)"
)
_ATOM = rf"(?:\d+(?:[.,]\d+)*|(?:{_FUNCTIONS})(?![^\W\d_])|{_LETTER}|\*\*|[-+*/^()=²³])"
_TOWARDS = r"(?:approaches|goes to|tends to|to|->|→|gegen)"
_STOP = rf"(?![a-z] ?{_TOWARDS} ?[-\d∞iuop])(?!d[a-z](?![a-z]))"
_FORMULA = rf"(?i:(?:(?: ?{_STOP}{_ATOM})++))"
_DEFINITION = Meaning("definition", r"(?:[fgh]\([a-z]\)|y) ?=(?= )|(?:[fgh]\([a-z]\)|y) ?=")
_EDGE = r"(?:-?\d+(?:[.,]\d+)*|-?infinity|-?unendlich|-?∞|-?pi(?: ?/ ?\d)?(?!\w)|e(?!\w))"
_EXTRA = words("function expression term formula equation funktion ausdruck ausdrucks terms formel gleichung")


def _by(wording: Wording, english: str, german: str) -> str:
    """The variable that the question names, as words of the form."""
    named = [token.text[-1] for token in wording.all("by")] or [token.text[-1] for token in wording.all("dx")]
    return (f" {german} " if wording.tongue == "de" else f" {english} ") + named[0] if named else ""


_BY = Meaning("by", r"(?:with respect to|wrt|w\.r\.t\.|regarding|by|for|in) [a-z]", r"nach [a-z]")
_DX = Meaning("dx", r"d[txyz]")
_BETWEEN = Meaning(
    "edges",
    rf"(?:from|between|over) {_EDGE} (?:to|and) {_EDGE}",
    rf"(?:von|zwischen|in den grenzen(?: von)?) {_EDGE} (?:bis|und) {_EDGE}",
)
_ORDER = Meaning("order", r"first|1st|second|2nd|third|3rd", r"erste[nr]?|zweite[nr]?|dritte[nr]?")
_ORDERS = {"1": "first", "f": "first", "e": "first", "2": "second", "s": "second", "z": "second", "3": "third",
           "t": "third", "d": "third"}  # fmt: skip


def _derivative(wording: Wording) -> str | None:
    if not wording.has("derive"):
        return None
    orders = [f"{_ORDERS[token.text[0]]} " for token in wording.all("order")] or [""]
    short = [token.text[-1] for token in wording.all("derive") if token.text.startswith("d/d")]
    by = f" with respect to {short[0]}" if short else _by(wording, "with respect to", "with respect to")
    return None if len(orders) > 1 else f"{orders[0]}derivative of <formula>{by}"


DERIVATIVE = Intent(
    ("deriv", "'(x", "differentiate", "d/d", "ableit", "abgeleitet", "leite "),
    {"formula": _FORMULA},
    (
        Meaning(
            "derive",
            r"[fgh]'(?:\([a-z]\))?|derivatives?|differentiate[sd]?|derive|d/d[a-z]",
            r"ableitungs?(?:en|funktion)?|ableiten|abgeleitet|leite",
        ),
        _DEFINITION,
        _BY,
        _ORDER,
    ),
    _EXTRA | words("take ab nach bilde bilden"),
    _derivative,
)


def _integral(wording: Wording) -> str | None:
    if not wording.has("integral") or len(wording.all("edges")) > 1 or len(wording.all("dx")) > 1:
        return None
    edges = [
        token.text.replace("in den grenzen von", "von").replace("in den grenzen", "von").split(" ")
        for token in wording.all("edges")
    ]
    span = f" from {edges[0][1]} to {edges[0][3]}" if edges else ""
    by = (
        ""
        if edges and wording.has("dx") and not wording.has("by")
        else _by(wording, "with respect to", "with respect to")
    )
    return f"integral of <formula>{span}{by}"


INTEGRAL = Intent(
    ("integra", "integri", "stammfunktion", "antideriv", "∫"),
    {"formula": _FORMULA},
    (
        Meaning("integral", r"(?:indefinite |definite )?(?:integrals?|integrate[sd]?|antiderivatives?)|∫",
                r"(?:un)?(?:bestimmte[snr]? )?(?:integrals?|stammfunktion)|integriere|integrieren|integriert"),
        _DEFINITION, _BY, _BETWEEN, _DX,
    ),
    _EXTRA | words("bilde bilden"),
    _integral,
)  # fmt: skip


_BEFORE_VARIABLE = re.compile(r"^(?:as|for|when|für|bei|wenn) ")


def _limit(wording: Wording) -> str | None:
    ways = wording.all("way")
    if not wording.has("limit") or len(ways) != 1:
        return None
    variable, to = _BEFORE_VARIABLE.sub("", ways[0].text)[0], ways[0].text
    edge = to.replace("->", " ").replace("→", " ").split()[-1]
    return f"limit of <formula> as {variable} approaches {edge}"


LIMIT = Intent(
    ("lim", "grenzwert", "approach", "go", "tend", "converg", "strebt", "konvergiert", "infinity", "unendlich"),
    {"formula": _FORMULA},
    (
        Meaning(
            "way",
            rf"(?:(?:as|for|when) )?[a-z] ?{_TOWARDS} ?{_EDGE}(?![+⁺⁻-])",
            rf"(?:für |bei |wenn )?[a-z] ?{_TOWARDS} ?{_EDGE}(?![+⁺⁻-])",
        ),
        Meaning(
            "limit",
            r"limits?|lim|approach(?:es)?|(?:go|goes|tend|tends|head|heads|converge|converges)(?:"
            r" to(?:wards?)?)?(?= (?:as|when|for))",
            r"grenzwerte?s?|limes|(?:geht|strebt|konvergiert)(?= )",
        ),
        _DEFINITION,
    ),
    _EXTRA | words("take bilde bilden when happens towards toward wogegen wohin geht strebt läuft"),
    _limit,
)
SIMPLER = Intent(
    ("simpl", "expand", "ausmult", "auflös", "vereinfach", "reduce", "fass", "kürz", "einfacher"),
    {"formula": _FORMULA},
    (Meaning("name", r"brackets|parentheses", r"klammern?(?: auf)?"),
     Meaning("simplify", r"expand|simplif(?:y|ied|ies|ication)|simpler|(?:simplest|reduced) form|reduced?",
             r"vereinfach(?:e|en|t|ung|te[nr]?)"
             r"|zusammenfassen|fasse(?=.* zusammen)|zusammengefasst|kürzen?|einfacher|ausmultiplizieren|auflösen",
             "simplify <formula>",
             "vereinfache <formula>"),),
    _EXTRA | words("form down made make zusammen so weit wie möglich schreiben"),
)  # fmt: skip
_NAMES_UNKNOWN = re.compile(r"(?:^| )([a-z])(?: ?= ?\?)?$")
_EQUATION = rf"(?i:(?:(?: ?{_STOP}{_ATOM})++))"


def _solved(wording: Wording) -> str | None:
    equations = wording.all("equation")
    if (
        not wording.has("solve")
        or wording.has_word("only")
        or not all(token.text.count("=") == 1 for token in equations)
    ):
        return None
    if len(equations) > 1:
        listed = ", ".join("<equation>" for _ in equations)
        return f"löse das gleichungssystem {listed}" if wording.tongue == "de" else f"solve the system {listed}"
    ends = [found[1] for token in wording.all("solve") if (found := _NAMES_UNKNOWN.search(token.text))]
    named = {*(token.text[-1] for token in (*wording.all("by"), *wording.all("unknown"))), *ends}
    if len(named) > 1:
        return None
    by = f" for {named.pop()}" if named else ""
    return f"solve <equation>{by}"


SOLVED = Intent(
    ("=",),
    {"equation": _EQUATION},
    (
        Meaning(
            "solve",
            r"[a-z] ?= ?\?|(?:for|find|determine|what are|values? of) [a-z](?:, [a-z])* and [a-z](?![^\W\d_])"
            r"|(?:find|what(?:'s| is)|what value of|value of|for (?:which|what)(?: values? of)?)"
            r" [a-z](?![^\W\d_])(?! ?[-+*/^=(²³])"
            r"|(?:what|which) values? of [a-z](?= (?:makes?|solves?|satisf))|solve[sd]?|satisf(?:y|ies)"
            r"|makes?(?=.* true)|solutions?|roots?|zeros?|find(?= [a-z]\b)|for (?:which|what)(?: values?"
            r" of)?(?= [a-z]\b)"
            r"|what(?: is|'s)?(?= [a-z] )(?= [a-z] (?:is|if|when|in)\b)|what is(?= [a-z] (?:if|when|in)\b)",
            r"(?:nach [a-z] )?(?:auflösen|umstellen)|lgs|welche[sn]? [a-z](?= (?:löst|erfüllt|gilt))"
            r"|(?:löst|erfüllt)|(?:was|wie groß|welche[sn]?) ist"
            r" [a-z](?![^\W\d_])(?! ?[-+*/^=(²³])|löse|lösen|lösung(?:en)?"
            r"|nullstellen?|für (?:welche[sn]?)(?= [a-z]\b)|gelöst|wie groß(?= (?:ist )?[a-z]\b)"
            r"|was(?: ist)?(?= [a-z]\b)",
        ),
        Meaning("unknown", r"[a-z] = \?|[a-z] ?= ?(?=$)|(?:(?<=find )|(?<=which )|(?<=what )|(?<=is ))[a-z](?="
            r" (?:and [a-z])?)"
                r"(?=$|[,:]| (?:and|is|if|when|in|such)\b)",
                r"(?:(?<=ist )|(?<=groß )|(?<=was )|(?<=welche )|(?<=welches ))[a-z](?=,| (?:ist|wenn|gilt|in|aus)\b)"),
        _BY,
    ),
    _EXTRA | words("all real lgs reellen alle system2 true hold holds system equations linear lineare"
                   " lineares gleichungssystem gleichungen auf reelle when such wenn gilt if"
        " x y and"),
    _solved,
)  # fmt: skip
_VECTOR = r"\[ ?-?\d[^\[\]]{0,200}\]"
MATRIX = Intent(
    ("[[", "[ ["),
    {"matrix": rf"(?<!-)\[ ?{_VECTOR}(?: ?, ?{_VECTOR}){{0,20}} ?\]"},
    (
        Meaning("det", r"det(?:erminant)?", r"determinante", "determinant of <matrix>"),
        Meaning("inv", r"inverse|invert(?:ed)?", r"inverse|invertiere|invertieren|invertiert", "inverse of <matrix>"),
        Meaning("eig", r"eigenvalues?", r"eigenwerte?", "eigenvalues of <matrix>"),
        Meaning("rank", r"rank", r"rang", "rank of <matrix>"),
        Meaning("trace", r"trace", r"spur", "trace of <matrix>"),
        Meaning("tra", r"transposed?", r"transponierte?|transponiere|transponieren", "transpose of <matrix>"),
    ),
    words("matrix matrices bilde bilden"),
)
_ITEM = r"-?\d+(?:[.,]\d+)*"
_LIST = rf"[\[(]?{_ITEM}(?:(?:,? (?:and|und|&) |[;,] ?(?:(?:and|und) )?| ){_ITEM})+[\])]?"
_MEASURES = (
    ("mean", r"(?:arithmetic )?(?:(?<!you )(?<!i )(?<!does )mean|average)(?: value)?|avg|average out",
     r"mittelwert(?:es)?|(?:durch)?schnitt(?:swert)?|arithmetische[sn]? mittel|mittel", "mittelwert"),
    ("median", r"median(?: value)?", r"medianwert", "median"),
    ("mode", r"mode", r"modus|modalwert", "modus"),
    ("sample standard deviation", r"(?:sample )?(?:standard deviation|std\.? ?dev)|stdev",
     r"(?:stichproben)?standardabweichung(?! der grundgesamtheit)",
     "stichprobenstandardabweichung"),
    ("population standard deviation", r"population standard deviation", r"standardabweichung der grundgesamtheit",
     "standardabweichung der grundgesamtheit"),
    ("sum", r"sum|total|add up", r"summe|addiere|addieren|summiere", "summe"),
    ("range", r"range|spread", r"spannweite", "spannweite"),
    ("minimum", r"min(?:imum)?|(?:smallest|lowest)(?: (?:number|value|one))?", r"(?:kleinste|niedrigste)[rn]?",
     "minimum"),
    ("maximum", r"max(?:imum)?|(?:largest|biggest|greatest|highest)(?: (?:number|value|one))?",
     r"(?:größte|höchste)[rn]?", "maximum"),
)  # fmt: skip
_BY_KIND = {f"m{place}": (name, name_de) for place, (name, _, _, name_de) in enumerate(_MEASURES)}
_MOST_MEASURES = 3
_MAY_BE_GROUPED = re.compile(r"(?<!\d)\d{1,3},\d{3}(?!\d)")


def _measured(wording: Wording) -> str | None:
    """`max(1,200,30)` has two or three numbers; `add 3 and 4 to the list` changes a list."""
    if any(token.text.startswith(("smallest", "lowest", "kleinste")) for token in wording.all("m7")) and (
        wording.has_word("go", "goes", "both", "into", "divide", "teilbar", "durch")
    ):
        return None  # the least common multiple
    if wording.has_word("how many", "many", "viele"):
        return None  # their number as well
    if wording.has_word("two", "zwei", "both", "beide", "beiden") and (
        wording.has("m6") or wording.has("m7") or wording.has("m8")
    ):
        return None  # the two largest
    is_tight = any(_MAY_BE_GROUPED.search(token.text) for token in wording.all("list"))
    if is_tight or (wording.has_word("to", "zur", "into") and wording.has_word("list", "liste")):
        return None
    kinds = list(dict.fromkeys(token.kind for token in wording.tokens if token.kind in _BY_KIND))
    names = [_BY_KIND[kind][wording.tongue == "de"] for kind in kinds]
    both = " und " if wording.tongue == "de" else " and "
    of = "von" if wording.tongue == "de" else "of"
    return f"{both.join(names)} {of} <list>" if 1 <= len(names) <= _MOST_MEASURES else None


STATISTICS = Intent(
    (
        "mean", "average", "avg", "median", "mode", "deviation", "sum", "total", "add", "max", "min", "est ", "mittel",
        "schnitt", "modus", "abweichung", "dev", "range", "spannweite", "spread", "größte", "kleinste", "höchste",
    ),
    {"list": _LIST},
    tuple(Meaning(f"m{place}", english, german) for place, (_, english, german, _) in enumerate(_MEASURES)),
    words("messreihe datensatz zahlenreihe stichprobe zu lab bowling data dataset set list sample up"
          " together out series daten datenreihe liste reihe zusammen bilden bilde mein"
        " meine meinen meiner score scores grade grades mark marks test exam points temperatures prices ages heights"
        " weights"
        " sales readings measurements noten preise temperaturen messwerte punkte umsätze"),
    _measured,
    longest=2_000,
)  # fmt: skip

INTENTS = (DERIVATIVE, INTEGRAL, LIMIT, SIMPLER, SOLVED, MATRIX, STATISTICS)
