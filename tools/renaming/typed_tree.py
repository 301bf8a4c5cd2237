"""What mypy knows of a tree: the classes, and the types before each dot and of each call."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from functools import cache
from inspect import isgetsetdescriptor
from pathlib import Path

from mypy import build, main
from mypy.errors import CompileError
from mypy.fscache import FileSystemCache
from mypy.nodes import CallExpr, ClassDef, Expression, MemberExpr, MypyFile, Node, RefExpr, SuperExpr, TypeInfo, Var
from mypy.patterns import ClassPattern
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarLikeType,
    UnionType,
    get_proper_type,
)
from renaming.edits import RenameError

Position = tuple[int, int, int, int]
_ELSEWHERE = {"node", "info", "type", "names", "imports", "fullname", "def_frame", "method_type"}  # no parts
UNKNOWN: None = None  # a type that mypy does not know
Owners = tuple[TypeInfo, ...] | None


@dataclass
class TypedFile:
    """Positions are mypy's: line and column of start and end."""

    members: dict[tuple[int, int, str], Owners] = field(
        default_factory=dict
    )  # end and name of `x.name` -> classes of x
    calls: dict[Position, CallExpr] = field(default_factory=dict)
    patterns: dict[Position, TypeInfo] = field(default_factory=dict)


@dataclass
class TypedTree:
    """Files by path, all classes that these files or what they import define, and the types of expressions."""

    files: dict[str, TypedFile]
    classes: list[TypeInfo]
    paths: dict[str, str]  # module -> path
    types: dict[Expression, Type]

    def owners(self, expression: Expression) -> Owners:
        """The classes whose attributes `expression.name` reads."""
        if isinstance(expression, RefExpr) and isinstance(expression.node, MypyFile):
            return ()
        if isinstance(expression, RefExpr) and isinstance(expression.node, TypeInfo):
            return (expression.node,)
        known = self.types.get(expression)
        return owners_of(known) if known is not None else UNKNOWN


def check(root: Path, paths: Iterable[str]) -> TypedTree:
    """Types of these files; the rest comes from mypy's cache where it is fresh. Raises RenameError at bad syntax."""
    with chdir(root):
        cache = FileSystemCache()
        sources, options = main.process_options([], fscache=cache)
        options.export_types = options.preserve_asts = True
        options.num_workers = 0
        known = {os.path.normpath(source.path): source.path for source in sources if source.path}
        wanted = [path for path in paths if path in known]
        for path in wanted:
            _make_stale(cache, known[path])
        try:
            result = build.build(sources, options, fscache=cache)
        except CompileError as error:
            raise RenameError(error.messages) from error
    return _typed_tree(result, set(wanted))


def _make_stale(cache: FileSystemCache, path: str) -> None:
    """mypy keeps no types of expressions: a file of another size is checked again, its importers are not.

    The size goes to mypy's cache, so it has to be another one each time.
    """
    stat = Path(path).stat()
    times = (stat.st_atime, stat.st_mtime, stat.st_ctime)
    fields = (*tuple(stat)[:6], time.time_ns(), *(int(seconds) for seconds in times), *times)
    cache.stat_or_none_cache[path] = os.stat_result(fields)


def _typed_tree(result: build.BuildResult, wanted: set[str]) -> TypedTree:
    tree = TypedTree({}, [], {}, result.types)
    for module, state in result.graph.items():
        path = os.path.normpath(state.path or "")
        tree.paths[module] = path
        if state.tree is None:
            continue
        if path in wanted:
            tree.files[path] = _collect(tree, state.tree)
        elif not Path(path).is_absolute():
            tree.classes += _classes_of(state.tree)
    return tree


def _classes_of(file: MypyFile) -> Iterator[TypeInfo]:
    for symbol in file.names.values():
        if isinstance(symbol.node, TypeInfo) and symbol.node.module_name == file.fullname:
            yield symbol.node


def _collect(tree: TypedTree, root: MypyFile) -> TypedFile:
    file = TypedFile()
    for node in _nodes(root):
        at = (node.line, node.column, node.end_line or 0, node.end_column or 0)
        if isinstance(node, MemberExpr):
            found = tree.owners(node.expr)
            if found or (*at[2:], node.name) not in file.members:
                file.members[*at[2:], node.name] = found
        elif isinstance(node, SuperExpr):
            bases = node.info.mro[1:] if node.info else []
            file.members[*at[2:], node.name] = next(((base,) for base in bases if node.name in base.names), ())
        elif isinstance(node, CallExpr):
            file.calls[at] = node
        elif isinstance(node, ClassPattern) and isinstance(node.class_ref.node, TypeInfo):
            file.patterns[at] = node.class_ref.node
        elif isinstance(node, ClassDef):
            tree.classes.append(node.info)
    return file


def _nodes(root: MypyFile) -> Iterator[Node]:
    """Every node below, by reflection: mypy's visitors are compiled, and classes of ours cannot extend them."""
    waiting: list[object] = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, list | tuple):
            waiting.extend(node)
        elif isinstance(node, Node) and not isinstance(node, TypeInfo | Var) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [getattr(node, name, None) for name in _attributes(type(node).__mro__)]


@cache
def _attributes(bases: tuple[type, ...]) -> tuple[str, ...]:
    names = {name for base in bases for name, value in vars(base).items() if isgetsetdescriptor(value)}
    return tuple(names - _ELSEWHERE)


def owners_of(kind: Type) -> Owners:
    """The classes of a type; None where one of them is unknown."""
    proper = get_proper_type(kind)
    if isinstance(proper, AnyType):
        return UNKNOWN
    if isinstance(proper, Instance):
        return (proper.type,)
    if isinstance(proper, UnionType):
        parts = [owners_of(item) for item in proper.items]
        return UNKNOWN if UNKNOWN in parts else tuple(info for part in parts for info in part or ())
    inner = _inner(proper)
    return owners_of(inner) if inner is not None else ()


def _inner(kind: ProperType) -> Type | None:
    """The type whose attributes this type has."""
    if isinstance(kind, Overloaded):
        kind = kind.items[0]
    if isinstance(kind, CallableType):
        return kind.ret_type if kind.is_type_obj() else kind.fallback
    if isinstance(kind, TypeVarLikeType):
        return kind.upper_bound
    if isinstance(kind, TupleType):
        return kind.partial_fallback
    if isinstance(kind, TypedDictType | LiteralType):
        return kind.fallback
    return kind.item if isinstance(kind, TypeType) else None
