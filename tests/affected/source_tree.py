"""The files of a working tree, those of a git revision, and the Python modules among them."""

import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

from tests.affected.module_facts import ModuleFacts, facts_of

TOP_LEVEL_FOLDERS = ("tools/",)  # folders of pyproject's `pythonpath`: a module in them has no prefix


@dataclass(frozen=True)
class SourceTree:
    """The files of a checkout that git knows or would add; `root` is its folder."""

    root: Path
    files: tuple[str, ...]

    def modules(self) -> list[ModuleFacts]:
        """Read every Python file. Raises ClickException for one that does not parse."""
        return [self.module(path, (self.root / path).read_text()) for path in self.files if path.endswith(".py")]

    def module(self, path: str, text: str) -> ModuleFacts:
        """Read one Python file, whose text may be of another revision."""
        try:
            return facts_of(module_name(path), path, text)
        except SyntaxError as error:
            raise click.ClickException(f"{path}:{error.lineno}: {error.msg}") from error

    def scripts(self) -> dict[str, str]:
        """Commands that the installation provides, each with its module."""
        try:
            project = tomllib.loads((self.root / "pyproject.toml").read_text())
        except FileNotFoundError:
            return {}
        declared: dict[str, str] = project.get("project", {}).get("scripts", {})
        return {name: target.partition(":")[0] for name, target in declared.items()}


def module_name(path: str) -> str:
    for folder in TOP_LEVEL_FOLDERS:
        path = path.removeprefix(folder)
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_test_file(path: str) -> bool:
    """Whether pytest collects tests from this file."""
    name = path.rpartition("/")[2]
    return path.startswith("tests/") and name.startswith("test_") and name.endswith(".py")


def read_tree(root: Path) -> SourceTree:
    """List the files of a working tree. Raises ClickException outside of a git checkout."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return SourceTree(root, tuple(sorted({path for path in listed if path and (root / path).is_file()})))


def changed_files(root: Path, base: str) -> dict[str, str | None]:
    """Each file that differs from where this branch left `base`, with its old text; None if it had none."""
    start = git(root, "merge-base", "--end-of-options", base, "HEAD").strip()
    differing = git(root, "diff", "--name-only", "--no-renames", "-z", start).split("\0")
    added = git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    old = set(git(root, "ls-tree", "-r", "-z", "--name-only", start).split("\0"))
    changed = sorted({path for path in (*differing, *added) if path})
    return {path: _text_at(root, start, path) if path in old else None for path in changed}


def is_revision(root: Path, name: str) -> bool:
    """Whether git knows a commit of this name that this branch shares history with."""
    try:
        git(root, "merge-base", "--end-of-options", name, "HEAD")
    except click.ClickException:
        return False
    return True


def _text_at(root: Path, revision: str, path: str) -> str:
    return git(root, "show", f"{revision}:{path}")


def git(root: Path, *arguments: str) -> str:
    """Run git. Raises ClickException with git's output."""
    command = ("git", "-C", str(root), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise click.ClickException("git is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise click.ClickException(f"git {arguments[0]} failed: {said}") from error
    return done.stdout.decode(errors="replace")
