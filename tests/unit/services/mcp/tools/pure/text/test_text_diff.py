"""`text_diff`: a patch that turns old into new, with the fewest lines there are."""

import random
import re
import time

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.text.text_diff.tool import MAX_LINES, DiffArguments, DiffResult, text_diff
from tests.support.mcp.exactness import Exactness

HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NO_NEWLINE = "\\ No newline at end of file"


def run(old: str, new: str, context: int = 3) -> DiffResult:
    return text_diff(DiffArguments(old=old, new=new, context=context))


def applied(old: str, patch: str) -> str:
    """Apply a unified difference as `patch` does, checking every line and every count of its hunks."""
    source = old.splitlines(keepends=True) if "\r" not in old else re.findall(r"[^\n]*\n|[^\n]+", old)
    result: list[str] = []
    position = 0
    lines = patch.split("\n")[2:-1]
    while lines:
        head = HEAD.fullmatch(lines.pop(0))
        assert head is not None
        first, old_count, new_first, new_count = (1 if g is None else int(g) for g in head.groups())
        start = first - 1 if old_count else first
        result += source[position:start]
        position = start
        assert len(result) == (new_first - 1 if new_count else new_first)
        while old_count or new_count:
            mark, text = lines[0][0], lines.pop(0)[1:]
            if lines and lines[0] == NO_NEWLINE:
                lines.pop(0)
            else:
                text += "\n"
            if mark in " -":
                assert source[position] == text
                position, old_count = position + 1, old_count - 1
            if mark in " +":
                result.append(text)
                new_count -= 1
    return "".join(result + source[position:])


def longest_common(old: list[str], new: list[str]) -> int:
    """The length of a longest common subsequence, by the table of every textbook."""
    row = [0] * (len(new) + 1)
    for line in old:
        above, row = row, [0] * (len(new) + 1)
        for column, other in enumerate(new):
            row[column + 1] = above[column] + 1 if line == other else max(row[column], above[column + 1])
    return row[-1]


def text(rng: random.Random, lines: int, alphabet: str = "abcd") -> str:
    made = "\n".join(rng.choice(alphabet) * rng.randrange(3) for _ in range(rng.randrange(lines)))
    return made + rng.choice(("", "\n"))


@pytest.mark.parametrize("context", [0, 1, 3, 100])
def test_the_patch_applies_and_is_as_short_as_can_be(context: int, exact: Exactness) -> None:
    rng = random.Random(context)
    for _ in exact.cases("text_diff", 700):
        old, new = text(rng, 14), text(rng, 14)
        found = run(old, new, context)
        assert (applied(old, found.unified) if found.unified else old) == new
        common = longest_common(re.findall(r"[^\n]*\n|[^\n]+", old), re.findall(r"[^\n]*\n|[^\n]+", new))
        assert found.unchanged == common
        assert found.identical == (old == new) == (found.unified == "")


def test_the_counts_are_those_of_the_patch(exact: Exactness) -> None:
    rng = random.Random(7)
    for _ in exact.cases("text_diff", 300):
        found = run(text(rng, 20, "ab"), text(rng, 20, "ab"))
        body = [line for line in found.unified.split("\n")[2:] if not line.startswith("@@")]
        assert sum(line.startswith("+") for line in body) == found.added
        assert sum(line.startswith("-") for line in body) == found.removed
        assert found.unified.count("@@ -") == found.hunks


def test_a_change_far_from_another_has_a_hunk_of_its_own() -> None:
    old = "".join(f"{n}\n" for n in range(30))
    new = old.replace("3\n", "x\n", 1).replace("25\n", "y\n")
    assert run(old, new, 3).hunks == 2
    assert run(old, new, 20).hunks == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "a\n", "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n"),
        ("a\n", "", "--- old\n+++ new\n@@ -1 +0,0 @@\n-a\n"),
        ("a", "a\n", f"--- old\n+++ new\n@@ -1 +1 @@\n-a\n{NO_NEWLINE}\n+a\n"),
        ("a\r\n", "a\n", "--- old\n+++ new\n@@ -1 +1 @@\n-a\r\n+a\n"),
        ("a\u2028b\n", "a\u2028b\nc\n", "--- old\n+++ new\n@@ -1 +1,2 @@\n a\u2028b\n+c\n"),
    ],
)
def test_ends_of_texts_and_lines_are_written_as_diff_does(old: str, new: str, expected: str) -> None:
    assert run(old, new).unified == expected


def test_two_large_texts_with_nothing_in_common_cost_nothing() -> None:
    started = time.process_time()
    found = run("".join(f"a{n}\n" for n in range(2_000)), "".join(f"b{n}\n" for n in range(2_000)))
    assert (found.added, found.removed, found.similarity) == (2_000, 2_000, "0")
    assert time.process_time() - started < 5.0


def test_the_worst_texts_end_in_time_with_a_limit() -> None:
    rng = random.Random(9)
    old, new = ("".join(rng.choice("abcdefghijklmnop") + "\n" for _ in range(MAX_LINES)) for _ in range(2))
    started = time.process_time()
    with pytest.raises(ToolError) as caught:
        run(old, new)
    assert caught.value.code == "limit_exceeded"
    assert time.process_time() - started < 25.0


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(ToolError, match=str(MAX_LINES)):
        run("a\n" * (MAX_LINES + 1), "")


def test_similarity_is_exact_and_rounded() -> None:
    found = run("a\nb\nc\n", "a\nb\nx\ny\n")
    assert (found.similarity, found.similarity_percent) == ("4/7", "57.14")
    assert (run("", "").similarity, run("", "").identical) == ("1", True)


def test_the_answer_counts_in_both_languages() -> None:
    args = {"old": "a\nb\n", "new": "a\nc\n"}
    assert invoke("text_diff", args).answer == "1 line added, 1 removed, 1 unchanged (50.00 % similar)."
    german = invoke("text_diff", args, AnswerStyle(language="de")).answer
    assert german == "1 Zeile neu, 1 entfernt, 1 gleich (50,00 % ähnlich)."
