"""The guard lines of tools and request contents, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a sum of two long fractions is refused before it is made",
        "services/mcp/tools/pure/calculate/exact.py",
        "check_bits(bits(left) + bits(right) + 1)",
        "pass",
        tests=(
            (
                "tests/unit/services/mcp/tools/pure/calculate/test_limits.py::"
                "test_bombs_are_refused_at_once_with_the_limit_named"
            ),
        ),
    ),
    Mutation(
        "schemas that depend on a key count as work",
        "services/mcp/tools/pure/data/structured_validate/schema_cost.py",
        '_SAME_PLACE_MAPS: Final = ("dependentSchemas",)',
        "_SAME_PLACE_MAPS: Final[tuple[str, ...]] = ()",
        tests=(
            (
                "tests/unit/services/mcp/tools/pure/data/test_structured_validate.py::"
                "test_references_that_multiply_without_end_are_refused_at_once"
            ),
        ),
    ),
    Mutation(
        "the result of an expression is no deeper than its limit",
        "services/mcp/tools/pure/data/jmespath_query/interpreter.py",
        "if depth > MAX_DEPTH:",
        "if False:",
        tests=(
            (
                "tests/unit/services/mcp/tools/pure/data/test_jmespath_query.py::"
                "test_a_result_may_be_two_hundred_levels_deep_and_no_more"
            ),
        ),
    ),
    Mutation(
        "a video beside the content of a message is refused",
        "services/gateway/domain/body/chat_content.py",
        '"video",',
        "",
        tests=("tests/unit/services/gateway/domain/body/test_media.py::test_media_beside_the_content_are_refused",),
    ),
    Mutation(
        "years in the wrong order ask no service",
        "services/mcp/tools/served/research/orcid.py",
        'raise ToolError("invalid_argument", "after_year: is later than before_year")',
        "pass",
        tests=(
            (
                "tests/unit/services/mcp/tools/served/test_research.py::"
                "test_years_in_the_wrong_order_are_refused_before_anything_is_asked"
            ),
        ),
    ),
)
