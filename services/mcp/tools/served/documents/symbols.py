"""What files of programs define: by the syntax tree for Python, by the beginnings of lines for others."""

import ast
import re
from collections.abc import Iterator, Mapping

from services.mcp.tools.served.documents.jobs import SourceFile, Symbol, SymbolsFound, SymbolsJob, SymbolsOfFile

MAX_SYMBOLS_A_FILE = 200
_MAX_LINE_CHARS = 400
_NAME = r"(?P<name>[A-Za-z_$][\w$]{0,100})"
_SCRIPT = re.compile(
    rf"\s{{0,4}}(export\s+)?(default\s+)?(declare\s+)?(async\s+)?(abstract\s+)?"
    rf"(?P<kind>class|function|interface|type|enum|namespace)\s*\*?\s+{_NAME}"
)
_GO = re.compile(rf"(?P<kind>func|type)\s+(\([^)]{{0,80}}\)\s*)?{_NAME}")
_RUST = re.compile(
    rf"\s{{0,4}}(pub(\([a-z]+\))?\s+)?(async\s+)?(unsafe\s+)?(?P<kind>fn|struct|enum|trait|mod|type|macro_rules!)\s+{_NAME}"
)
_JAVA = re.compile(
    rf"\s{{0,8}}((public|protected|private|internal|static|final|abstract|sealed|partial|data|open)\s+){{0,5}}"
    rf"(?P<kind>class|interface|enum|record|struct|object|fun)\s+{_NAME}"
)
_C = re.compile(rf"(typedef\s+)?(?P<kind>struct|enum|union|class|namespace)\s+{_NAME}\s*(\{{|:|$)")
_RUBY = re.compile(rf"\s{{0,8}}(?P<kind>class|module|def)\s+(self\.)?{_NAME}")
_SHELL = re.compile(rf"(?P<kind>function\s+)?{_NAME}\s*\(\)\s*\{{")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "cjs"), _SCRIPT),
    "go": _GO,
    "rs": _RUST,
    **dict.fromkeys(("java", "kt", "cs", "scala"), _JAVA),
    **dict.fromkeys(("c", "h", "cpp", "hpp", "cc"), _C),
    "rb": _RUBY,
    **dict.fromkeys(("sh", "bash"), _SHELL),
}
LANGUAGES = frozenset(_PATTERNS) | {"py", "pyi"}


def find_symbols(job: SymbolsJob) -> SymbolsFound:
    """Definitions in each file, at most `MAX_SYMBOLS_A_FILE` a file."""
    return SymbolsFound(files=tuple(_of_file(file) for file in job.files))


def _of_file(file: SourceFile) -> SymbolsOfFile:
    ending = file.path.rpartition(".")[2].lower()
    if ending not in ("py", "pyi"):
        found = tuple(_by_line(file.text, _PATTERNS[ending])) if ending in _PATTERNS else ()
        return SymbolsOfFile(path=file.path, symbols=found[:MAX_SYMBOLS_A_FILE])
    try:
        found = tuple(_of_python(ast.parse(file.text), None))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return SymbolsOfFile(path=file.path, symbols=(), readable=False)
    return SymbolsOfFile(path=file.path, symbols=found[:MAX_SYMBOLS_A_FILE])


def _of_python(tree: ast.Module | ast.ClassDef, parent: str | None) -> Iterator[Symbol]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield Symbol(kind="class", name=node.name, line=node.lineno, parent=parent)
            yield from _of_python(node, node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Symbol(kind="def", name=node.name, line=node.lineno, parent=parent)


def _by_line(text: str, pattern: re.Pattern[str]) -> Iterator[Symbol]:
    for number, line in enumerate(text.split("\n"), 1):
        if found := pattern.match(line[:_MAX_LINE_CHARS]):
            yield Symbol(kind=(found["kind"] or "function").strip(), name=found["name"], line=number)
