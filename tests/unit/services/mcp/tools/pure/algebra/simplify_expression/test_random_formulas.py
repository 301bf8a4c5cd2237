"""`simplify_expression` on random formulas: all three forms have mpmath's values of the formula."""

import random

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import require_values
from tests.support.mcp.formulas import formula

SEED = 20_260_210
FORMS = ("simplified", "expanded", "factored")


def test_random_formulas_keep_their_values_in_every_form(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("simplify_expression", 800):
        one = formula(source, 2)
        try:
            result = invoke("simplify_expression", {"expression": one.text}).result
        except ToolError as error:
            assert error.code in ("undecided", "limit_exceeded", "division_by_zero"), one.text  # noqa: PT017
            exact.refuse("simplify_expression")
            continue
        for form in FORMS:
            require_values(str(result[form]), one)
