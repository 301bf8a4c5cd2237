"""Draws random lines of the product and one break for each. A seed always draws the same from the same sources."""

import ast
import random
from collections.abc import Iterator, Mapping

from tests.affected.source_tree import SourceTree
from tests.chaos.mutation.sampling.operators import Break, breaks_in, broken

FOLDERS = ("libs/", "services/")
FAKES = "libs/testing/"  # of tests: no part of the product


def product_sources(tree: SourceTree) -> dict[str, str]:
    """Path → text of the files that can be broken."""
    paths = (path for path in tree.files if path.startswith(FOLDERS) and path.endswith(".py"))
    return {path: (tree.root / path).read_text() for path in paths if not path.startswith(FAKES)}


def draw(sources: Mapping[str, str], seed: int) -> Iterator[tuple[str, Break]]:
    """Yield a break for each line that allows one, lines in random order. Taking more continues the same sample."""
    lines: dict[tuple[str, int], list[Break]] = {}
    for path, text in sources.items():
        for each in breaks_in(text):
            lines.setdefault((path, each.line), []).append(each)
    order = sorted(lines)
    random.Random(seed).shuffle(order)
    for path, line in order:
        choices = list(lines[path, line])
        random.Random(f"{seed}:{path}:{line}").shuffle(choices)
        chosen = next((each for each in choices if _differs(sources[path], each)), None)
        if chosen is not None:
            yield path, chosen


def _differs(text: str, chosen: Break) -> bool:
    """Whether the broken source is still Python, and not the same program."""
    try:
        return ast.dump(ast.parse(broken(text, chosen))) != ast.dump(ast.parse(text))
    except SyntaxError:
        return False
