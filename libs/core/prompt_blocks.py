"""Text that others wrote, as it enters a prompt: inside named tags, and unable to close or open one itself."""

import re
from typing import Literal, get_args

BlockName = Literal[
    "instructions",
    "history",
    "question",
    "task",
    "context",
    "reasoning",
    "tool_results",
    "expert_results",
    "missing",
    "answer",
]
_TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(get_args(BlockName))})\b)", re.IGNORECASE)


def data_block(name: BlockName, text: str) -> str:
    """Return `<name>`, the text and `</name>` on lines of their own; an empty string for empty text.

    Whatever looks like one of these tags in the text has its `<` written as `&lt;`. Other tags are kept:
    people ask about HTML.
    """
    if not text.strip():
        return ""
    return f"<{name}>\n{_TAG.sub('&lt;', text.strip())}\n</{name}>"


def data_blocks(*blocks: tuple[BlockName, str]) -> str:
    """Return the blocks that are not empty, one after the other."""
    return "\n\n".join(filled for name, text in blocks if (filled := data_block(name, text)))
