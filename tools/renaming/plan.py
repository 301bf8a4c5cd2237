"""From a table and a tree to all edits; nothing is written here."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from renaming.attribute_names import AttributeNames, makers_of
from renaming.edits import Edit, RenameError, apply_edits
from renaming.guards import guard_edits
from renaming.imports import ImportEdits, SourceFile, aliases_of
from renaming.local_names import LocalNames, keyword_edits, others_with
from renaming.merges import merged
from renaming.scopes import Reader, arguments_of
from renaming.source_tree import TABLES, SourceTree, module_of
from renaming.table import NameRow, Table
from renaming.texts import Prose, TextMap, string_tokens
from renaming.words import Words, new_packages, rows_of_class, words_of


@dataclass
class Plan:
    """Files to move, to write (by their path afterwards) and to look at."""

    moves: dict[str, str]
    writes: dict[str, bytes]
    warnings: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.moves and not self.writes


def plan(table: Table, tree: SourceTree, root: Path) -> Plan:
    """Raises RenameError with every reason found."""
    return _Planner(words_of(table, tree), tree, root).plan()


class _Planner:
    def __init__(self, words: Words, tree: SourceTree, root: Path) -> None:
        self._words, self._tree, self._root = words, tree, root
        self._table = words.table
        self._edits: dict[str, list[Edit]] = {}
        self._faults: list[str] = []
        self._warnings: list[str] = []
        self._parsed: dict[str, SourceFile] = {}
        self._text_map, self._prose = TextMap(words), Prose(words.table.names)

    def plan(self) -> Plan:
        self._require_definitions()
        self._stop_at_faults()
        self._top_level()
        self._stop_at_faults()
        self._members()
        self._locals()
        self._stop_at_faults()
        for path in self._tree.files:
            self._texts(path)
        for path in self._tree.files:
            self._add(path, guard_edits(path, self._tree, self._edits))
        return self._written()

    def _stop_at_faults(self) -> None:
        if self._faults:
            raise RenameError(self._faults)

    def _add(self, path: str, edits: Iterator[Edit] | list[Edit]) -> None:
        found = list(edits)
        if found:
            self._edits.setdefault(path, []).extend(found)

    def _parse(self, path: str) -> SourceFile:
        if path not in self._parsed:
            source, module = self._tree.files[path], module_of(path)
            try:
                reader = Reader(source, module, is_package=path.endswith("/__init__.py"))
            except SyntaxError as error:
                raise RenameError([f"{path}:{error.lineno}: {error.msg}"]) from error
            self._parsed[path] = SourceFile(path, module, source, reader)
        return self._parsed[path]

    def _files_with(self, words: set[str]) -> list[str]:
        if not words:
            return []
        pattern = re.compile(rb"\b(?:%s)\b" % "|".join(sorted(map(re.escape, words))).encode())
        return [path for path, text in self._tree.files.items() if path.endswith(".py") and pattern.search(text)]

    # Top-level names and modules

    def _require_definitions(self) -> None:
        for row in self._table.names:
            path = next((p for m in self._words.spellings_of(row.module) if (p := self._tree.modules.get(m))), None)
            if path is None:
                self._faults.append(f"{row.scope}: no module {row.module}")
            elif row.is_top_level:
                self._faults += self._definition_faults(row, self._parse(path))
            elif row.parameter and len(row.path) == 1 and row.path[0][0].islower():
                self._faults += _parameter_faults(row, self._parse(path), self._words)

    def _definition_faults(self, row: NameRow, file: SourceFile) -> Iterator[str]:
        scope = file.reader.module_scope
        if row.old in scope.imports:
            yield f"{row.scope}: imported from {scope.imports[row.old]}: name it there"
        elif row.old in scope.bound and row.new in scope.bound:
            yield f"{row.scope} -> {row.new}: both are bound in {file.path}"
        elif row.old not in scope.bound and row.new not in scope.bound:
            yield f"{row.scope}: neither it nor {row.new} is bound in {file.path}"

    def _top_level(self) -> None:
        moved = {Path(row.source).stem for row in self._table.all_moves}
        names = {entity.rpartition(".")[2] for entity in self._words.entities}
        paths = self._files_with(moved | names)
        paths += [path for path in self._words.paths if path.endswith(".py") and b"from ." in self._tree.files[path]]
        files = [self._parse(path) for path in dict.fromkeys(paths)]
        aliases = aliases_of(files)
        for file in files:
            try:
                self._add(file.path, ImportEdits(file, self._words, aliases).edits())
            except RenameError as error:
                self._faults += error.reasons

    # Members and parameters

    def _members(self) -> None:
        rows = rows_of_class(self._table)
        if not rows:
            return
        from renaming.families import families  # mypy takes a second to import
        from renaming.members import MemberEdits
        from renaming.typed_tree import check

        functions = [row for row in rows if row.parameter and len(row.path) == 1 and not row.path[0][0].isupper()]
        paths = self._files_with({row.path[-1] for row in rows} | {row.old for row in rows})
        paths += [p for row in rows for m in self._words.spellings_of(row.module) if (p := self._tree.modules.get(m))]
        typed = check(self._root, dict.fromkeys(paths))
        found = families([row for row in rows if row not in functions], typed, self._words)
        for path in dict.fromkeys(paths):
            members = MemberEdits(self._parse(path), typed, found, functions)
            edits = list(members.edits())
            self._add(path, edits)
            self._faults += members.faults
            self._warnings += members.strings if edits else []

    # Variables and parameters of functions

    def _locals(self) -> None:
        rows, keywords, changed = self._table.locals, dict[str, dict[str, str]](), dict[str, list[Edit]]()
        for path in self._files_with({row.old for row in rows}):
            within = [row for row in rows if row.is_in(path)]
            if within:
                names = LocalNames(self._parse(path), within, keywords)
                changed[path] = names.edits()
                self._add(path, changed[path])
                self._faults += names.faults
        parameters = {name for renamed in keywords.values() for name in renamed}
        for path in self._files_with(parameters):
            found = list(keyword_edits(self._parse(path), keywords))
            self._add(path, found)
            self._warnings += others_with(self._parse(path), keywords, changed.get(path, []))

        attributes = self._table.attributes
        files = [
            self._parse(path)
            for path in self._files_with({row.old for row in attributes})
            if any(row.is_in(path) for row in attributes)
        ]
        makers = makers_of(files, attributes)
        for file in files:
            self._add(
                file.path, AttributeNames(file, [row for row in attributes if row.is_in(file.path)], makers).edits()
            )

    # Texts

    def _texts(self, path: str) -> None:
        if path.startswith(TABLES):
            return
        texts, prose = self._text_map, self._prose
        text = self._tree.files[path].decode(errors="replace")
        if not path.endswith(".py"):
            if "\ufffd" not in text:
                self._add(path, _apart([*texts.edits(text)], [*prose.edits(text)]))
            return
        is_moved = path in self._words.paths
        if is_moved and "__file__" in text:
            self._warnings.append(f"{path}: reads __file__, and moves")
        if texts.touches(text) or prose.touches(text):
            code = self._edits.get(path, [])
            self._add(path, _apart(code, list(self._string_edits(path, texts, prose)))[len(code) :])

    def _string_edits(self, path: str, texts: TextMap, prose: Prose) -> Iterator[Edit]:
        docstrings = {start for start, _ in _docstrings(self._parse(path))}
        for offset, text, is_comment in string_tokens(self._tree.files[path]):
            mapped = list(texts.edits(text, offset))
            yield from mapped
            if is_comment or offset in docstrings:
                yield from _apart(mapped, list(prose.edits(text, offset)))[len(mapped) :]

    # The result

    def _written(self) -> Plan:
        writes, texts = dict(new_packages(self._words, self._tree)), dict[str, bytes]()
        for path, edits in self._edits.items():
            try:
                texts[path] = apply_edits(self._tree.files[path], edits)
            except RenameError as error:
                self._faults += [f"{path}: {reason}" for reason in error.reasons]
                continue
            if texts[path] != self._tree.files[path]:
                writes[self._words.paths.get(path, path)] = texts[path]
        self._stop_at_faults()
        for merge in self._table.merges:
            sources = [path for path in merge.sources if path in self._tree.files]
            if sources not in ([], [merge.target]):
                contents = [texts.get(path, self._tree.files[path]) for path in sources]
                writes[merge.target] = merged(contents, {module_of(merge.target)}, merge.docstring, merge.target)
        return Plan(dict(self._words.paths), writes, self._warnings)


def _apart(first: list[Edit], second: list[Edit]) -> list[Edit]:
    """Both, without those of the second that overlap one of the first."""
    taken = [(edit.start, edit.end) for edit in first]
    return first + [edit for edit in second if all(edit.end <= start or edit.start >= end for start, end in taken)]


def _docstrings(file: SourceFile) -> Iterator[tuple[int, str]]:
    for node in ast.walk(file.reader.tree):
        body = getattr(node, "body", None)
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not body:
            continue
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield file.reader.start_of(first.value), str(first.value.value)


def _parameter_faults(row: NameRow, file: SourceFile, words: Words) -> Iterator[str]:
    names = {row.path[0], words.entities.get(f"{row.module}.{row.path[0]}", row.path[0])}
    functions = [
        node
        for node in file.reader.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in names
    ]
    parameters = {argument.arg for function in functions for argument in arguments_of(function.args)}
    if not parameters & {row.old, row.new}:
        yield f"{row.scope}: neither it nor {row.new} is a parameter"
