"""Formulas: calculations, equations, systems and simpler forms."""

import re

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.algebra import ALGEBRA
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.formulas import (
    EQUATION,
    FORMULA,
    MATHS,
    METHOD,
    asked,
    may_be_grouped,
    only_formula,
)
from services.planner.recogniser.requests.qualifiers import of_its_formula
from services.planner.recogniser.requests.reader import Reading, Request

_FEW = 3  # words beside bare equations
_GIVEN = re.compile(r"[a-zA-Z] ?= ?-?[\d.,]+")
# a story that the equation sums up may have any number
_STORY = (
    r"\A[^=?]{4,250}?(?:: |[ ,;.\u2013](?i:so|also|thus|hence|therefore|i\.e\.|d\.h\.|das heißt|daher|demnach|somit"
    r"|which gives"
    r"|giving|that is|das ergibt)[:,]? (?:that |dass )?)"
    rf"(?={EQUATION})"
)
_STORY_ASKS = re.compile(
    r"(?<!\w)(?:why|explain\w*|warum|wieso|erkläre?\w*|write|schreib\w*|code|python|program\w*|plot|draw|sketch"
    r"|graph|zeichne\w*"
    r"|prove|beweis\w*|proof|don't|ignore|translat\w*|übersetz\w*|poem|gedicht|check|prüfe?|instead|statt|how|wie"
    r"|what|was|if|wenn"
    r"|not|nicht|never|assum\w+|suppos\w+|angenommen)(?!\w)",
    re.IGNORECASE,
)

_STUCK = re.compile(
    r"(?i:nicht weiter|not sure|(?:can't|cannot|can not|don't know how to|don't get how to) (?:solve|do|figure)|stuck|"
    r"(?:verstehe?|kapiere?|komme?) (?:\w+ ){0,3}nicht)"
)


def _stories(reading: Reading) -> list[str]:
    return [_STUCK.sub("", text) for text in reading.all("story")]


_OPEN = words("what how which was wie welche welcher welches find")


def _solved(reading: Reading) -> ToolCall | None:
    equations = reading.all("equation")
    others = [kind for kind in reading.values if kind not in ("equation", "variable", "story")]
    is_bare = not any(kind in "uc" for kind, _ in reading.pieces) and len(reading.words) < _FEW
    is_open = any(word.split(" ")[0] in _OPEN for word in reading.words) or "?" in reading.text
    is_story = is_open and (bool(reading.all("story")) or len(equations) > 1)
    is_asked = reading.has("name") or is_story or (is_bare and (len(equations) > 1 or "?" in reading.text))
    if not equations or others or not is_asked or any(_STORY_ASKS.search(text) for text in _stories(reading)):
        return None
    if reading.text.count("=") != len(equations) + reading.keys.count("blank") or _GIVEN.fullmatch(equations[0]):
        return None
    if any(may_be_grouped(reading, equation) for equation in equations):
        return None
    if "you" in reading.words and any(equation[0] in "+-" for equation in equations):
        return None  # `u` read as `you`
    if len(equations) > 1:
        call = ALGEBRA.recognise(asked(f"solve the system {'; '.join(equations)}"))
        is_other = reading.has("other") or _asks_for_a_sum(reading, equations)
        return call if call is not None and call.tool == "linear_system" and not is_other else None
    if any(text[-1] not in equations[0] for text in reading.all("variable")):
        return None
    call = ALGEBRA.recognise(asked(f"solve {equations[0]}"))
    is_other = reading.has("other") or reading.has("how_many")
    return call if call is not None and call.tool == "solve_equation" and not is_other else None


_OF_UNKNOWNS = re.compile(r"(?<!\w)\d*[a-zA-Z] ?[-+*/] ?\d*[a-zA-Z](?!\w)")


def _asks_for_a_sum(reading: Reading, equations: list[str]) -> bool:
    """True for `what is x - y`, beside two equations."""
    text = reading.text
    for equation in equations:
        text = text.replace(equation.strip(), ";")
    return _OF_UNKNOWNS.search(text) is not None


def _zeros(reading: Reading) -> ToolCall | None:
    formula = only_formula(reading)
    if not formula or not reading.has("name") or reading.has("other") or reading.has("how_many"):
        return None
    call = ALGEBRA.recognise(asked(f"solve {formula} = 0"))
    return call if call is not None and call.tool == "solve_equation" else None


def _simplified(reading: Reading) -> ToolCall | None:
    formula = only_formula(reading)
    if not formula or not reading.has("name") or reading.has("other"):
        return None
    call = ALGEBRA.recognise(asked(f"simplify {formula}"))
    return call if call is not None and call.tool == "simplify_expression" else None


_TWO_READINGS = re.compile(r"(?<![\d.,])\d+[.,]\d{3}(?![\d.,]*\d)")


def _calculated(reading: Reading) -> ToolCall | None:
    sums = [text.strip() for text in reading.all("sum")]
    if reading.all("sum") and reading.before("sum").endswith((" a ", " an ", " ein ")):
        return None
    if reading.tongue is None or _TWO_READINGS.search(reading.text) or "=" in reading.text:
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    return recognise_calculation(f"{lead} {sums[0].lower()}") if len(sums) == 1 else None


