"""The product as it was released, taken out of the history of this repository."""

import io
import subprocess
import tarfile
from pathlib import Path

from libs.testing.processes import IMPORT_ROOT

COMMIT_FILE = Path(__file__).parent.parent / "fixtures" / "releases" / "commit.txt"


class ReleaseMissing(Exception):
    """The history does not hold the released commit; the message says what to do."""


def released_product(folder: Path) -> Path:
    """Write the sources of the last release into a folder, and return it. Raises ReleaseMissing."""
    return product_of(COMMIT_FILE.read_text("utf-8").strip(), folder)


def product_of(commit: str, folder: Path) -> Path:
    """Write the sources of a commit into a folder, and return it. Raises ReleaseMissing."""
    command = ("git", "archive", "--format=tar", commit, "libs", "services")
    archived = subprocess.run(command, cwd=IMPORT_ROOT, capture_output=True, check=False)
    if archived.returncode != 0:
        said = archived.stderr.decode(errors="replace").strip()
        raise ReleaseMissing(f"commit {commit}: {said}; a shallow clone needs git fetch --unshallow")
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
