"""Clauses beside a request that restrict or redefine it, or ask for advice: a recognised call would miss them.

Such a clause has no value. It says of a thing of the question what it is (`the dice are loaded`, `a week has four
days`), picks a part of the values (`the first one is wrong`), moves a date, or asks for something else than the call
(`should I upgrade`, `is he a genius`). Some words do so wherever they are.
"""

import re

from services.planner.recogniser.days import MONTH_NAMES
from services.planner.recogniser.literals import MARK, without_literals
from services.planner.recogniser.numbers import COUNT_WORD
from services.planner.recogniser.telling import asks, clauses_of

_ANY_CASE = re.IGNORECASE
_PRESENT = (
    r"(?:is|are|has|have|does|do|matters?|starts?|begins?|means?|counts|count as|takes?|lasts?|consists?|works?|may"
    r"|can|must"
    r"|cannot|ist|sind|hat|haben|zählt|zählen|gilt|gelten|beginnt|fängt|dauert|bedeutet|spielt|spielen|steht|stehen"
    r"|geht"
    r"|gehen|darf|dürfen|kann|können|muss|müssen)"
)
_NOUN = (
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|miles?|numbers?|digits?|values?|readings?|figures?|words?"
    r"|letters?|characters?|strings?|alphabet|spaces?|hyphens?|dice|coins?|cards?|address|addresses|hash|order"
    r"|interest|payments?|tax|taxes|fee|fees|weekends?|holidays?|saturdays?|sundays?|mondays?|graph|edges?|matrix"
    r"|person"
    r"|job|schedule|[xyzn]"
    r"|sekunden?|minuten?|(?:schul)?stunden?|tage?|wochen?|monate?|jahre?|meilen?|zahlen?|ziffern?|werte?|wörter|wort"
    r"|buchstaben?|zeichen|leerzeichen|alphabet|würfel|münzen?|karten?|adressen?|reihenfolge|zinsen|steuern?|gebühr"
    r"|gebühren|wochenenden?|feiertage?|samstage?|sonntage?|montage?|graph|kanten?|matrix)"
)
_SAYS_WHAT_IT_IS = re.compile(
    rf"(?:^|\b(?:the|an?|our|my|each|every|one|der|die|das|den|eine?|unsere?|jede[rs]?) )(?:\w+ )?(?<!\w){_NOUN}"
    rf"(?: (?:of )?\w+)? {_PRESENT} \w",
    _ANY_CASE,
)
_RENAMES = re.compile(
    r"(?<!\w)(?:plus|minus|times|mal) (?:means?|stands? for|bedeutet|heißt)(?!\w)|(?<!\w)counts? \w+ as(?!\w)"
    r"|(?<!\w)(?:counts?|zählt|zählen) (?:twice|double|doppelt|zweimal|nicht)(?!\w)"
    r"|(?<!\w)(?:rounds?|rounded|rundet|runden|gerundet) (?:them|it|up|down|auf|ab)(?!\w)"
    r"|(?<!\w)(?:steps|every step|step by step|rhymes?|poems?|jeden schritt|schritte|rechenweg|reime?)(?!\w)"
    r"|(?<!\w)(?:(?:only |nur )?(?:half|twice|double|a third|a quarter) (?:of )?(?:that|it|this|them)|hälfte davon"
    r"|(?:halb|doppelt) so viel)(?!\w)"
    r"|(?<!\w)(?:minutes?|hours?|minuten?|stunden?) (?:slow|fast|late|early|behind|ahead|vor|nach|verspätet)(?!\w)",
    _ANY_CASE,
)
_PICKS = re.compile(
    r"(?<!\w)(?:the|der|die|das|den) (?:(?:very )?(?:first|second|last|worst|best|highest|lowest|largest|smallest"
    r"|other)"
    r"|erste[nr]?|zweite[nr]?|letzte[nr]?|schlechteste[nr]?|beste[nr]?|höchste[nr]?|niedrigste[nr]?|andere[nr]?)(?!\w)"
    r"|(?<!\w)(?:backwards?|rückwärts|duplicates?|outliers?|ausreißer|population|grundgesamtheit|messfehler|by mistake"
    r"|drops?|leaves out|streicht|line breaks?|newlines?|zeilenumbr\w+|leerzeichen)(?!\w)"
    r"|(?<!\w)(?:one|two|three|four|some|eine[rs]?|zwei|drei|vier|einige) (?:of (?:the|them|these)|von den"
    r"|davon)(?!\w)",
    _ANY_CASE,
)
_MOVES = re.compile(
    r"(?<!\w)(?<!vor )(?:\d{1,3}|an?|one|two|three|four|five|six|ten|few|eine?[mnr]?|zwei|drei|vier|fünf|sechs"
    r"|zehn) (?:minutes?|hours?"
    r"|days?|weeks?|months?|years?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?)(?!\w)"
    r"(?! (?:ago|old|alt))",
    _ANY_CASE,
)
_AT_A_TIME = frozenset({
    "day_of_week", "calendar_facts", "iso_week", "timezone_convert", "time_facts", "date_diff", "cron_next",
})  # fmt: skip
_ADVICE = re.compile(
    r"(?:should (?:an?|the|i|we|you|my|our|he|she)|soll(?:te|ten)? (?:ich|wir|man|er|sie)"
    r"|(?:is|was|does|did|can|has) (?:he|she)(?! (?:right|correct))|what (?:(?:should|shall|would) (?:i|we|you) do"
    r"|comes next|now|next|happens))\b"
    r"|what (?:does|do) (?:\w+ ){1,4}tell\b|is it \w+ to \w",
    _ANY_CASE,
)
_JUDGES = re.compile(r"(?:is|was|isn['\u2019]t|ist|wäre|war) (?:that|this|it|das|es|dies)(?: \w+){1,3}\?$", _ANY_CASE)
_YES_OR_NO = frozenset({
    "prime_factorize", "iban_check", "isbn_check", "ean_check", "luhn_check", "ip_facts", "structured_validate",
    "day_of_week", "calendar_facts", "graph_analyze", "semver_compare", "uuid_facts", "time_facts", "subnet_calc",
    "regex_extract", "text_diff", "chess_legal_moves", "hypothesis_test",
})  # fmt: skip
_DOUBTS = re.compile(r"(?:really|seriously|honestly|wirklich|echt|ernsthaft)\?$", _ANY_CASE)
_VALUE = re.compile(rf"[\d{MARK}]")
# words beside which the result of a tool is not the answer: `the next prime after 97`, `what must I invest`
_OTHERWISE = {
    "prime_factorize": re.compile(
        r"(?<!\w)(?:next|previous|preceding|closest|nearest|nächst\w*|vorherig\w*|proper|echte[nr]?|twin|emirp"
        r"|mersenne\w*|palindrom\w*|primzahlzwilling\w*|(?:after|before|below|above|nach|vor|unter|über|jenseits) \d+"
        r"|(?:largest|smallest|greatest|biggest|first|last) prime(?: number)?(?! (?:factor|divisor))"
        r"|(?:größte|kleinste|erste|letzte)[nr]? primzahl"
        r"|prime(?:s|(?: numbers?))? (?:below|under|up to|above|over|after|before|between"
        r"|(?:less|smaller|greater|larger|bigger) than)|primzahl(?:en)? (?:unter|bis|über|nach|vor|zwischen"
        r"|kleiner|größer)"
        r"|sum of (?:the |its |all )*(?:distinct |different )?prime factors|summe (?:der|aller)"
        r" primfaktoren)(?!\w)",
        _ANY_CASE,
    ),
    "gcd_lcm": re.compile(
        r"\d ?(?:to|through|thru|bis|\.\.\.?|…|\u2013) ?\d|(?<!\w)(?:(?:second|third|next|first \w+)[- ]"
        r"(?:smallest|largest|lowest|greatest|least|highest|common)|zweit(?:größte|kleinste)\w*"
        r"|nächst(?:größere|kleinere|höhere)\w*"
        r"|in (?:hours?|days?|seconds?|stunden?|tagen?|sekunden?))(?!\w)",
        _ANY_CASE,
    ),
    "base_convert": re.compile(
        r"(?<!\w)(?:log(?:arithm\w*)?|ln|(?:how many|number of|wie ?viele|anzahl(?: der)?) (?:\w+ )?(?:bits?|digits"
        r"|ones|zeros|stellen|ziffern|einsen|nullen)|(?:two|one)['\u2019]?s[- ]complement|(?:zweier|einer)komplement"
        r"|signed|negative|cell|zelle|vorzeichen\w*|gray|bcd|ascii|float\w*|ieee"
        r"|\d+ (?:digits|places|stellen|nachkommastellen))(?!\w)"
        r"|^\W*hex\w* \d+\W*$|^\W*\d+ hex\w*\W*$",
        _ANY_CASE,
    ),
    "bit_operations": re.compile(
        r"(?<!\w)(?:two['\u2019]?s[- ]complement|zweierkomplement|carry|übertrag)(?!\w)", _ANY_CASE
    ),
    "roman_numeral": re.compile(
        rf"(?<!\w)(?:before|after|vor|nach) (?:\d|[MDCLXVI]+(?!\w))"
        rf"|(?<!\w)(?:next|previous|nächste\w*|vorherige\w*)(?!\w)"
        rf"|(?<!\w)(?:{MONTH_NAMES})\.? \d",
        _ANY_CASE,
    ),
    "exact_probability": re.compile(
        r"(?<!\w)(?:remov\w+|entfern\w+|taken (?:out|away)|herausgenommen|weggenommen|bonus|zusatzzahl|superzahl"
        r"|powerball|identical|indistinguishable|identisch\w*|fixed|captain|goalkeeper|keeper|torwart|kapitän|(?:in|into)"
        r" (?:two|three|four|\d) (?:equal )?(?:groups|teams)|in (?:zwei|drei|vier|\d) (?:gruppen|teams))(?!\w)",
        _ANY_CASE,
    ),
    "decimal_finance": re.compile(
        r"(?<!\w)(?:(?:must|need to|have to|should) (?:i|we|you|one) (?:now )?(?:invest|put|deposit|save)"
        r"|(?:do|would) (?:i|we|you) (?:need|have) to (?:invest|put|deposit|save)"
        r"|(?:muss|müsste|müssen) (?:ich|man|wir) .*(?:anlegen|einzahlen|investieren)"
        r"|(?:to|will|would) (?:have|reach|get|end up with) (?:[€$£] ?)?\d|zu (?:haben|erreichen|bekommen)"
        r"|(?:welche[sr]?|what|which) (?:kapital|betrag|summe|principal|sum|amount|capital)"
        r" (?:ergibt|wächst|liefert|grows|becomes|yields|gives)(?! sich))(?!\w)"
        r"|(?<!\w)(?:twice|thrice|zweimal|dreimal|doppelt|(?:whole|full|nearest|ganze|volle) (?:euros?|dollars?|pounds?"
        r"|franken|ten)|(?:in|im|the|what did i|am) (?:the )?(?:first|second|third|last|ersten|zweiten|dritten|letzten"
        r"|anfang|start with)(?: (?:year|jahr))?(?!\w)(?! (?:\d|two|three|zwei|drei))|(?:starting|initial|original)"
        r" (?:amount|capital|balance|sum|investment|principal)(?=\W*$)|anfangskapital(?=\W*$)|loses?|verliert"
        r"|(?:how much|what)(?: simple| compound)? interest (?:is (?:it |that )?)?(?:per|each|a|every) (?:year|month)"
        r"|wie ?viele? zinsen (?:pro|im|je))(?!\w)|[-\u2212]\d+(?:[.,]\d+)? ?%"
        r"|\d ?(?:[€$£]|\w+)? (?:less than|weniger als|more than|mehr als)(?!\w)"
        r"|(?:^|[:(=]|(?<!\w)(?:is|of|ist|sind|von|und|and|plus|add)) ?[-\u2212] ?[€$£]?\d",
        _ANY_CASE,
    ),
    "currency_convert": re.compile(
        rf"(?<!\w)(?:(?:\d+|{COUNT_WORD}) (?:nights?|nächten?|days|tagen?|weeks|wochen|months|monaten?|people|persons"
        r"|personen|tickets|karten|adults|kids|children|kinder|erwachsene|items|pieces|stück)"
        r"|(?:auf|ab)gerundet|round(?:ed|ing)? (?:up|down))(?!\w)",
        _ANY_CASE,
    ),
    "physical_constant": re.compile(
        r"(?<!\w)(?:old|older|former|previous|outdated|alte[rn]?|früher\w*|ehemalig\w*|veraltet\w*)(?!\w)", _ANY_CASE
    ),
    "formula_mass": re.compile(r"(?<!\w)(?:hydrated|hydratisiert\w*)(?!\w)(?!.*\dH2O)"),
    "calculate": re.compile(
        r"(?<!\w)(?:to (?:get|reach|obtain|make|give) (?:to )?-?\d[\d.,]*(?=\W*$)"
        r"|um (?:auf )?-?\d[\d.,]* zu (?:erhalten|bekommen|kommen)(?!\w))",
        _ANY_CASE,
    ),
    "unit_convert": re.compile(
        r"(?<!\w)(?:there and back|round[- ]trip|both ways|each way|hin und zurück|twice|thrice|zweimal|dreimal"
        r"|(?:(?:an?|per|each|every|pro|am|jeden?) (?:day|night|week|month|tag|woche|monat)|daily|täglich|weekly"
        r"|wöchentlich)(?=.* (?:for|über|lang|in an?) ?)|min:s\w*|mm:ss|hh?:m\w*)(?!\w)"
        r"|(?<!\w)(?:sine|cosine|tangent|sin|cos|tan|sinus|[ck]osinus|tangens)(?!\w)"
        r"|^(?=.*(?:°|degree|(?<!\w)grad(?!\w)|celsius|fahrenheit))"
        r"(?!.*(?<!\w)(?:to|auf|below|unter) (?:minus |-)?\d)"
        r"(?=.*(?<!\w)(?:rose|risen|rises?|increase[ds]?|drop(?:s|ped)?|fell|fallen|falls|warmer|colder|cooler|hotter"
        r"|difference|change[sd]?|gestiegen|stieg|steigt|gesunken|sank|sinkt|gefallen|fiel|fällt|wärmer|kälter|unterschied|differenz|anstieg|schwankt|schwankung\w*)(?!\w))",
        _ANY_CASE,
    ),
}  # fmt: skip


def is_restricted(question: str, tool: str) -> bool:
    """True if a clause beside the request may change the result of the tool."""
    marked = without_literals(" ".join(question.split()))
    if marked is None:
        return False
    if tool in _OTHERWISE and _OTHERWISE[tool].search(marked[0]) is not None:
        return True
    clauses = clauses_of(marked[0])
    if len(clauses) < 2:
        return False
    asked = [clause for clause in clauses if asks(clause)]
    is_judged = len(asked) == 1 and tool not in _YES_OR_NO and _JUDGES.match(asked[0]) and not _VALUE.search(asked[0])
    return bool(is_judged) or any(
        _ADVICE.match(clause) or _DOUBTS.match(clause) or (not clause.endswith("?") and _restricts(clause, tool))
        for clause in clauses
    )


def _restricts(clause: str, tool: str) -> bool:
    if _RENAMES.search(clause) is not None:
        return True
    if asks(clause):
        return False
    if tool in _AT_A_TIME and _MOVES.search(clause) is not None:
        return True
    has_value = _VALUE.search(clause) is not None
    return not has_value and (_SAYS_WHAT_IT_IS.search(clause) is not None or _PICKS.search(clause) is not None)
