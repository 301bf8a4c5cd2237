"""Lists with a rank or a partner, interest, money at a rate, named colours, graphs and chess positions."""

from services.planner.recogniser.days import ANY_DAY
from services.planner.recogniser.families.colors import NAMES
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.wording import Intent, Meaning, Wording

_ITEM = r"-?\d+(?:[.,]\d+)*(?![\w%])"
LIST = rf"[\[(]?{_ITEM}(?:(?:,? (?:and|und|&) |[;,] ?(?:(?:and|und) )?| ){_ITEM})+[\])]?"
# two lists are joined by `and`
_TIGHT = r"[\[(]?-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?){3,}[\])]?(?![\w,])"
_PART = rf"{_TIGHT}|[\[(]?{_ITEM}(?:(?:[;,] ?| ){_ITEM})+[\])]?"
_QUARTILES = (
    ("lower", r"(?:lower|first|1st|bottom) quartile|q1", r"(?:untere[rnms]?|erste[rnms]?) quartil", "25"),
    ("upper", r"(?:upper|third|3rd|top) quartile|q3", r"(?:obere[rnms]?|dritte[rnms]?) quartil", "75"),
)


def _ranked(wording: Wording) -> str | None:
    quarters = [rank for kind, _, _, rank in _QUARTILES if wording.has(kind)]
    quarters += [token.text[1:] for token in wording.all("short")]
    if len(quarters) + len(wording.all("rank")) != 1:
        return None
    if quarters:
        return (
            f"{quarters[0]}. perzentil von <list>"
            if wording.tongue == "de"
            else f"{quarters[0]}th percentile of <list>"
        )
    is_german = wording.all("rank")[0].text.endswith(".")
    return "<rank> perzentil von <list>" if is_german else "<rank> percentile of <list>"


PERCENTILE = Intent(
    ("percentile", "perzentil", "quartil", "q1", "q3", "p9", "p7", "p5"),
    {"rank": r"\d\d?(?:st|nd|rd|th|\.)(?=[ -]?(?:[Pp]ercentile|[Pp]erzentil))", "list": LIST},
    (
        Meaning("name", r"percentiles?", r"perzentils?"),
        Meaning("short", r"p(?:5|10|25|50|75|90|95|99)"),
        *(Meaning(kind, english, german) for kind, english, german, _ in _QUARTILES),
    ),
    words("where ms latency lie lies data dataset values list these wo liegt liegen daten liste messwerte"),
    _ranked,
    longest=2_000,
)
_DATA = words(
    "x y data series values points point lists list pairs samples daten datenreihen reihen werte punkte listen"
    " zusammenhang zwischen through thru durch straight best linear"
)
CORRELATION = Intent(
    ("correlat", "korrel", "pearson", "spearman"),
    {"list": _PART},
    (
        Meaning(
            "name", r"(?:pearson(?:'s)? )?correlat(?:ion|ed|e)(?: coefficients?)?|pearson(?: coefficient)?",
            r"(?:pearson-?)?korrel(?:ation(?:skoeffizient(?:en)?)?|ieren|iert)",
            "correlation of <list> and <list>", "korrelation von <list> und <list>",
        ),
        Meaning("method", r"spearman(?:'s)?(?: rank)?(?: rho)?(?:"
                          r" correlation)?", r"spearman-?(?:rang)?korrelation(?:skoeffizient)?",
                "spearman correlation of <list> and <list>", "korrelation nach spearman von <list> und <list>"),
    ),
    _DATA,
    longest=2_000,
)  # fmt: skip


def _regressed(wording: Wording) -> str | None:
    """`y on x` and a list of y before that of x are left to the requests, which read the labels."""
    labels = [token.text for token in wording.all("word") if token.text in ("x", "y")]
    if not wording.has("name") or labels[:1] == ["y"] or wording.has_word("on", "auf"):
        return None
    if wording.tongue == "de":
        return "lineare regression für x = <list> und y = <list>"
    return "linear regression for x = <list> and y = <list>"


REGRESSION = Intent(
    ("regression", "line", "gerade", "least squares", "trend"),
    {"list": _PART},
    (
        Meaning(
            "name", r"(?:linear )?regression(?: line)?|(?:straight |best[- ]fit |trend |least squares )?line|trendline"
            r"|line of best fit", r"(?:lineare )?regression(?:sgeraden?)?|ausgleichsgeraden?|trendlinie",
        ),
    ),
    _DATA | words("fit fits fitting"),
    _regressed,
    longest=2_000,
)  # fmt: skip
_CURRENCY = r"(?i:€|eur|euros?|\$|usd|dollars?|£|gbp|chf|franken)"


