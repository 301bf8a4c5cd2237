"""Apply a table of renames: `tools/rename.py TABLE [--root .] [--check] [--json]`. See docs/renaming.md."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from renaming.edits import RenameError
from renaming.plan import Plan, plan
from renaming.source_tree import read_folder
from renaming.table import read_table


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: applied, or applicable with --check; 2: a reason why not, and nothing was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--check", action="store_true", help="report what would change, and write nothing")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    options = parser.parse_args(arguments)
    try:
        found = plan(read_table(options.table), read_folder(options.root), options.root)
    except RenameError as error:
        sys.stderr.write("".join(f"error: {reason}\n" for reason in error.reasons))
        return 2
    if not options.check:
        write(found, options.root)
    sys.stdout.write(_as_json(found) if options.json else _as_text(found))
    return 0


def write(found: Plan, root: Path) -> None:
    """Move, write, sort imports and format what was touched; in a repository, moves are staged."""
    for source, target in found.moves.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        (root / source).rename(root / target)
    for path, text in found.writes.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)
    _remove_empty_folders(found, root)
    touched = sorted(path for path in {*found.writes, *found.moves.values()} if path.endswith(".py"))
    _format(touched, root)
    staged = sorted({*found.moves, *found.moves.values(), *found.writes})
    if staged and (root / ".git").exists():
        listed = "\0".join(staged).encode()
        command = ["git", "-C", str(root), "add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul"]
        subprocess.run(command, input=listed, check=True)


def _remove_empty_folders(found: Plan, root: Path) -> None:
    folders = {folder for source in found.moves for folder in Path(source).parents if folder.parts}
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        if (root / folder).is_dir() and not any(path.name != "__pycache__" for path in (root / folder).iterdir()):
            for compiled in (root / folder).rglob("*.pyc"):
                compiled.unlink()
            (root / folder / "__pycache__").rmdir() if (root / folder / "__pycache__").exists() else None
            (root / folder).rmdir()


def _format(paths: list[str], root: Path) -> None:
    """Sort imports, then format, with the rules of the tree."""
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--select", "I,RUF022", "--fix-only", "--quiet"], ["format", "--quiet"]):
        if paths:
            subprocess.run([str(ruff), *command, *paths], cwd=root, check=True)


def _as_json(found: Plan) -> str:
    report = {"moved": found.moves, "written": sorted(found.writes), "warnings": found.warnings}
    return json.dumps(report, indent=2) + "\n"


def _as_text(found: Plan) -> str:
    lines = [f"warning: {warning}" for warning in found.warnings]
    return "\n".join([*lines, f"{len(found.moves)} files moved, {len(found.writes)} written"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
