"""Which classes share a member: the one that a row names, overrides, and what implements it as a protocol."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mypy.nodes import TypeInfo
from mypy.subtypes import is_protocol_implementation
from mypy.types import AnyType, Instance, TypeOfAny
from mypy.typevars import fill_typevars
from renaming.edits import RenameError
from renaming.table import NameRow
from renaming.typed_tree import TypedTree
from renaming.words import Words


@dataclass
class Family:
    """Classes that define a member of one row; `applied`: under its new name already."""

    row: NameRow
    root: TypeInfo
    member: str
    definers: dict[str, TypeInfo] = field(default_factory=dict)
    applied: bool = False

    def has(self, info: TypeInfo) -> bool:
        """Whether `x.member` means this member where x is of a class."""
        definer = definer_of(info, self.member)
        if definer is None:
            return self.applied and any(base.fullname == self.root.fullname for base in info.mro)
        return definer.fullname in self.definers


def definer_of(info: TypeInfo, name: str) -> TypeInfo | None:
    return next((base for base in info.mro if name in base.names), None)


def families(rows: Iterable[NameRow], typed: TypedTree, words: Words) -> list[Family]:
    """Raises RenameError for a member that is missing, taken, or shared with a class outside the rows."""
    by_name = {info.fullname: info for info in typed.classes}
    faults: list[str] = []
    found = []
    for row in rows:
        path = row.path[:-1] if not row.parameter or len(row.path) > 1 else row.path
        names = [f"{module}.{'.'.join(path)}" for module in words.spellings_of(row.module)]
        renamed = [f"{name.rpartition('.')[0]}.{words.entities[name]}" for name in names if name in words.entities]
        root = next((by_name[name] for name in (*names, *renamed) if name in by_name), None)
        if root is None:
            faults.append(f"{row.scope}: no such class")
        else:
            found.append(_family(row, root, typed, faults))
    if not faults:
        faults += [fault for family in found for fault in _shared(family, found, typed)]
    if faults:
        raise RenameError(faults)
    return found


def _family(row: NameRow, root: TypeInfo, typed: TypedTree, faults: list[str]) -> Family:
    family = Family(row, root, row.path[-1])
    if family.member in root.names:
        family.definers[root.fullname] = root
        _grow(family, typed.classes)
        if not row.parameter:
            clashes = [info for info in family.definers.values() if definer_of(info, row.new) is not None]
            faults += [f"{row.scope} -> {row.new}: {info.fullname} has it already" for info in clashes]
    elif not row.parameter and row.new in root.names:
        family.applied = True
    else:
        faults.append(f"{row.scope}: no such member")
    return family


def _grow(family: Family, classes: list[TypeInfo]) -> None:
    """Overrides below a definer; whatever implements a definer that is a protocol."""
    before = 0
    while len(family.definers) > before:
        before = len(family.definers)
        for info in classes:
            definer = definer_of(info, family.member)
            if definer is None or definer.fullname in family.definers or definer.module_name == "builtins":
                continue
            if any(_is_below(info, other) for other in list(family.definers.values())):
                family.definers[definer.fullname] = definer


def _is_below(info: TypeInfo, other: TypeInfo) -> bool:
    if any(base.fullname == other.fullname for base in info.mro):
        return True
    if not other.is_protocol:
        return False
    given = fill_typevars(info)
    if not isinstance(given, Instance):
        given = given.partial_fallback
    anything = [AnyType(TypeOfAny.special_form)] * len(other.defn.type_vars)
    return is_protocol_implementation(given, Instance(other, anything))


def _shared(family: Family, every: list[Family], typed: TypedTree) -> list[str]:
    """Classes outside that would no longer fit: a base, or another protocol that a definer implements."""
    if family.member == "__init__":  # parameters of constructors need not agree with those of a base
        return []
    covered = {
        name
        for other in every
        if other.row.new == family.row.new and other.member == family.member
        for name in other.definers
    }
    outside = [info for info in typed.classes if family.member in info.names and info.fullname not in covered]
    faults = []
    for info in family.definers.values():
        bases = [base for base in info.mro[1:] if family.member in base.names and base.fullname not in covered]
        bases += [other for other in outside if other.is_protocol and other not in bases and _is_below(info, other)]
        faults += [
            f"{family.row.scope}: {info.fullname} has this member from {base.fullname}, too: it needs a row"
            for base in bases
        ]
    return faults
