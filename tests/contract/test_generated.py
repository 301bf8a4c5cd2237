"""Generated files match their sources."""

from moe.generate.files import generated_files
from tests.contract.rules import ROOT


def stale(files: dict[str, str], committed: dict[str, str]) -> list[str]:
    """Files that differ, are missing, or that nothing generates any more."""
    different = [name for name, text in files.items() if committed.get(name) != text]
    return sorted(different + [name for name in committed if name not in files])


def _committed(names: set[str]) -> dict[str, str]:
    schemas = {str(path.relative_to(ROOT)) for path in (ROOT / "schemas").rglob("*.json")}
    return {name: (ROOT / name).read_text() for name in names | schemas if (ROOT / name).exists()}


def test_generated_files_are_up_to_date() -> None:
    files = generated_files()
    assert stale(files, _committed(set(files))) == [], "run `make generate`"


def test_a_changed_a_missing_and_an_orphaned_file_are_found() -> None:
    assert stale({"a": "new", "b": "x"}, {"a": "old", "c": "y"}) == ["a", "b", "c"]
