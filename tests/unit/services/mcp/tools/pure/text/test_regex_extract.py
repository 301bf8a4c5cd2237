"""`regex_extract`: the same matches as the standard library where both mean the same, in bounded time."""

import random
import re
import time
from collections.abc import Iterator

import pytest
import re2

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.text.regex_extract import (
    MAX_CHARS,
    MAX_MATCHES,
    RegexArguments,
    RegexResult,
    regex_extract,
)
from tests.support.mcp.exactness import Exactness


def run(pattern: str, text: str, flags: str = "") -> RegexResult:
    return regex_extract(RegexArguments(pattern=pattern, text=text, flags=flags))


def refusal(pattern: str, text: str = "ab", flags: str = "") -> ToolError:
    with pytest.raises(ToolError) as caught:
        run(pattern, text, flags)
    return caught.value


ONCE = ("", "", "(a|)", "(b?)", "()")  # what may be empty: engines repeat it differently
ATOMS = ("a", "b", "ä", "😀", ".", "[ab]", "[^a]", r"\d", r"\w", "(a)", "(ab|b)", "(?:b|a)", r"\.", "[0-9x]")
REPEATS = ("", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,2}")


def pattern(rng: random.Random) -> str:
    """A pattern of the part that RE2 and the standard library write and mean alike."""
    branches = []
    for _ in range(rng.choice((1, 1, 2))):
        pieces = [rng.choice(ATOMS) + rng.choice(REPEATS) + rng.choice(ONCE) for _ in range(rng.randrange(1, 5))]
        branches.append(rng.choice(("", "", "^")) + "".join(pieces))
    return "|".join(branches)


def spans(found: re.Match[str]) -> list[tuple[str | None, int | None, int | None]]:
    groups = range(1, found.re.groups + 1)
    ends = [(found.group(g), *found.span(g)) for g in groups]
    return [(None, None, None) if start < 0 else (said, start, end) for said, start, end in ends]


@pytest.mark.parametrize("flags", ["", "i", "s", "m", "ims"])
def test_matches_and_groups_are_those_of_the_standard_library(flags: str, exact: Exactness) -> None:
    rng = random.Random(f"regex {flags}")
    letters = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    options = re.RegexFlag(sum(letters[flag] for flag in flags))
    for _ in exact.cases("regex_extract", 800):
        source, text = pattern(rng), "".join(rng.choices("aabbAB1.ä😀\n ", k=rng.randrange(14)))
        expected = list(found_by_hand(source, text, options))
        found = run(source, text, flags).matches
        assert [(m.text, m.start, m.end) for m in found] == [(m.group(), *m.span()) for m in expected]
        assert [[(g.text, g.start, g.end) for g in m.groups] for m in found] == [spans(m) for m in expected]


def found_by_hand(source: str, text: str, options: re.RegexFlag) -> Iterator[re.Match[str]]:
    """Search again and again with the standard library; its `finditer` tries twice at an empty match."""
    ascii_only = re.compile(source.replace(r"\w", "[a-zA-Z0-9_]").replace(r"\d", "[0-9]"), options)
    position = 0
    while position <= len(text) and (found := ascii_only.search(text, position)):
        yield found
        position = found.end() + (found.start() == found.end())


def test_positions_count_characters_and_not_bytes() -> None:
    (found,) = run("b", "äöü😀b").matches
    assert (found.start, found.end) == (4, 5)


def test_groups_have_their_numbers_and_names() -> None:
    (found,) = run(r"(?P<day>\d+)\.(\d+)", "am 24.12.").matches
    assert [(g.number, g.name, g.text) for g in found.groups] == [(1, "day", "24"), (2, None, "12")]


def test_a_group_that_took_no_part_is_told_from_an_empty_one() -> None:
    first, second = run("(a)|b()", "ab").matches
    assert [g.text for g in first.groups] == ["a", None]
    assert [g.text for g in second.groups] == [None, ""]


def test_twenty_matches_are_shown_and_whether_there_are_more() -> None:
    assert (run("a", "a" * MAX_MATCHES).count, run("a", "a" * MAX_MATCHES).more) == (MAX_MATCHES, False)
    assert (run("a", "a" * 21).count, run("a", "a" * 21).more) == (MAX_MATCHES, True)


@pytest.mark.parametrize("source", ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?>a)", "(?P=x)"])
def test_look_around_and_back_references_are_refused_with_the_reason(source: str) -> None:
    error = refusal(source)
    assert error.code == "invalid_argument"
    assert "not supported" in str(error) or "named capture" in str(error)


@pytest.mark.parametrize("source", ["(a", "a)", "*a", "[z-a]", "a**", r"\Z", "[", "a{2,1}", r"\C", r"a\Cb"])
def test_what_is_no_pattern_is_refused_in_one_short_line(source: str) -> None:
    error = refusal(source)
    assert error.code in ("invalid_argument", "limit_exceeded")
    assert str(error).startswith("pattern: ")
    assert "\n" not in str(error)
    assert len(str(error)) < 120


@pytest.mark.parametrize("source", ["a{1001}", "((a{100}){100}){100}", r"(\pL{900}\pL{900}){2}"])
def test_repetitions_that_blow_up_are_a_limit(source: str) -> None:
    assert refusal(source).code == "limit_exceeded"


@pytest.mark.parametrize("source", ["(a+)+$", "(a|a)*$", "(a*)*b", "(.*)*x", "(a?){40}a{40}", "([ab]*)(a[ab]{300})c$"])
def test_patterns_that_hang_backtracking_engines_take_no_time(source: str) -> None:
    started = time.process_time()
    run(source, "a" * 20_000 + "!")
    assert time.process_time() - started < 10.0


def test_a_large_pattern_over_a_large_text_is_refused_before_it_runs() -> None:
    started = time.process_time()
    assert refusal("(([ab]?){100}){10}c", "ab" * (MAX_CHARS // 2)).code == "limit_exceeded"
    assert time.process_time() - started < 2.0


def test_memory_does_not_grow_with_the_number_of_patterns() -> None:
    for number in range(200):
        run(f"(a|b)*a(a|b){{{number % 50 + 1}}}c", "ab" * 500)
    assert re2._Regexp._make.cache_info().currsize <= 1


def test_other_flags_are_refused() -> None:
    assert refusal("a", flags="x").code == "invalid_argument"
    assert run("A", "a", "gi").count == 1


def test_the_answer_lists_what_was_found() -> None:
    assert invoke("regex_extract", {"pattern": r"\d+", "text": "a1b22"}).answer == "2 matches: '1' (1), '22' (3)."