def _interest(wording: Wording) -> str | None:
    if wording.has("simple") == wording.has("compound") or wording.has("other"):
        return None
    if wording.tongue == "de":
        return f"{'einfache zinsen' if wording.has('simple') else 'zinseszins'} auf <money> bei <rate> für <years>"
    return f"{'simple' if wording.has('simple') else 'compound'} interest on <money> at <rate> for <years>"


INTEREST = Intent(
    ("interest", "zins", "compound"),
    {
        "rate": r"\d+(?:[.,]\d+)* ?(?:%|(?i:percent|prozent))",
        "years": rf"(?<!% )(?<!percent )(?i:(?:\d{{1,3}}|{COUNT_WORD}) (?:years?|jahren?))(?!\w)",
        "money": rf"(?:(?:[€$£]|USD|EUR|GBP|CHF) ?)?\d+(?:[.,]\d+)*(?: ?{_CURRENCY}(?!\w))?",
    },
    (
        Meaning("other", r"monthly|quarterly|daily|weekly"
                         r"|semi-?annually", r"monatlich\w*|vierteljährlich\w*|täglich\w*"),
        Meaning("simple", r"simple interest", r"einfache[nr]? (?:verzinsung|zinsen|zins)"),
        Meaning("compound", r"compound(?:ed|ing)?(?: interest)?(?: (?:yearly|annually))?|interest compounded",
                r"zinseszins(?:en)?"),
    ),
    words("p interest rate yearly annual annually per year a p.a pa savings account invested invest"
          " deposit put worth have"
          " grow grows become earn earns end after at pro jahr jährlich jährlichen zinsen zins zinssatz"
          " endkapital anlegen"
          " angelegt anlage laufzeit lang kapital wächst legt lege an guthaben euro"),
    _interest,
)  # fmt: skip
_CODE = r"(?i:eur|usd|gbp|chf|jpy|sek|nok|dkk|pln|czk|huf|cad|aud|nzd|cny|inr|euros?|€|dollars?|\$|yen|pfund|franken)"
MONEY = Intent(
    ("=",),
    {
        "equal": rf"1 ?{_CODE} ?= ?\d+(?:[.,]\d+)? ?{_CODE}(?!\w)",
        "amount": rf"\d+(?:[.,]\d+)* ?{_CODE}(?!\w)",
        "date": rf"(?i:{ANY_DAY})(?!\w)",
        "code": rf"{_CODE}(?!\w)",
    },
    (
        Meaning("rate", r"(?:exchange )?rate|convert(?:ed)?|how many|how much", r"(?:wechsel|umrechnungs)?kurs(?:es)?"
                r"|wie ?viele?|rechne|umrechnen"),
    ),
    words("bank exchange day tag um in using wandle umgerechnet tageskurs"),
    lambda wording: "convert <amount> to <code> at <equal> of <date>" if wording.has("rate") else None,
)  # fmt: skip
_NOTATIONS = ("hex", "rgb", "hsl", "hsv", "cmyk")


def _named_color(wording: Wording) -> str | None:
    wanted = [name for name in _NOTATIONS if wording.has(name)]
    return f"convert <color> to {wanted[0]}" if len(wanted) == 1 else None


NAMED_COLOR = Intent(
    ("hex", "rgb", "hsl", "hsv", "cmyk"),
    {"color": rf"(?i:{NAMES})(?!\w)"},
    tuple(
        Meaning(name, rf"{name}{'(?:adecimal)?' if name == 'hex' else ''}(?:[- ]?(?:colou?r )?(?:codes?|values?))?",
                rf"{name}[- ]?(?:farb)?(?:codes?|werte?)")
        for name in _NOTATIONS
    ),
    words("css colour color html named name code value values farbe farbcode farbwert css-farbe convert wandle um"),
    _named_color,
)  # fmt: skip


def _shortest(wording: Wording) -> str | None:
    paths = wording.all("path")
    if not wording.has("name") or len(paths) != 1:
        return None
    is_german = paths[0].text.startswith(("von ", "zwischen "))
    return "kürzester weg <path> im graph <edges>" if is_german else "shortest path <path> in the graph <edges>"


