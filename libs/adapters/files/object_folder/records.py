"""File layout of an object: its content, and beside it a record without which the object does not exist."""

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
    """Random name that keeps the extension of the file."""
    ending = filename.rpartition(".")[2].lower()
    return secrets.token_hex(16) + (f".{ending}" if _ENDING.fullmatch(ending) and "." in filename else "")


def folder_of(root: Path, tenant: str) -> Path:
    """The folder's name is a digest, so that a tenant's name is never a path."""
    return root / hashlib.sha256(tenant.encode()).hexdigest()[:32]


def path_of(root: Path, place: ObjectKey) -> Path:
    """Raises ObjectError for an invalid bucket or for a name that `new_name` did not make."""
    if not _BUCKET.fullmatch(place.bucket):
        raise ObjectError("wrong_name", "bucket: lower-case letters, digits and -, at most 40")
    if not _NAME.fullmatch(place.name):
        raise ObjectError("no_such_object", "there is no such object, or it is not kept any more")
    return folder_of(root, place.tenant) / place.bucket / place.name


def write(path: Path, content: bytes) -> None:
    """Write a file atomically with mode 0600."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def write_object(path: Path, content: bytes, stored: StoredObject) -> None:
    """Write content and record. Raises OSError; then neither takes space."""
    write(path, content)
    try:
        write_record(path, stored)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def write_record(path: Path, stored: StoredObject) -> None:
    write(record_of(path), json.dumps(asdict(stored)).encode())


def read_record(record: Path) -> StoredObject | None:
    """None without a record or for an invalid one.

    Raises OSError for a temporarily unreadable record, which proves nothing about the object.
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
    """Files without a record, left by a process that ended before or while it wrote the record."""
    files = [path for path in folder.glob("*/*") if path.suffix != _RECORD]
    return [path for path in files if not record_of(path).exists()]


def remove(record: Path) -> None:
    """Remove an object, its record first, so that no reader finds half of it."""
    for path in (record, record.with_name(record.name.removesuffix(_RECORD))):
        with suppress(FileNotFoundError):
            path.unlink()
