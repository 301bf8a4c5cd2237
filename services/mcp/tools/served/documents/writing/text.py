"""Blocks as plain text."""

from services.mcp.tools.served.documents.writing.blocks import Block, CodeBlock, Heading, Line, Paragraph, Table, plain

_RULE = "-" * 40


def plain_text(blocks: tuple[Block, ...]) -> str:
    """Blocks without formatting; list entries retain their marks."""
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def _plain(block: Block) -> str:
    match block:
        case Heading():
            return plain(block.runs)
        case CodeBlock():
            return block.text
        case Table():
            return "\n".join("\t".join(plain(cell) for cell in row) for row in block.rows)
        case Line():
            return _RULE
    return "  " * max(block.depth - 1, 0) + lead(block) + plain(block.runs)


def lead(block: Paragraph) -> str:
    """Prefix of a paragraph."""
    return ("> " if block.quoted else "") + (f"{block.marker} " if block.marker else "")
