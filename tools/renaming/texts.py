"""Dotted names and paths in strings, comments and files that are no Python."""

import io
import re
import tokenize
from collections.abc import Iterator, Mapping

from renaming.edits import Edit
from renaming.table import NameRow
from renaming.words import Words


class TextMap:
    """Replaces paths and dotted names that the table changes, the longest first."""

    def __init__(self, words: Words) -> None:
        dotted = {old: new for old, new in words.modules.items() if "." in old and not words.is_taken(old)}
        for entity, new in words.entities.items():
            module, _, name = entity.rpartition(".")
            dotted[entity] = f"{words.after(module)}.{new}"
            dotted[f"{module}:{name}"] = f"{words.after(module)}:{new}"
        paths = {row.source: row.target for row in words.renamed_paths}
        paths |= {
            old.removesuffix(".py"): new.removesuffix(".py")
            for old, new in paths.items()
            if old.endswith(".py") and not new.startswith(old.removesuffix(".py") + "/")
        }
        dotted |= {new: new for new in dotted.values() if new not in dotted}  # what is changed already stays
        paths |= {new: new for new in paths.values() if new not in paths}
        self._after = dotted | paths
        self._pattern = _pattern(dotted, paths)

    def edits(self, text: str, at: int = 0) -> Iterator[Edit]:
        """Edits of a text that starts `at` bytes into its file."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            after = self._after[match[0]]
            if after != match[0]:
                start = at + len(text[: match.start()].encode())
                yield Edit(start, start + len(match[0].encode()), after.encode())

    def touches(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def mapped(self, text: str) -> str:
        return self._pattern.sub(lambda match: self._after[match[0]], text) if self._pattern else text


def _pattern(dotted: Mapping[str, str], paths: Mapping[str, str]) -> re.Pattern[str] | None:
    def one_of(names: Mapping[str, str]) -> str:
        return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))

    patterns = [rf"(?<![\w./-])(?:{one_of(dotted)})(?![\w])"] if dotted else []
    if paths:
        patterns.append(rf"(?:(?<![\w/.-])|(?<=\./)|(?<=[}})]/))(?:{one_of(paths)})(?![\w-])(?!\.\w)")
    return re.compile("|".join(patterns)) if patterns else None


def string_tokens(source: bytes) -> Iterator[tuple[int, str, bool]]:
    """(offset in bytes, text, whether it is a comment) of every string and comment."""
    lines = source.decode().split("\n")
    starts = [0, *(match.end() for match in re.finditer(rb"\n", source))]
    for token in tokenize.generate_tokens(io.StringIO(source.decode()).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            line, column = token.start
            offset = starts[line - 1] + len(lines[line - 1][:column].encode())
            yield offset, token.string, token.type == tokenize.COMMENT


class Prose:
    """Rows with `prose = true`: compound class names as whole words, other names between backticks."""

    def __init__(self, rows: tuple[NameRow, ...]) -> None:
        self._after = {row.old: row.new for row in rows if row.prose}
        self._words = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._after))})\b") if self._after else None

    def touches(self, text: str) -> bool:
        return self._words is not None and self._words.search(text) is not None

    def edits(self, text: str, at: int = 0) -> Iterator[Edit]:
        if self._words is None:
            return
        for match in self._words.finditer(text):
            if _is_compound(match[0]) or _is_code(text, match.start(), match.end()):
                start = at + len(text[: match.start()].encode())
                yield Edit(start, start + len(match[0].encode()), self._after[match[0]].encode())


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a word stands between backticks on its line."""
    before, after = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    return before.count("`") % 2 == 1 and "`" in after


def _is_compound(name: str) -> bool:
    """Whether a class has a name that is no English word: `RateLimiter`, not `Turns`."""
    return name[0].isupper() and len(re.findall(r"[A-Z]", name)) > 1
