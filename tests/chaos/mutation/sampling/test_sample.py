"""A sample is the same for a seed, resumes after an interruption, and keeps the verdicts of a reader."""

import json
from itertools import islice
from pathlib import Path

import click
import pytest

from tests.affected.source_tree import SourceTree
from tests.chaos.mutation.sampling.operators import broken
from tests.chaos.mutation.sampling.results import EQUIVALENT, Results, Trial, load
from tests.chaos.mutation.sampling.sample import draw, product_sources

SOURCES = {f"libs/m{number}.py": "def f(a, b):\n    x = a < b\n    g(5)\n    return x\n" for number in range(20)}


def trial(outcome: str, verdict: str = "", missed: list[str] | None = None) -> Trial:
    return Trial("a.py", 1, "not removed", "not a", "a", outcome, "", 1, 0.5, missed, verdict)


def test_a_seed_always_draws_the_same_and_another_seed_something_else() -> None:
    assert list(draw(SOURCES, 7)) == list(draw(dict(reversed(SOURCES.items())), 7))
    assert list(draw(SOURCES, 7)) != list(draw(SOURCES, 8))


def test_each_line_is_drawn_once_and_more_lines_continue_the_sample() -> None:
    drawn = list(draw(SOURCES, 7))
    assert len({(path, each.line) for path, each in drawn}) == len(drawn) == 3 * len(SOURCES)
    assert list(islice(draw(SOURCES, 7), 5)) == drawn[:5]
    assert [(path, each.line) for path, each in drawn] != sorted((path, each.line) for path, each in drawn)


def test_a_drawn_break_is_python_and_another_program() -> None:
    sources = {"libs/a.py": "x = 0\ny = max(a, b)\n"}
    assert sorted(broken(sources[path], each) for path, each in draw(sources, 1)) == [
        "x = 0\ny = min(a, b)\n",
        "x = 1\ny = max(a, b)\n",
    ]


def test_fakes_tests_and_other_files_are_not_broken(tmp_path: Path) -> None:
    files = ("libs/a.py", "libs/testing/fake.py", "services/b.py", "services/b.sql", "tests/test_c.py", "tools/d.py")
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = 1\n")
    assert set(product_sources(SourceTree(tmp_path, files))) == {"libs/a.py", "services/b.py"}


def test_results_are_continued_with_their_verdicts(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results = load(file, 1, SOURCES)
    results.trials.append(trial("survived"))
    results.save(file)
    written = json.loads(file.read_text())
    written["trials"][0] |= {"verdict": EQUIVALENT, "reason": "the order does not matter"}
    file.write_text(json.dumps(written))
    (again,) = load(file, 1, SOURCES).trials
    assert (again.verdict, again.reason) == (EQUIVALENT, "the order does not matter")


def test_results_of_another_sample_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    load(file, 1, SOURCES).save(file)
    with pytest.raises(click.ClickException, match="other sources"):
        load(file, 2, SOURCES)
    with pytest.raises(click.ClickException, match="other sources"):
        load(file, 1, SOURCES | {"libs/m0.py": ""})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": 1, "sources": "", "trials": [{}]}'])
def test_a_file_that_holds_no_results_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(click.ClickException, match="no file of results"):
        load(file, 1, SOURCES)


def test_an_unknown_verdict_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results = load(file, 1, SOURCES)
    results.trials.append(trial("survived", "fine"))
    results.save(file)
    with pytest.raises(click.ClickException, match="'fine'"):
        load(file, 1, SOURCES)


def test_equivalent_breaks_and_those_without_a_result_are_left_out_of_the_share() -> None:
    outcomes = [trial("caught"), trial("caught"), trial("survived", EQUIVALENT), trial("unfinished"), trial("hang")]
    summary = Results(1, "", outcomes).summary()
    assert (summary["caught_share"], summary["equivalent"], summary["trials"]) == (0.6667, 1, 5)


@pytest.mark.parametrize(
    ("each", "clean"),
    [
        (trial("caught"), True),
        (trial("survived", EQUIVALENT), True),
        (trial("survived"), False),
        (trial("survived", "hole"), False),
        (trial("hang"), False),
        (trial("unfinished"), False),
        (trial("unreliable"), False),
        (trial("caught", missed=["tests/unit/test_a.py::test_x"]), False),
        (trial("caught", missed=[]), True),
    ],
    ids=lambda value: f"{value.outcome}-{value.verdict}-{value.missed}" if isinstance(value, Trial) else "",
)
def test_a_sample_is_clean_when_every_break_was_caught_or_changes_nothing(each: Trial, *, clean: bool) -> None:
    assert Results(1, "", [each]).is_clean is clean
