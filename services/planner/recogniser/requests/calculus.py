"""Derivatives, integrals and limits of one formula."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.calculus import CALCULUS, ORDERS
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.formulas import FORMULA, FUNCTION, MATHS, METHOD, asked, only_formula
from services.planner.recogniser.requests.qualifiers import of_its_formula
from services.planner.recogniser.requests.reader import Reading, Request

_INFINITE = r"infinity|unendlich|∞|oo|inf"
_EDGE = (
    rf"-?\d+(?: ?/ ?\d+|[.,]\d+)?(?![.,]?\d)|(?:[-+]|minus |plus |negative |positive )?(?:{_INFINITE})(?!\w)"
    r"|-?(?:\d ?\*? ?)?pi(?: ?/ ?\d)?(?!\w)|(?<!\w)(?:e|zero|null)(?!\w)"
)
_SIGNS = (
    ("zero", "0"),
    ("null", "0"),
    ("minus ", "-"),
    ("negative ", "-"),
    ("plus ", ""),
    ("positive ", ""),
    ("+", ""),
)


def _edge(text: str) -> str:
    """An end of an interval, or a place, as the rules read it."""
    text = text.strip().lower()
    for word, sign in _SIGNS:
        text = text.replace(word, sign)
    return re.sub(rf"^(-?)(?:{_INFINITE})$", r"\1infinity", text)


def _derived(reading: Reading) -> ToolCall | None:
    orders = {place for text in reading.all("order") if (place := _order(text)) is not None}
    orders |= {len(re.findall(r"['\u2019]", text)) for text in reading.all("primes")}
    formula = only_formula(reading)
    if len(orders) > 1 or not formula or not (reading.has("name") or reading.all("primes")):
        return None
    variables = {text[-1] for text in reading.all("variable")}
    if len(variables) > 1:
        return None
    order = f"{ORDERS[orders.pop() - 1]} " if orders else ""
    by = f" with respect to {variables.pop()}" if variables else ""
    call = CALCULUS.recognise(asked(f"{order}derivative of {formula}{by}"))
    return call if call is not None and call.tool == "differentiate" else None


_ORDINALS = (
    ("1", "first", "erste", "once", "einmal"), ("2", "second", "zweite", "twice", "zweimal"),
    ("3", "third", "dritte", "three times", "dreimal", "thrice"), ("4", "fourth", "vierte", "four times", "viermal"),
    ("5", "fifth", "fünfte", "five times", "fünfmal"), ("6", "sixth", "sechste", "six times", "sechsmal"),
    ("7", "seventh", "siebte"), ("8", "eighth", "achte"), ("9", "ninth", "neunte"), ("10", "tenth", "zehnte"),
)  # fmt: skip
_ORDER_WORD = "|".join(sorted((name for names in _ORDINALS for name in names[1:]), key=len, reverse=True))


def _order(text: str) -> int | None:
    """2 for `second`, `2nd`, `zweiten` and `twice`."""
    found = re.match(rf"\d+|{_ORDER_WORD}", text.lower())
    places = [place for place, names in enumerate(_ORDINALS, start=1) if found and found.group() in names]
    return places[0] if places else None


def _integral(reading: Reading) -> ToolCall | None:
    ends = re.findall(_EDGE, _SPAN_WORDS.sub(" ", reading.only("span")), re.IGNORECASE)
    formula = only_formula(reading)
    is_named = reading.has("integral") or (reading.has("area") and bool(ends))
    if (reading.all("span") and len(ends) != 2) or not formula or not is_named:
        return None
    variables = {text[-1] for text in (*reading.all("variable"), *reading.all("dx"))}
    if len(variables) > 1:
        return None
    span = f" from {_edge(ends[0])} to {_edge(ends[1])}" if ends else ""
    variable = f" with respect to {variables.pop()}" if variables else ""
    name = "integral of" if reading.has("integral") else "area under"
    call = CALCULUS.recognise(asked(f"{name} {formula}{span}{variable}"))
    return call if call is not None and call.tool == "integrate" else None


_SPAN_WORDS = re.compile(r"(?i:from|between|over|intervall?|lower|upper|limits?|bounds?|and|untere|obere|grenzen?)")


def _limit(reading: Reading) -> ToolCall | None:
    found, formula = _TOWARDS.fullmatch(reading.only("to")), only_formula(reading)
    sides = {side for side in ("left", "right") if reading.has(side)}
    if (
        found is None
        or not formula
        or not reading.has("name")
        or len(sides) > 1
        or reading.has("one_sided") > len(sides)
    ):
        return None
    if found["inner"]:
        sides.add("left" if re.search("link|unten|left|below", found["inner"].lower()) else "right")
    if found["suffix"] or found["fall"]:
        sides.add("left" if found["suffix"] in ("-", "⁻") else "right")
    if (reading.has("both") and sides) or len(sides) > 1:
        return None
    if sides != _mentioned(reading):
        return None
    variable = found["variable"] or _only_letter(formula)
    edge = "infinity" if found["endless"] or found["far"] else _edge(found["edge"] or found["place"])
    side = f" from the {sides.pop()}" if sides else ""
    call = CALCULUS.recognise(asked(f"limit of {formula} as {variable} -> {edge}{side}"))
    return call if call is not None and call.tool == "limit_of" else None


_LEFT = re.compile(
    r"(?<!\w)(?:left|link[se]|below|unten|increas\w+|up|less|negative(?! inf))"
    r"|\d\^?[-⁻](?=[,.;:?)\s]|$)|[↑↗<]|-0(?![.,]?\d)"
)
_RIGHT = re.compile(
    r"(?<!\w)(?:right|recht[se]|above|oben|decreas\w+|down|positive(?! inf))"
    r"|\d\^?[+⁺](?=[,.;:?)\s]|$)|[↓↘>](?!\w)"
)


def _mentioned(reading: Reading) -> set[str]:
    """The sides that the text names anywhere outside of the formula, read or not."""
    text = reading.text.replace("->", "→").replace("=>", "→").lower()
    for formula in reading.all("formula"):
        text = text.replace(formula.strip().lower(), " ")
    return {side for side, words in (("left", _LEFT), ("right", _RIGHT)) if words.search(text)}


def _only_letter(formula: str) -> str:
    letters = set(re.findall(r"(?<![A-Za-z])[a-df-z](?![A-Za-z])", formula))
    return letters.pop() if len(letters) == 1 else ""


_ENDS = rf"(?:[a-z] ?= ?)?(?:{_EDGE})"
_SPAN = (
    rf"(?i:(?:(?:over|on|für|for|auf|mit) )?(?:(?:[a-z] )?(?:from|between|von|zwischen)|in den grenzen(?: von)?"
    rf"|(?:with )?(?:the )?(?:limits|bounds)(?: of| from)?) (?:{_ENDS}) (?:to|and|bis|und|up to) (?:{_ENDS})"
    rf"|(?:{_EDGE}) (?:to|bis) (?:{_EDGE})"
    rf"|(?:(?:on|over|auf|im|in|über|für|for) )?(?:[a-z] (?:in|aus) )?(?:the |dem |das )?(?:intervall? )?(?:of |von )?"
    rf"\[ ?(?:{_EDGE}) ?[,;] ?(?:{_EDGE}) ?\]"
    rf"|(?:with )?(?:lower|untere[rn]?) (?:limit|bound|grenze) (?:of |is |ist |= ?)?(?:{_EDGE}),? (?:and "
    rf"|und )?(?:upper"
    rf"|obere[rn]?) (?:limit|bound|grenze) (?:of |is |ist |= ?)?(?:{_EDGE}))(?!\w)"
)
_GOES = (
    r"(?:approaches|approaching|goes to(?:wards?)?|tends to(?:wards?)?|tending to|gets? close(?:r)? to"
    r"|grows to(?:wards?)?"
    r"|moves to(?:wards?)?|nears|gegen|geht gegen|strebt gegen|läuft gegen|nähert sich|going to|->|→|=>|to)"
)
_WITHOUT_BOUND = (
    r"(?:grows|goes|gets|becomes|wird|wächst|growing) (?:without (?:bound|limit)|infinitely large|arbitrarily large"
    r"|very large|beliebig groß|unendlich groß|über alle grenzen|unbeschränkt)"
)
# a sign before a formula may be an operator: `0+ 1/x`
_INNER = r"(?:(?:von (?:links|rechts|oben|unten)|from (?:the )?(?:left|right|above|below)) )?"
_TO = (
    rf"(?:(?:as|for|when|if|für|wenn|with|bei|falls|while) )?(?<!\w)[a-z] ?{_INNER}(?:{_WITHOUT_BOUND}|(?:{_GOES}|↓|↘|↑"
    rf"|↗) ?(?:{_EDGE})"
    rf"(?:\^?[-+](?=[,.;:?)]|$| (?:of|von|for|für)(?!\w))|⁺|⁻)?)"
    rf"|(?:at|bei|an der stelle|an|in) (?:the point )?(?:[a-z] ?= ?)?(?:{_EDGE})|im unendlichen|at infinity"
)
_TOWARDS = re.compile(
    rf"(?:(?:as|for|when|if|für|wenn|with|bei|falls"
    rf"|while) )?(?P<variable>[a-z]) ?(?P<inner>{_INNER})(?:(?P<endless>{_WITHOUT_BOUND})"
    rf"|(?:{_GOES}|(?P<fall>[↓↘])) ?(?P<edge>{_EDGE})\^?(?P<suffix>[-+⁺⁻]?))"
    rf"|(?:at|bei|an der stelle|an|in) (?:the point )?(?:[a-z] ?= ?)?(?P<place>{_EDGE})|(?P<far>im unendlichen"
    rf"|at infinity)",
    re.IGNORECASE,
)
_BY = r"(?i:(?:with respect to|w\.?r\.?t\.?|nach|by|in|for|auf|respect to) [a-z])(?![\w^*/(])"
REQUESTS = (
    Request(
        ("deriv", "different", "ableit", "leite", "d/d", "slope", "differenz", "f'", "f''", "steigung"),
        {
            "order": rf"(?i:{_ORDER_WORD})(?:[nrsm]?|)(?: order)?(?!\w)|(?:[1-9]|10)(?:st|nd|rd|th|\.)(?!\w)(?!\d)"
            r"(?=[ -](?i:order|deriv|ableitung|grad))(?: order)?|[2-9](?= ?(?i:times|mal|x)(?!\w)) ?(?i:times|mal"
            r"|x)(?!\w)",
            "primes": r"[fgh]['\u2019]{1,4}(?:\([a-z]\))?(?!\w)",
            "variable": _BY,
            "function": FUNCTION,
            "formula": FORMULA,
        },
        {
            "name": r"(?:partial |partielle[nr]? )?(?:derivatives?|ableitung(?:en|sfunktion)?)|differentiat(?:e|ed"
            r"|es|ing|ion)"
            r"|derive|ableit(?:en|et|e)|abgeleitet|abzuleiten|leite[nt]?|d/d[a-z]|differenzier\w*",
            "method": METHOD,
        },
        of_its_formula(_derived),
        MATHS | words("slope steigung curve graph graphen ab f' kurvendiskussion"),
        5,
    ),
    Request(
        ("integra", "integri", "stammfunktion", "area", "fläche", "∫", "antideriv", "aufleit"),
        {
            "span": _SPAN,
            "variable": r"(?i:with respect to|nach|over|über) [a-z](?![\w^*/(])",
            "function": FUNCTION,
            "formula": FORMULA,
            "dx": r"(?<!\w)d[a-z](?!\w)",
        },
        {
            "integral": r"(?:in)?(?:definite |unbestimmte[snr]? |bestimmte[snr]? |uneigentliche[snr]? "
            r"|improper )?integra(?:l"
            r"|te|ted|ls|ting|tion)s?|integrier\w*|stammfunktion(?:en)?|(?:general )?antiderivatives?|aufleit(?:en"
            r"|ung|e)|∫",
            "area": r"(?:the )?area (?:under|below)(?: the)?(?: curve| graph)?(?: of)?"
            r"|fläche(?:ninhalt)? unter(?:halb)?"
            r"(?: (?:der|dem|von))?(?: kurve| graphen?)?|area(?= .*under)|flächeninhalt(?= .*unter)",
            "method": METHOD,
        },
        of_its_formula(_integral),
        MATHS | words("curve graph graphen area under fläche unter unterhalb definite indefinite how big curve over"
        " über bilde auf"),
        5,
    ),
    Request(
        ("limit", "grenzwert", "limes", "lim ", "approach", "tend", "streb", "gegen", "converge", "konverg"),
        {"to": rf"(?i:{_TO})(?!\w)", "function": FUNCTION, "formula": FORMULA},
        {
            "right": r"(?:from|on|von|auf|taken from) (?:the |der )?(?:right|above|rechts|oben|positive[rn]? (?:side"
            r"|seite"
            r"|direction))(?:[- ]hand)?(?: side)?(?: (?:her|kommend))?|right[- ](?:hand(?:ed)?|sided?)|rechtsseitig\w*"
            r"|rechte[rnms]?(?= (?:grenzwert|limes))|right(?= limit)|through positive values|rechts(?=[,.?]|$)",
            "left": r"(?:from|on|von|auf|taken from) (?:the |der )?(?:left|below|links|unten|negative[rn]? (?:side"
            r"|seite"
            r"|direction))(?:[- ]hand)?(?: side)?(?: (?:her|kommend))?|left[- ](?:hand(?:ed)?|sided?)|linksseitig\w*"
            r"|linke[rnms]?(?= (?:grenzwert|limes))|left(?= limit)|through negative values|links(?=[,.?]|$)",
            "one_sided": r"one[- ]sided|einseitig\w*",
            "both": r"two[- ]sided|beidseitig\w*|both sides|beiden seiten",
            "name": r"limit(?:ing value)?s?|grenzwerte?s?|limes|lim|tends?(?: to)?|approach(?:es)?|strebt|wogegen"
            r"|konvergiert|converges?(?: to)?|what happens (?:to|with)|was passiert (?:mit|bei)|wie verhält sich",
            "method": METHOD,
        },
        of_its_formula(_limit),
        MATHS | words("does to what it geht läuft nähert wohin exist existiert that"),
        5,
    ),
)  # fmt: skip
