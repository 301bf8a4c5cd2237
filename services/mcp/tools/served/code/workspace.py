"""The workspace: a folder that is read and never left.

Paths are walked folder by folder, each opened inside the one before and none through a symbolic link, so that nothing
that is renamed meanwhile leads out of it.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.mcp.contract import ToolError
from services.mcp.sandbox.hidden import is_hidden

MAX_FILE_BYTES = 5 * 1024 * 1024
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "venv", "dist", "build", "target", "vendor", "site-packages"})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe would wait for its writer
_MAX_PARTS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder below the workspace, by its path inside it."""

    path: str
    is_folder: bool
    bytes: int = 0


class Workspace:
    """A folder of code. All methods block for as long as the disk takes, and raise ToolError."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes:
        with self._file(path) as file:
            return file.read(MAX_FILE_BYTES)

    def shows(self, path: str) -> bool:
        try:
            with self._file(path):
                return True
        except ToolError:
            return False

    @contextmanager
    def _file(self, path: str) -> Iterator[BinaryIO]:
        *folders, name = self._parts(path) or [""]
        if not name:
            raise ToolError("invalid_argument", "file_path: this is a folder")
        with self._folder(folders) as folder, _translated_errors("file_path"):
            opened = os.open(name, _FILE, dir_fd=folder)
            with os.fdopen(opened, "rb") as file:
                status = os.fstat(opened)
                if not stat.S_ISREG(status.st_mode):
                    raise ToolError("invalid_argument", "file_path: this is no file")
                if status.st_size > MAX_FILE_BYTES:
                    raise ToolError("limit_exceeded", f"bytes of a file: the limit is {MAX_FILE_BYTES:,}")
                yield file

    def walk(self, path: str, max_depth: int) -> Iterator[Entry]:
        """Yield the entries below a folder by name, `max_depth` folders deep, without generated and fetched ones."""
        parts = self._parts(path)
        with self._folder(parts):
            pass  # a wrong path is reported at once
        yield from self._below(parts, max_depth)

    def _below(self, parts: list[str], depth: int) -> Iterator[Entry]:
        for entry in self._listed(parts):
            yield entry
            if entry.is_folder and depth > 1:
                yield from self._below(entry.path.split("/"), depth - 1)

    def _listed(self, parts: list[str]) -> list[Entry]:
        try:
            with self._folder(parts) as folder, os.scandir(folder) as found:
                return sorted(filter(None, (_entry(parts, one) for one in found)), key=lambda one: one.path)
        except ToolError:  # deleted or closed since its own folder was listed
            return []

    @contextmanager
    def _folder(self, parts: list[str]) -> Iterator[int]:
        with _translated_errors("path"):
            opened = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts:
                with _translated_errors("path"):
                    inner = os.open(part, _FOLDER, dir_fd=opened)
                os.close(opened)
                opened = inner
            yield opened
        finally:
            os.close(opened)

    def _parts(self, path: str) -> list[str]:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or ".." in parts or "\x00" in path:
            raise ToolError("forbidden", "path: give it inside the workspace, without `..` and not from the root")
        if any(is_hidden(part) for part in parts):
            raise ToolError("forbidden", "path: names that begin with a dot are not shown, they may hold secrets")
        if len(parts) > _MAX_PARTS:
            raise ToolError("limit_exceeded", f"folders of a path: the limit is {_MAX_PARTS}")
        return parts


def _entry(parts: list[str], found: "os.DirEntry[str]") -> Entry | None:
    if is_hidden(found.name) or found.name in _LEFT_OUT or not found.name.isprintable():
        return None
    path = "/".join((*parts, found.name))
    with suppress(OSError):
        if found.is_dir(follow_symlinks=False):
            return Entry(path, is_folder=True)
        if found.is_file(follow_symlinks=False):
            return Entry(path, is_folder=False, bytes=found.stat(follow_symlinks=False).st_size)
    return None


@contextmanager
def _translated_errors(argument: str) -> Iterator[None]:
    """Translate system errors into tool errors."""
    try:
        yield
    except FileNotFoundError as error:
        raise ToolError("not_found", f"{argument}: there is nothing of that name in the workspace") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) or isinstance(error, NotADirectoryError):
            raise ToolError("forbidden", f"{argument}: symbolic links are not followed") from error
        raise ToolError("forbidden", f"{argument}: cannot be read ({error.strerror})") from error
