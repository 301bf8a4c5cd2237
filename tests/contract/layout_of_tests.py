"""Where tests and their helper modules are: pure functions over the paths of a tree and the imports of its tests."""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

SUPPORT = "tests/support/"
UNIT = "tests/unit/"
OTHER_SUITES = ("tests.brokers", "tests.e2e", "tests.flow", "tests.integration")


def helpers_elsewhere(files: Mapping[str, str], tool_folders: Collection[str]) -> list[str]:
    """Modules of tests that are neither test files nor fixtures, outside `tests/support` and the folders of tools."""
    return sorted(
        path
        for path, text in files.items()
        if path.startswith("tests/")
        and not path.startswith((SUPPORT, *tool_folders))
        and not _is_test(path)
        and _name(path) != "conftest.py"
        and text.strip()
    )


def imports_of_tests(files: Mapping[str, str]) -> list[str]:
    """Imports of other suites: support knows no test, and a unit test knows support and other unit tests."""
    return sorted(
        f"{path}: {module}"
        for path, text in files.items()
        if path.startswith((SUPPORT, UNIT))
        for module in _imported(text)
        if _is_below(module, (*OTHER_SUITES, "tests.unit") if path.startswith(SUPPORT) else OTHER_SUITES)
    )


def imports_of_tools(files: Mapping[str, str], tool_folders: Collection[str]) -> list[str]:
    """Imports of modules of tools: what suites and tools share is in `tests/support`."""
    packages = [folder.rstrip("/").replace("/", ".") for folder in tool_folders]
    return sorted(
        f"{path}: {module}" for path, text in files.items() for module in _imported(text) if _is_below(module, packages)
    )


def unmirrored(tests: Collection[str], sources: Collection[str]) -> list[str]:
    """Unit test files that do not carry the name of a module of the product, of its tools or of the tests' own.

    `tests/unit/a/test_b.py` is of `a/b.py` or of the package `a/b`; `tests/unit/a/b/test_aspect.py` of `a/b.py`.
    """
    modules = {path.removesuffix(".py").removesuffix("/__init__") for path in sources}
    modules |= {str(PurePosixPath(path).parent) for path in sources}
    files = {path.removesuffix(".py") for path in sources}
    return sorted(path for path in tests if not {_subject(path)} & modules and _folder(path) not in files)


def polls(files: Mapping[str, str]) -> list[str]:
    """Loops that only sleep: they wait for a condition, and only `eventually` records how long."""
    return [
        f"{path}:{node.lineno}: use `eventually` of libs.testing.waiting"
        for path, text in files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.While) and all(_is_sleep(statement) for statement in node.body)
    ]


def _name(path: str) -> str:
    return PurePosixPath(path).name


def _is_test(path: str) -> bool:
    return _name(path).startswith("test_")


def _subject(path: str) -> str:
    below = PurePosixPath(path.removeprefix(UNIT))
    return str(below.parent / below.stem.removeprefix("test_"))


def _folder(path: str) -> str:
    return str(PurePosixPath(path.removeprefix(UNIT)).parent)


def _is_below(module: str, packages: Collection[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)


def _is_sleep(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Await(ast.Call(func=ast.Attribute(ast.Name("asyncio"), "sleep")))):
            return True
    return False
