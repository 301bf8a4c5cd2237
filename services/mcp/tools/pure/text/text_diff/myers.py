"""The fewest deleted and inserted lines: Myers, "An O(ND) Difference Algorithm and Its Variations" (1986)."""

from array import array
from collections.abc import Sequence
from typing import TypeAlias

from services.mcp.contract import ToolError

MAX_EDITS = 1_000
Pairs: TypeAlias = list[tuple[int, int]]
Furthest: TypeAlias = "array[int]"


def unchanged(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """(old, new) indexes of a longest common subsequence, in order.

    Lines of one side only are in no common subsequence: they cost nothing. Raises ToolError if common lines are moved
    by more than `MAX_EDITS`: the work grows with its square.
    """
    shared = set(old) & set(new)
    kept_old = [index for index, line in enumerate(old) if line in shared]
    kept_new = [index for index, line in enumerate(new) if line in shared]
    pairs = _common([old[index] for index in kept_old], [new[index] for index in kept_new])
    return [(kept_old[x], kept_new[y]) for x, y in pairs]


def _common(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """Walk a shortest edit path back from its end and collect its diagonals."""
    trace = _search(old, new)
    pairs: Pairs = []
    x, y = len(old), len(new)
    for edits in range(len(trace), 0, -1):
        reached = trace[edits - 1]
        diagonal = _predecessor(reached, edits - 1, x - y)
        before_x = reached[diagonal + edits - 1]
        before_y = before_x - diagonal
        pairs += _diagonal_steps(x, y, min(x - before_x, y - before_y))
        x, y = before_x, before_y
    pairs += _diagonal_steps(x, y, x)
    return pairs[::-1]


def _search(old: Sequence[str], new: Sequence[str]) -> list[Furthest]:
    """Return, for each number of edits below the answer, the furthest x on the diagonals from -edits to edits."""
    trace: list[Furthest] = []
    reached: Furthest = array("i", [0])
    for edits in range(MAX_EDITS + 1):
        furthest: Furthest = array("i", bytes(4 * (2 * edits + 1)))
        for diagonal in range(-edits, edits + 1, 2):
            x = _slide(old, new, _entry(reached, edits - 1, diagonal), diagonal)
            furthest[diagonal + edits] = x
            if x >= len(old) and x - diagonal >= len(new):
                return trace
        trace.append(furthest)
        reached = furthest
    raise ToolError("limit_exceeded", f"lines that both texts have, in another order: the limit is {MAX_EDITS} edits")


def _entry(reached: Furthest, edits: int, diagonal: int) -> int:
    """Point where a path enters a diagonal: by an insertion from above, or a deletion from the left."""
    if edits < 0:
        return 0
    before = _predecessor(reached, edits, diagonal)
    return reached[before + edits] + (before < diagonal)


def _predecessor(reached: Furthest, edits: int, diagonal: int) -> int:
    left, above = diagonal - 1, diagonal + 1
    if left < -edits or (above <= edits and reached[left + edits] < reached[above + edits]):
        return above
    return left


def _slide(old: Sequence[str], new: Sequence[str], x: int, diagonal: int) -> int:
    while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
        x += 1
    return x


def _diagonal_steps(x: int, y: int, count: int) -> Pairs:
    return [(x - step, y - step) for step in range(1, count + 1)]