_OTHER = (
    r"positive[rnms]?|negative[rnms]?|integers?|ganzzahlig\w*|ganze[rn]?|complex|komplexe[rnms]?|rational\w*"
    r"|smallest|largest"
    r"|biggest|greatest|smaller|larger|kleinste\w*|größte\w*|kleinere\w*|größere\w*|sum|summe|product|produkt"
    r"|difference"
    r"|differenz|average|numerically|numerisch|newton\w*|approximat\w*|mod|modulo|discriminant|diskriminante|vertex"
    r"|(?:add|multiply|addiere|multipliziere) (?:the |die |both |beide )*(?:roots|solutions|lösungen|nullstellen)"
    r"|in terms of|in abhängigkeit von|scheitel\w*|between|zwischen|interval\w*"
)
REQUESTS = (
    Request(
        ("=",),
        {
            "story": _STORY,
            "equation": EQUATION,
            "variable": r"(?i:for|nach) [a-z](?:(?: (?:auf|and|und)|,) [a-z])*(?!\w)",
        },
        {
            "if": r"(?:if|wenn|when|where)(?= (?-i:[a-z](?![a-z])|\d|sqrt|\())",
            "label": r"\((?:\d|i{1,3})\)(?= )|(?:i{1,3}|[1-6])[:)](?= )",
            "size": r"[1-9] ?[x\u00d7] ?[1-9](?!\w)",
            "blank": r"[a-z] ?= ?\?+",
            "how_many": r"(?:number of|how many|wie ?viele|anzahl(?: der)?)(?= (?:real |reelle )?(?:solutions|roots"
            r"|zeros|lösungen"
            r"|nullstellen))",
            "other": _OTHER,
            "method": METHOD,
            "name": r"[a-z] (?:is|ist)(?=[?. ]*$)|[a-z] in(?= )|(?:welche|what|which) (?:zahl|number)s? (?:ist|is"
            r"|are)(?: [a-z])?"
                    r"|solv(?:e|es|ing|ed|able)|(?:real |reelle[nr]? )?(?:solutions?|lösung(?:en|smenge)?)|roots?"
                    r"|find|löse?(?:en|t|bar)?"
                r"|gelöst|nullstellen?|bestimme|berechne|gesucht|ermittle"
            r"|unknowns?|welche werte|(?:at )?(?:what|which|welche[rnms]?) (?:[^\W\d_]+ )?[a-z](?![\w'])|what (?:is"
            r"|are|must|does"
            r"|should)|for what|for which|für welche[sn]?|which values?|want|(?:values? of |value for )?[a-z] works?"
            r"|(?:need|want|brauche|suche|gesucht:?) (?:to know |the value of |das )?[a-z](?=\W*$|[,.?] )"
            r"|determine"
            r"|gegeben|was ist|wie groß|wie laute[nt]|(?:was )?kommt (?:für|bei) [a-z] (?:he)?raus"
            r"|(?:lineares? )?gleichungssysteme?s?"
            r"|lgs|(?:linear )?systems?(?: of (?:linear )?equations)?|simultaneous(?: equations)?|auflösen"
            r"|auf(?:ge)?löst"
            r"|work(?:s|ing)? out",
        },
        of_its_formula(_solved),
        MATHS | words(
            "und and a b c u v p q z t n m auf nach then dann also i ii iii so prices price numbers zahlen sorte sorten"
            " eine oder unendlich viele or infinitely many keine no none one genau unique linear kosten kostet cost"
            " costs each kind jeder"
            " jede jedes beiden beide"
        ),
        4,
    ),
    Request(
        ("nullstell", "zero", "roots"),
        {"function": r"(?<!\w)[A-Za-z]\([a-z]\)(?= ?=)|(?<!\w)y(?= ?=)", "formula": FORMULA},
        {
            "how_many": r"number of|how many|wie ?viele|anzahl",
            "name": r"nullstellen?|zero(?:e?s)|roots?",
            "other": _OTHER,
            "method": METHOD,
        },
        of_its_formula(_zeros),
        MATHS,
        4,
    ),
    Request(
        ("simplif", "vereinfach", "expand", "factor", "product", "multipl", "multiply out", "faktor", "produkt",
         "zusammen", "fass", "kürz", "collect", "reduce", "klammer", "bracket", "distribut", "gather", "combine"),
        {"formula": FORMULA},
        {
            "other": rf"{_OTHER}|partial fractions?|partialbr\w+|modulo|mod|common factor|gemeinsame\w* faktor\w*",
            "name": r"simplif(?:y|ied|ies|ication)|vereinfach\w*|(?:fully |completely )?expand(?:ed|ing|s)?"
            r"|multipl(?:y|ied) out|ausmultiplizier\w*|multipliziere(?= .* aus)"
            r"|(?:fully |completely )?factor(?:ed|i[sz](?:e[ds]?|ing|ation)|ing)?"
                 r"|faktorisier\w*|(?:zerleg\w* )?in(?: seine)? (?:linear)?faktoren(?: zerleg\w*)?|(?:as|into"
                 r"|in) (?:a )?(?:product"
                 r"|(?:linear )?factors)|als produkt|factored form|(?:ge)?kürz(?:e|en|t|bar)|kürzer"
                 r"|zusammen(?:ge)?fass\w*"
                 r"|fasse?(?= .* zusammen)|zusammen|collect(?: like)?(?: terms)?|combine(?: like)? terms|(?:cancel"
                 r"|reduce)(?:d|s)?"
                 r"(?: the fraction)?|(?:open|remove|get rid of)(?: the)? (?:brackets|parentheses)"
                 r"|klammern? auf(?:lösen|gelöst)?"
                 r"|löse(?= .*klammern? auf)|gather(?: like)? terms"
            r"|(?:to|in|in its|into) (?:the )?(?:lowest|simplest|reduced) (?:terms|form)",
        },
        of_its_formula(_simplified),
        MATHS | words(
            "write as schreibe als polynomial polynom completely vollständig brackets klammern klammer fass fasse aus"
            " fraction bruch den like terms out auf fully trinomial quadratic shorter kürzer multipliziere"
        ),
        4,
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
