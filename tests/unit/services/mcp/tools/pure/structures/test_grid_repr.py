"""`grid_repr`: a drawing from which the grid can be read again."""

import json
import random
from collections.abc import Iterator

import numpy
import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.structures.grid_repr import GridArguments, GridResult, grid_repr
from tests.support.mcp.exactness import Exactness


def run(data: str, label: str = "") -> GridResult:
    return grid_repr(GridArguments(data=data, label=label))


def grids(exact: Exactness, count: int, seed: int) -> Iterator[list[list[str]]]:
    rng = random.Random(seed)
    for _ in exact.cases("grid_repr", count):
        values = [str(rng.randrange(10 ** rng.randrange(1, 4))) for _ in range(4)]
        width = rng.randrange(1, 15)
        half = [[rng.choice(values) for _ in range(width)] for _ in range(rng.randrange(1, 13))]
        yield rng.choice((half, half, half + half[::-1], [row + row[::-1] for row in half], squared(half)))


def squared(rows: list[list[str]]) -> list[list[str]]:
    """Grid that is its own mirror at the diagonal."""
    size = range(min(len(rows), len(rows[0])))
    return [[rows[min(row, column)][max(row, column)] for column in size] for row in size]


def test_the_drawing_can_be_read_again_with_its_numbers(exact: Exactness) -> None:
    for rows in grids(exact, 1_000, 51):
        head, rule, *body = run(json.dumps(rows)).text.split("\n")
        assert head.split("|")[1].split() == [str(n) for n in range(len(rows[0]))]
        assert [line.split("|")[0].strip() for line in body] == [str(n) for n in range(len(rows))]
        assert [line.split("|")[1].split() for line in body] == rows
        assert {len(line) for line in (head, rule, *body)} == {len(rule)}


@pytest.mark.parametrize("separator", [" ", ",", ", ", ";", "\t", " | "])
def test_cells_may_be_parted_in_many_ways(exact: Exactness, separator: str) -> None:
    for rows in grids(exact, 200, 52):
        if len(rows[0]) > 1:
            assert [list(row) for row in run("\n".join(separator.join(row) for row in rows)).cells] == rows


def test_json_rows_and_bare_digits_are_read_alike(exact: Exactness) -> None:
    rng = random.Random(53)
    for _ in exact.cases("grid_repr", 300):
        rows = [[rng.randrange(10) for _ in range(5)] for _ in range(rng.randrange(1, 9))]
        bare = run("\n".join("".join(map(str, row)) for row in rows))
        assert run(str(rows)).cells == bare.cells == tuple(tuple(map(str, row)) for row in rows)


def test_counts_and_symmetries_are_those_of_numpy(exact: Exactness) -> None:
    for rows in grids(exact, 1_000, 54):
        found, peer = run(str([[int(cell) for cell in row] for row in rows])), numpy.array(rows, dtype=int)
        values, counts = numpy.unique(peer, return_counts=True)
        told = {one.value: one.count for one in found.counts}
        assert told == {str(value): count for value, count in zip(values, counts, strict=True)}
        assert [one.count for one in found.counts] == sorted((one.count for one in found.counts), reverse=True)
        assert (found.rows, found.columns) == peer.shape
        assert found.symmetric_left_right == numpy.array_equal(peer, numpy.fliplr(peer))
        assert found.symmetric_top_bottom == numpy.array_equal(peer, numpy.flipud(peer))
        assert found.symmetric_diagonal == numpy.array_equal(peer, peer.T)


@pytest.mark.parametrize(
    ("data", "left_right", "top_bottom", "diagonal"),
    [
        ("[[1,2,1],[3,4,3]]", True, False, False),
        ("[[1,2],[1,2]]", False, True, False),
        ("[[1,2],[2,1]]", False, False, True),
        ("[[1]]", True, True, True),
    ],
)
def test_symmetries_are_told(data: str, *, left_right: bool, top_bottom: bool, diagonal: bool) -> None:
    found = run(data)
    told = found.symmetric_left_right, found.symmetric_top_bottom, found.symmetric_diagonal
    assert told == (left_right, top_bottom, diagonal)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("[[1,2],[3]]", "invalid_argument"),
        ("1 2\n3", "invalid_argument"),
        ("[1,2]", "invalid_argument"),
        ("[[]]", "invalid_argument"),
        ("[]", "invalid_argument"),
        ("   ", "invalid_argument"),
        ("[[1.5]]", "invalid_argument"),
        ("[[true]]", "invalid_argument"),
        ("[[null]]", "invalid_argument"),
        ("[[1,2]", "invalid_argument"),
        ("[" * 20_000, "invalid_argument"),
        ("[[" + "9" * 5000 + "]]", "invalid_argument"),
        ("1" * 101, "limit_exceeded"),
        ("1 2\n" * 101, "limit_exceeded"),
        ("[[123456789]]", "limit_exceeded"),
        ('[["a\\nb"]]', "limit_exceeded"),
        ("x" * 20_001, "limit_exceeded"),
        ("1,5;2,5\n3,5;4,5", "ambiguous"),
        ("1,5 2,5\n3,5 4,5", "ambiguous"),
        ("1,5\t2,5", "ambiguous"),
    ],
    ids=range(20),
)
def test_what_is_no_grid_is_refused(data: str, code: str) -> None:
    args: dict[str, JsonValue] = {"data": data}
    with pytest.raises(ToolError) as caught:
        invoke("grid_repr", args)
    assert caught.value.code == code
