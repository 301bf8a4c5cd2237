"""Prompts of a service: Markdown files in its folder `prompts`."""

from collections.abc import Mapping
from importlib.resources import files


def read_prompts(package: str) -> Mapping[str, str]:
    """Prompt texts of a package such as `services.planner`, by file name without `.md`; none without a folder."""
    folder = files(package) / "prompts"
    if not folder.is_dir():
        return {}
    texts = (entry for entry in folder.iterdir() if entry.name.endswith(".md"))
    return {entry.name.removesuffix(".md"): entry.read_text(encoding="utf-8").strip() for entry in texts}
