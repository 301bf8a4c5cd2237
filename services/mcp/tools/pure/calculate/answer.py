"""A calculation as one sentence."""

from services.mcp.contract import AnswerStyle, Bilingual, Language
from services.mcp.tools.pure.calculate.models import CalculateResult
from services.mcp.tools.pure.calculate.rules import RULES

_LONGEST_ECHO = 120
_LONGEST_FORM = 60
_RESULT = Bilingual(en="The result", de="Das Ergebnis")
_ROUNDED = Bilingual(en="rounded to 15 significant digits", de="auf 15 gültige Stellen gerundet")
_EXACTLY = Bilingual(en="exactly", de="genau")
_RULE = Bilingual(en="Rule", de="Regel")


def phrase(result: CalculateResult, style: AnswerStyle) -> str:
    """`expression = value`, how the value was rounded, and the rules it depends on."""
    language = style.language
    shown = result.expression if len(result.expression) <= _LONGEST_ECHO else _RESULT.text(language)
    rules = "; ".join(RULES[rule.name].text(language) for rule in result.rules)
    rule_sentence = f" {_RULE.text(language)}: {rules}." if rules else ""
    return f"{shown} {_value(result, language)}.{rule_sentence}"


def _value(result: CalculateResult, language: Language) -> str:
    if result.exact is not None and result.exact_kind in ("integer", "decimal"):
        return f"= {_localised(result.exact, language)}"
    note = _ROUNDED.text(language)
    if result.exact is not None and len(result.exact) <= _LONGEST_FORM:
        note = f"{note}; {_EXACTLY.text(language)} {result.exact}"
    return f"≈ {_localised(result.rounded, language)} ({note})"


def _localised(number: str, language: Language) -> str:
    return number.replace(".", ",") if language == "de" else number
