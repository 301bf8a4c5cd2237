"""The code obeys the project rules, and each rule can be violated."""

import pytest

from tests.contract import rules

CODE = rules.sources("libs", "services", "moe")
EVERYTHING = CODE | rules.sources("tests")
POLICY = frozenset(
    f"libs/runtime/{name}.py"
    for name in ("delivery/attempt", "delivery/running_calls", "delivery/sinks", "join/runner")
)
REPLAY = frozenset(f"moe/replay/{name}.py" for name in ("folding", "running"))  # a bug has to be met again


def test_files_and_functions_keep_their_size() -> None:
    assert rules.too_long(CODE) == []


def test_a_long_file_and_a_long_function_are_found() -> None:
    long_function = "def f():\n" + "    x = 1\n" * rules.MAX_FUNCTION_LINES
    assert rules.too_long({"a.py": long_function, "b.py": "x = 1\n" * (rules.MAX_FILE_LINES + 1)}) == [
        f"b.py: {rules.MAX_FILE_LINES + 1} lines",
        f"a.py: f has {rules.MAX_FUNCTION_LINES + 1} lines",
    ]


def test_a_long_handler_and_a_long_app_are_found() -> None:
    handler = "async def f():\n" + "    x = 1\n" * rules.MAX_HANDLER_LINES
    app = "x = 1\n" * (rules.MAX_APP_LINES + 1)
    assert len(rules.too_long({"services/a/handlers.py": handler, "services/a/app.py": app})) == 2


def test_functions_are_not_nested_deep() -> None:
    assert rules.too_deep(CODE) == []


def test_deep_nesting_is_found() -> None:
    assert rules.too_deep({"a.py": "def f():\n if a:\n  for b in c:\n   while d:\n    if e:\n     pass\n"}) == [
        "a.py: f nests 4 deep"
    ]


def test_only_the_runtime_catches_everything() -> None:
    assert rules.broad_excepts(CODE, POLICY | REPLAY) == []


@pytest.mark.parametrize("clause", ["except Exception:", "except (ValueError, BaseException):", "except:"])
def test_catching_everything_is_found(clause: str) -> None:
    assert rules.broad_excepts({"a.py": f"try:\n  pass\n{clause}\n  pass\n"}, frozenset()) == [
        "a.py:3: catches everything"
    ]


def test_borders_have_types() -> None:
    assert rules.untyped_dicts(CODE) == []


def test_a_bare_dict_at_a_border_is_found() -> None:
    assert rules.untyped_dicts({"a.py": "def f(x: dict) -> list: ...\n"}) == ["a.py: f", "a.py: f"]


def test_code_names_no_tickets_and_leaves_nothing_undone() -> None:
    assert rules.issue_numbers(EVERYTHING) == []
    assert rules.leftovers(EVERYTHING) == []


def test_tickets_and_leftovers_are_found() -> None:
    assert rules.issue_numbers({"a.py": "x = 1  #12\n"}) == ["a.py:1"]
    assert rules.leftovers({"a.py": "x = 1  # " + "TO" + "DO later\n"}) == ["a.py:1"]


def test_calls_name_their_arguments_from_the_seventh() -> None:
    assert rules.positional_calls(CODE) == []


def test_a_call_with_seven_positional_arguments_is_found() -> None:
    text = "f(1, 2, 3, 4, 5, 6, 7)\na.f(1, 2, 3, 4, 5, 6)\nf(1, 2, 3, 4, 5, 6, g=7)\n"
    assert rules.positional_calls({"a.py": text}) == ["a.py:1: 7 positional arguments"]


def test_items_of_a_variadic_parameter_are_no_positional_arguments() -> None:
    definition = "def f(a, *rest): ...\ndef g(a, b, c, d, e, f, g, *rest): ...\n"
    calls = "f(1, 2, 3, 4, 5, 6, 7)\ng(1, 2, 3, 4, 5, 6, 7)\n"
    assert rules.positional_calls({"a.py": definition, "b.py": calls}) == ["b.py:2: 7 positional arguments"]


def test_no_argument_is_a_packed_signature() -> None:
    assert rules.packed_arguments(CODE) == []


def test_a_packed_signature_is_found() -> None:
    text = "def f(a: tuple[int, int, str]):\n  x, y, z = a\ndef g(a: tuple[int, int]):\n  x, y = a\n"
    assert rules.packed_arguments({"a.py": text}) == ["a.py: f(a)"]


def test_no_envelope_is_written_without_an_event_id() -> None:
    assert rules.empty_envelopes(EVERYTHING) == []


def test_an_envelope_without_an_event_id_is_found() -> None:
    files = {"a.py": 'Envelope("", "r", "t")\nEnvelope(response_id="r", event_id="")\nEnvelope("e", "r", "t")\n'}
    assert [found.split(":")[1] for found in rules.empty_envelopes(files)] == ["1", "2"]


def test_only_the_context_of_requests_stores_facts_in_scopes() -> None:
    files = {path: text for path, text in CODE.items() if path != "libs/http/context.py"}
    assert rules.keys_in_scopes(files) == []
    assert rules.keys_in_scopes({"context.py": CODE["libs/http/context.py"]})


@pytest.mark.parametrize(
    "line",
    [
        'scope["caller"]',
        'request.scope["caller"] = 1',
        "scope[KEY]",
        'scope.get("passage")',
        "scope.pop(KEY, None)",
        '"fingerprint" in scope',
        '{**scope, "caller": 1}',
        "asgi[0]",
    ],
)
def test_a_fact_in_a_scope_is_found(line: str) -> None:
    assert len(rules.keys_in_scopes({"a.py": line})) == 1


def test_keys_of_asgi_are_allowed() -> None:
    lines = 'scope["path"]\nrequest.scope["headers"]\nscope.get("client")\n{**scope, "path": "/"}\n'
    assert rules.keys_in_scopes({"a.py": lines}) == []
