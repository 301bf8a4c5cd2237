"""The files of a mirror, laid out as the portal has them: `gii-toc.xml`, and `<law>/xml.zip` or the XML itself."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.mcp.tools.served.legal.law import BrokenLaw

CONTENTS = "gii-toc.xml"
ZIP_NAME = "xml.zip"
MAX_XML_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100
_SMALL_BYTES = 1024 * 1024
FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}")  # `ÄApprO` is in `_appro_2002`


def folders_in(root: Path) -> list[Path]:
    """Folders of laws, by name."""
    return sorted(path for path in root.iterdir() if FOLDER.fullmatch(path.name) and path.is_dir())


@contextmanager
def xml_in(folder: Path) -> Iterator[IO[bytes]]:
    """Open the XML of a law. Raises BrokenLaw, also while it is read."""
    packed = folder / ZIP_NAME
    try:
        if packed.exists():
            with packed.open("rb") as file, unpacked(file) as xml:
                yield xml
            return
        plain = next(iter(sorted(folder.glob("*.xml"))), None)
        if plain is None or plain.stat().st_size > MAX_XML_BYTES:
            raise BrokenLaw("there is no XML of a law in the folder")
        with plain.open("rb") as xml:
            yield xml
    except OSError as error:
        raise BrokenLaw(f"the folder cannot be read: {error.strerror}") from error


@contextmanager
def unpacked(archive: IO[bytes]) -> Iterator[IO[bytes]]:
    """Open the XML in an archive of the portal. Raises BrokenLaw; sizes are checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(archive) as file:
            part = next((part for part in file.infolist() if part.filename.lower().endswith(".xml")), None)
            if part is None:
                raise BrokenLaw("there is no XML in the archive")
            if part.file_size > MAX_XML_BYTES or part.file_size > max(_SMALL_BYTES, MAX_RATIO * part.compress_size):
                raise BrokenLaw("the archive unpacks to too much")
            with file.open(part) as xml:
                yield xml
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise BrokenLaw("the archive is broken") from error
