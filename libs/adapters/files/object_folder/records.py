"""How an object lies in a folder: its content, and beside it a record without which it does not exist."""

import hashlib
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from libs.ports.objects import ObjectError, ObjectKey, StoredObject

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME = re.compile(r"[0-9a-f]{32}(\.[a-z0-9]{1,8})?")
_ENDING = re.compile(r"[a-z0-9]{1,8}")
_RECORD = ".record"


def new_name(filename: str) -> str:
    """Return a random name that keeps the ending of a file's own."""
    ending = filename.rpartition(".")[2].lower()
    return secrets.token_hex(16) + (f".{ending}" if _ENDING.fullmatch(ending) and "." in filename else "")


def folder_of(root: Path, tenant: str) -> Path:
    """Return a tenant's folder; its name is a digest, so that no tenant's name is ever a path."""
    return root / hashlib.sha256(tenant.encode()).hexdigest()[:32]


def path_of(root: Path, place: ObjectKey) -> Path:
    """Return where the content lies. Raises ObjectError for a bucket or a name that we never gave."""
    if not _BUCKET.fullmatch(place.bucket):
        raise ObjectError("wrong_name", "bucket: lower-case letters, digits and -, at most 40")
    if not _NAME.fullmatch(place.name):
        raise ObjectError("no_such_object", "there is no such object, or it is not kept any more")
    return folder_of(root, place.tenant) / place.bucket / place.name


def write(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, all of it or nothing."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def write_object(path: Path, content: bytes, stored: StoredObject) -> None:
    """Write content and record. Raises OSError; then nothing of either takes space."""
    write(path, content)
    try:
        write_record(path, stored)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def write_record(path: Path, stored: StoredObject) -> None:
    write(record_of(path), json.dumps(asdict(stored)).encode())


def read_record(record: Path) -> StoredObject | None:
    """Return the content of a record, None if there is none or it is invalid.

    Raises OSError where it cannot be read now, which proves nothing about the object.
    """
    try:
        fields = json.loads(record.read_bytes())
        return StoredObject(**fields | {"place": ObjectKey(**fields["place"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def record_of(path: Path) -> Path:
    return path.with_name(path.name + _RECORD)


def records_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*/*{_RECORD}"))


def strays_in(folder: Path) -> list[Path]:
    """Return files without a record: what a process left that ended between the two, or while it wrote."""
    files = [path for path in folder.glob("*/*") if path.suffix != _RECORD]
    return [path for path in files if not record_of(path).exists()]


def remove(record: Path) -> None:
    """Remove an object: first its record, so that nobody finds half of it."""
    for path in (record, record.with_name(record.name.removesuffix(_RECORD))):
        with suppress(FileNotFoundError):
            path.unlink()
