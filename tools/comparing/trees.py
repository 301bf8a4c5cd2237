"""Files of a commit or folder, read when they are compared."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from renaming.source_tree import SourceTree, read_folder


@dataclass(frozen=True)
class Snapshot:
    """Path -> what identifies the content, and a way to read it."""

    ids: Mapping[str, str]
    read: Callable[[str], bytes]

    def tree(self, paths: Mapping[str, str] | None = None) -> SourceTree:
        """All files; the contents of those in `paths` only, where given."""
        return SourceTree({path: self.read(path) if paths is None or path in paths else b"" for path in self.ids})


def snapshot(name: str, repository: Path) -> Snapshot:
    """A folder, or a commit of the repository."""
    folder = Path(name)
    if folder.is_dir():
        files = read_folder(folder).files
        return Snapshot({path: str(hash(text)) for path, text in files.items()}, lambda path: files[path])
    listed = _git(repository, "ls-tree", "-r", "-z", name).decode()
    ids = {}
    for line in filter(None, listed.split("\0")):
        about, _, path = line.partition("\t")
        if about.split()[1] == "blob":
            ids[path] = about.split()[2]
    return Snapshot(ids, lambda path: _git(repository, "cat-file", "blob", ids[path]))


def commits_of(span: str, repository: Path) -> list[str]:
    """The commits of A..B, the oldest first."""
    return _git(repository, "rev-list", "--reverse", "--first-parent", span).decode().split()


def tables_of(commit: str, repository: Path, folder: str) -> dict[str, tuple[str, str]]:
    """Table files that a commit touches: path -> (text before, text afterwards)."""
    names = _git(repository, "diff", "--name-only", "-z", "--no-renames", f"{commit}^", commit, "--", folder).decode()
    found = {}
    for path in filter(None, names.split("\0")):
        before, after = (
            _git(repository, "show", f"{at}:{path}", check=False).decode() for at in (f"{commit}^", commit)
        )
        found[path] = (before, after)
    return found


def _git(repository: Path, *arguments: str, check: bool = True) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=check).stdout
