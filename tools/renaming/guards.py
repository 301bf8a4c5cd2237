"""Lines of the product that mutation guards quote: they change as the line itself does."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from renaming.edits import Edit
from renaming.source_tree import SourceTree

_QUOTES = re.compile(rb"Mutation\(|GUARDS")


def guard_edits(path: str, tree: SourceTree, changes: Mapping[str, Sequence[Edit]]) -> Iterator[Edit]:
    """Edits of `Mutation(promise, file, line, becomes, …)` in one file, given those of the files that are quoted."""
    source = tree.files[path]
    if not path.endswith(".py") or not _QUOTES.search(source):
        return
    starts = [0, *(match.end() for match in re.finditer(rb"\n", source))]
    for call in ast.walk(ast.parse(source)):
        texts = _quotation(call)
        if texts is None or not changes.get(str(texts[0].value)) or str(texts[0].value) not in tree.files:
            continue
        of_line, of_file = _replaced(tree.files[str(texts[0].value)], str(texts[1].value), changes[str(texts[0].value)])
        for node, words in ((texts[1], of_line), (texts[2], of_file | of_line)):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            yield from _in_literal(source[start:end], start, words)


def _quotation(call: ast.AST) -> tuple[ast.Constant, ast.Constant, ast.Constant] | None:
    """File, line, and what becomes of it."""
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Mutation":
        return None
    named = {word.arg: word.value for word in call.keywords}
    parts = [
        *call.args,
        *(named[name] for name in ("promise", "file", "line", "becomes")[len(call.args) :] if name in named),
    ]
    texts = [part for part in parts[1:4] if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return (texts[0], texts[1], texts[2]) if len(texts) == 3 else None


def _replaced(source: bytes, line: str, edits: Sequence[Edit]) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    """Words that change in the line, and in the whole file."""
    start = source.find(line.encode())
    every = {source[edit.start : edit.end]: edit.text for edit in edits}
    if start < 0:
        return {}, {}
    within = [edit for edit in edits if start <= edit.start and edit.end <= start + len(line.encode())]
    return {source[edit.start : edit.end]: edit.text for edit in within}, every


def _in_literal(literal: bytes, at: int, words: Mapping[bytes, bytes]) -> Iterator[Edit]:
    if words:
        for match in re.finditer(rb"(?<![\w])(?:%s)(?![\w])" % b"|".join(map(re.escape, words)), literal):
            yield Edit(at + match.start(), at + match.end(), words[match[0]])
