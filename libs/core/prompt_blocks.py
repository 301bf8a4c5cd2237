"""Tagged blocks for untrusted text in prompts; the text can neither close nor open a block."""

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
    """`<name>`, the text and `</name>` on separate lines; an empty string for empty text.

    Escapes the `<` of any of these tags within the text as `&lt;`. Keeps other tags: questions about HTML need them.
    """
    if not text.strip():
        return ""
    return f"<{name}>\n{_TAG.sub('&lt;', text.strip())}\n</{name}>"


def data_blocks(*blocks: tuple[BlockName, str]) -> str:
    """The non-empty blocks, joined."""
    return "\n\n".join(filled for name, text in blocks if (filled := data_block(name, text)))
