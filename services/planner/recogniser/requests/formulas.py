"""Patterns of formulas and equations among words, and the words around them."""

import re

from services.planner.recogniser.filler import words
from services.planner.recogniser.numerals import GROUPED_IN_GERMAN
from services.planner.recogniser.phrasing import UnwrappedQuestion
from services.planner.recogniser.requests.reader import Reading

_PIECE = (
    r"(?:(?:sin|cos|tan|arcsin|arccos|arctan|sinh|cosh|tanh|exp|ln|log|sqrt|abs|pi)(?![A-Za-z])"
    r"|\d+(?:[.,]\d+)?(?![\d.,]*[A-Za-z]{2})"
    r"|(?!a [^-+*/^=])[A-Za-z](?![A-Za-zäöüß']|\.[a-z])|-(?!>)|[+*/^()²³⁴⁵⁶√])"
)
FORMULA = rf"(?<![\w.]){_PIECE}(?: ?{_PIECE})+(?![\w])"
FUNCTION = r"(?<!\w)[A-Za-z]\([a-z]\)(?= ?=)|(?<!\w)y(?= ?=)"
# a label such as `(2)` is no factor
_NO_LABEL = r"(?!\((?:\d|I{1,3})\) )"
_SIDE = rf"(?<![\w.]){_NO_LABEL}{_PIECE}(?: ?{_NO_LABEL}{_PIECE})*(?![\w])"
EQUATION = rf"{_SIDE} ?= ?{_SIDE}"
# a method of calculation does not change the result
METHOD = (
    r"(?:(?:using|by|with|via|mit|per|durch|nach|hilfe) )?(?:the |der |die |einer |hilfe )*(?:chain|product|quotient"
    r"|power"
    r"|sum) rule|(?:(?:using|by|with|via) )?(?:integration by parts|(?:u-)?substitution"
    r"|l'h[oô]s?pital(?:'?s)?(?: rule)?"
    r"|factoring|elimination|gauss(?:ian elimination)?|the quadratic formula)|by parts"
    r"|(?:(?:mit|per|durch|nach|über) )?(?:der |die |dem |den )?(?:ketten|produkt|quotienten|potenz|summen)regel"
    r"|(?:(?:mit|per|durch) )?(?:der )?(?:partielle[rn]? integration|substitution)|(?:(?:nach"
    r"|mit) )?(?:der )?(?:regel von )?"
    r"(?:de )?l'hospital|(?:mit )?(?:pq-formel|mitternachtsformel|gauß(?:-verfahren|-algorithmus)?)"
)
MATHS = words(
    "function expression equation term formula exercise homework calculus class take consider value values which"
    " it this unknown unknowns y x find both together sowie gegeben gesucht given gleichung funktion"
    " ausdruck terms formel"
    " folge sequence solve solution solutions there take f(x) can annehmen lösungen werte matrix matrices two"
    " please big bilde bilden"
    " large flächeninhalt liefert welchen respect i.e ie namely davon wenn's geht hätte hätte kann nehmen system"
    " equations satisfies per integral nun now"
)


def asked(text: str) -> UnwrappedQuestion:
    """A question in a form that the rules of a family match."""
    return UnwrappedQuestion(text.lower(), text, (), text.lower())


def only_formula(reading: Reading) -> str:
    """The formula of the question, which may repeat it; else nothing."""
    found = {re.sub(r"\s", "", text): text.strip() for text in reading.all("formula")}
    formula = next(iter(found.values())) if len(found) == 1 else ""
    return "" if may_be_grouped(reading, formula) else formula


def may_be_grouped(reading: Reading, text: str) -> bool:
    """True for `1.000` in a German question."""
    return reading.tongue == "de" and GROUPED_IN_GERMAN.search(text) is not None
