"""Write every generated file: `python -m moe.generate`."""

import sys
from pathlib import Path

from moe.generate.files import generated_files

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Write changed files and deletes files that are no longer generated."""
    files = generated_files()
    for stale in {path for path in (ROOT / "schemas").rglob("*.json")} - {ROOT / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
