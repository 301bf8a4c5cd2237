"""`calculate`: exact arithmetic on an expression that is parsed here and never executed."""

from services.mcp.contract import Bilingual, ErrorExample, Example, Tool
from services.mcp.tools.pure.calculate.answer import phrase
from services.mcp.tools.pure.calculate.evaluation import evaluate
from services.mcp.tools.pure.calculate.functions import FUNCTIONS
from services.mcp.tools.pure.calculate.grammar import parse
from services.mcp.tools.pure.calculate.limits import LIMITS
from services.mcp.tools.pure.calculate.models import AppliedRule, CalculateArguments, CalculateResult
from services.mcp.tools.pure.calculate.rendering import exact_text, expression_text, rounded_text
from services.mcp.tools.pure.calculate.rules import RULES
from services.mcp.tools.pure.deadline import CALL_TIME, within_call_time

_NAMES = frozenset(FUNCTIONS)


def calculate(arguments: CalculateArguments) -> CalculateResult:
    """Raises ToolError."""
    tree = parse(arguments.expression, _NAMES)
    evaluation = evaluate(tree)
    rounded = rounded_text(evaluation.value, evaluation.tape)
    exact = exact_text(evaluation.value)
    return CalculateResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=expression_text(tree),
        exact=exact.text,
        exact_kind=exact.kind,
        rounded=rounded.text,
        is_exact=rounded.is_exact,
        rounding="none" if rounded.is_exact else "half_even_15_significant_digits",
        rules=tuple(AppliedRule(name=name, text=RULES[name].en) for name in evaluation.rules),
    )


CALCULATE = Tool(
    name="calculate",
    description=Bilingual(
        en="Exact arithmetic: fractions, powers, roots, percentages, logarithms, trigonometry",
        de="Exakte Arithmetik: Brüche, Potenzen, Wurzeln, Prozente, Logarithmen, Trigonometrie",
    ),
    keywords=Bilingual(
        en="calculate compute sum plus minus times divided percent root power factorial how much",
        de="berechne rechne summe plus minus mal geteilt prozent wurzel hoch fakultät wie viel",
    ),
    arguments=CalculateArguments,
    result=CalculateResult,
    run=within_call_time(calculate),
    answer=phrase,
    limits=(*LIMITS, CALL_TIME),
    example=Example(
        args={"expression": "sqrt(8) / 3"},
        result={
            "expression": "sqrt(8) / 3",
            "interpretation": "sqrt(8) / 3",
            "exact": "2*sqrt(2)/3",
            "exact_kind": "symbolic",
            "rounded": "0.942809041582063",
            "is_exact": False,
            "rounding": "half_even_15_significant_digits",
            "significant_digits": 15,
            "rules": [],
        },
        answer="sqrt(8) / 3 ≈ 0.942809041582063 (rounded to 15 significant digits; exactly 2*sqrt(2)/3).",
    ),
    error_example=ErrorExample(args={"expression": "9**9**9"}, code="limit_exceeded"),
)
