"""Making a mirror: the portal's table of contents, then the archive of each law, those that are there left out."""

import asyncio
import io
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from libs.core.errors import FleetError
from libs.ports.fetching import Fetcher, FetchError, FetchRequest
from services.mcp.tools.served.legal.archive import CONTENTS, FOLDER, ZIP_NAME, unpacked
from services.mcp.tools.served.legal.law import BrokenLaw, read_law

_AT_ONCE = 4  # a public portal
_ATTEMPTS = 3
_PAUSE_S = 2.0
_OK = 200


class DownloadFailed(FleetError):
    """Something could not be fetched. The message is one line."""

    code = "download_failed"


@dataclass(frozen=True)
class Portal:
    """Source of laws. `base` is the portal or a mirror of it, without a slash at the end."""

    fetcher: Fetcher
    base: str
    pause_s: float = _PAUSE_S

    async def contents(self) -> bytes:
        """Table of contents. Raises DownloadFailed."""
        return await self._get(CONTENTS)

    async def law(self, folder: str) -> bytes:
        """Archive of a law; its XML is valid. Raises DownloadFailed."""
        archive = await self._get(f"{folder}/{ZIP_NAME}")
        try:
            await asyncio.to_thread(_check, archive)
        except BrokenLaw as error:
            raise DownloadFailed(f"{folder}: {error}") from error
        return archive

    async def _get(self, path: str) -> bytes:
        """Try a few times: out of thousands of files some fail."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._once(path)
            except DownloadFailed:
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(self.pause_s * attempt)
        raise AssertionError("unreachable")

    async def _once(self, path: str) -> bytes:
        try:
            answer = await self.fetcher.fetch(FetchRequest(f"{self.base}/{path}"))
        except FetchError as error:
            raise DownloadFailed(f"{path}: {error}") from error
        if answer.status != _OK:
            raise DownloadFailed(f"{path}: the server answered with status {answer.status}")
        return answer.body


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Result of a download; `failed` lists the missing laws with reasons."""

    fetched: int
    unchanged: int
    failed: tuple[str, ...]


def folders_of(contents: bytes) -> tuple[str, ...]:
    """Folders that a table of contents names, each once. Raises DownloadFailed."""
    folders: dict[str, None] = {}
    try:
        for _, element in iterparse(io.BytesIO(contents), forbid_dtd=False):
            if element.tag == "link":
                folder = urlsplit((element.text or "").strip()).path.strip("/").partition("/")[0]
                folders |= {folder: None} if FOLDER.fullmatch(folder) else {}
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise DownloadFailed(f"{CONTENTS}: not a table of contents") from error
    if not folders:
        raise DownloadFailed(f"{CONTENTS}: there is no law in it")
    return tuple(folders)


def missing(root: Path, folders: Sequence[str]) -> tuple[str, ...]:
    """Laws outside a mirror."""
    return tuple(folder for folder in folders if not (root / folder / ZIP_NAME).exists())


async def download(portal: Portal, root: Path, wanted: Collection[str], done: Callable[[str], None]) -> Downloaded:
    """Fetch laws into a mirror, a few at a time; `done` is called with each. What fails does not stop the others."""
    failed: list[str] = []
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(folder: str) -> None:
        async with places:
            try:
                archive = await portal.law(folder)
                await asyncio.to_thread(write_file, root / folder / ZIP_NAME, archive)
            except DownloadFailed as error:
                failed.append(str(error))
            done(folder)

    async with asyncio.TaskGroup() as tasks:
        for folder in wanted:
            tasks.create_task(one(folder))
    return Downloaded(len(wanted) - len(failed), 0, tuple(sorted(failed)))


def _check(archive: bytes) -> None:
    """Raise BrokenLaw for an archive without a law in it, or with half of one."""
    with unpacked(io.BytesIO(archive)) as xml:
        read_law(xml)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, all of it or nothing, so that a run that was ended can be taken up again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
