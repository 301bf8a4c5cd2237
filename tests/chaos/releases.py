"""The product as it was released, taken out of the history of this repository."""

import io
import subprocess
import tarfile
from pathlib import Path

from libs.testing.processes import IMPORT_ROOT

_PACKAGES = {"libs", "services", "moe"}
COMMIT_FILE = Path(__file__).parent.parent / "fixtures" / "releases" / "commit.txt"


class ReleaseMissing(Exception):
    """The history does not contain the released commit; the message states the remedy."""


def released_product(folder: Path) -> Path:
    """Write the sources of the last release into a folder, and return it. Raises ReleaseMissing."""
    return product_of(COMMIT_FILE.read_text("utf-8").strip(), folder)


def product_of(commit: str, folder: Path) -> Path:
    """Write the sources of a commit into a folder, and return it. Raises ReleaseMissing."""
    command = ("git", "archive", "--format=tar", commit)
    archived = subprocess.run(command, cwd=IMPORT_ROOT, capture_output=True, check=False)
    if archived.returncode != 0:
        said = archived.stderr.decode(errors="replace").strip()
        raise ReleaseMissing(f"commit {commit}: {said}; a shallow clone needs git fetch --unshallow")
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        sources = [member for member in archive if member.name.partition("/")[0] in _PACKAGES]
        archive.extractall(folder, sources, filter="data")
    command_of_old = folder / "moe" / "__main__.py"
    if not command_of_old.exists():
        command_of_old.parent.mkdir()
        command_of_old.write_text("import runpy\n\nrunpy.run_module('services', run_name='__main__')\n")
    return folder
