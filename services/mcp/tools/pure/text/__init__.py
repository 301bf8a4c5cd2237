"""Text, digests and encodings."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.text.base64_codec import BASE64_CODEC
from services.mcp.tools.pure.text.checksum.tool import CHECKSUM
from services.mcp.tools.pure.text.hash_text import HASH_TEXT
from services.mcp.tools.pure.text.regex_extract import REGEX_EXTRACT
from services.mcp.tools.pure.text.text_analyze.tool import TEXT_ANALYZE
from services.mcp.tools.pure.text.text_diff.tool import TEXT_DIFF

TOOLS: tuple[AnyTool, ...] = (HASH_TEXT, BASE64_CODEC, CHECKSUM, REGEX_EXTRACT, TEXT_ANALYZE, TEXT_DIFF)