GRAPH = Intent(
    ("shortest", "kürzest", "quickest", "fastest", "schnellst"),
    {
        "edges": r"[A-Za-z0-9]{1,12}-[A-Za-z0-9]{1,12}(?:, ?[A-Za-z0-9]{1,12}-[A-Za-z0-9]{1,12}){1,60}",
        "path": r"(?i:from|between|von|zwischen) [A-Za-z0-9]{1,12} (?i:to|and|nach|zu|und) [A-Za-z0-9]{1,12}(?!\w)",
    },
    (
        Meaning("name", r"(?:shortest|quickest|fastest) (?:path|route|way|connection)",
                r"(?:kürzeste|schnellste)[rnms]? (?:weg|pfad|route|verbindung|strecke)"),
    ),
    words("graph edges edge nodes node network roads connections kanten knoten netz straßen with mit"),
    _shortest,
)  # fmt: skip
_ROW = r"[pnbrqkPNBRQK1-8]{1,8}"
CHESS = Intent(
    ("/",),
    {"fen": rf"{_ROW}(?:/{_ROW}){{7}} [wb] [KQkqA-Ha-h-]{{1,4}} (?:-|[a-h][36])(?: \d{{1,4}} \d{{1,4}})?"},
    (
        Meaning("name", r"(?:legal |possible )?(?:chess )?moves?|check ?mate|mate|stalemate|in check",
                r"(?:legale[nr]? |mögliche[nr]? |erlaubte[nr]? )?züge?|(?:schach)?matt|patt|im schach",
                "legal moves in <fen>", "legal moves in <fen>"),
    ),
    words("legal possible allowed position fen chess here already black white side schon hier stellung weiß schwarz"
          " legal erlaubt möglich steht"),
    yes_or_no=True,
)  # fmt: skip
_TESTS = (
    ("t_welch", r"welch(?:'s)?(?: t)?[- ]test|welch", r"welch-?t?-?test"),
    ("t_paired", r"paired t[- ]?test", r"gepaarte[rn]? t-test"),
    ("mann_whitney", r"mann[- ]whitney(?:[- ]u)?(?:[- ]test)?", r"u-test"),
)
_TABLES = (
    (
        "fisher_exact",
        r"fisher(?:'s)?(?: exact)?(?: test)?",
        r"(?:exakte[rn]? )?fisher-?test|exakte[rn]? test nach fisher",
    ),
    (
        "chi2_independence",
        r"chi[- ]?squared?(?: independence)?(?: test)?|chi2(?: test)?",
        r"(?:chi-quadrat|chi2|unabhängigkeits)-?test",
    ),
)
_TEST_WORDS = words(
    "test group groups a b sample samples against versus vs data table 2x2 independence gruppe gruppen"
    " stichprobe stichproben daten tabelle auf unabhängigkeit run perform tafel vierfeldertafel"
)


def _interval(wording: Wording) -> str | None:
    if wording.has("list"):
        return "confidence interval <rate> of <list>"
    is_share = (
        len(wording.all("count")) == 2 and len(wording.all("rate")) == 1 and not wording.has_word("to", "bis", "-")
    )
    return "confidence interval <rate> of <count> among <count>" if is_share else None


INTERVAL = Intent(
    ("confidence", "konfidenz", "ci ", " ci"),
    {"rate": r"\d\d(?:[.,]\d+)?[ -]?(?:%|(?i:percent|prozent))", "list": LIST, "count": r"\d{1,9}(?![\w.,]*\d)"},
    (
        Meaning("name", r"confidence (?:interval|level|limits)|ci", r"(?:konfidenz|vertrauens)-?intervalls?"),
        Meaning("of", r"proportion|share|mean|average", r"anteils?|mittelwerts?|durchschnitts?"),
    ),
    words("out successes trials hits said yes people asked voted percentage clicks conversions visitors data treffer"
          " versuche versuchen ja sagten befragte befragten befragt"),
    _interval,
    longest=2_000,
)  # fmt: skip
TWO_SAMPLES = Intent(
    ("welch", "paired", "whitney", "gepaart", "u-test"),
    {"list": _PART},
    tuple(Meaning(name, en, de, f"test {name} of <list> against <list>") for name, en, de in _TESTS),
    _TEST_WORDS,
    longest=2_000,
)
OF_TABLE = Intent(
    ("fisher", "chi", "unabhängigkeit"),
    {"table": r"\[ ?\[[\d, \[\]]{3,200}\] ?\]"},
    (
        Meaning("size", r"2 ?[x\u00d7] ?2"),
        *(Meaning(name, en, de, f"test {name} of <table>") for name, en, de in _TABLES),
    ),
    _TEST_WORDS,
)
INTENTS = (
    INTERVAL,
    TWO_SAMPLES,
    OF_TABLE,
    PERCENTILE,
    CORRELATION,
    REGRESSION,
    INTEREST,
    MONEY,
    NAMED_COLOR,
    GRAPH,
    CHESS,
)
