"""A fetched page as text: decoded by its declared charset, without markup."""

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar

from libs.ports.fetching import Fetched
from services.mcp.contract import ToolError
from services.mcp.tools.served.web.markup import Page, readable

ScanT = TypeVar("ScanT")

_HTML = frozenset({"text/html", "application/xhtml+xml", ""})
_IN_THE_MARKUP = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
# Charsets that pages have; some that Python knows besides are no charsets of pages and slow to decode.
_CHARSET = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-?125\d|cp125\d|koi8-[ru]|shift_jis|"
    r"euc-(jp|kr)|gb2312|gbk|gb18030|big5"
)
_IN_A_THREAD = 64 << 10  # from here on the scan takes more than some milliseconds


async def page_of(answer: Fetched, name: str) -> Page:
    """Raises ToolError for content that is no text."""
    kind = answer.content_type
    if kind not in _HTML and not kind.startswith("text/") and not kind.endswith(("json", "xml")):
        raise ToolError("outside_failed", f"{name} has no text there but {kind[:40]!a}")
    text = decoded(answer)
    if kind not in _HTML:
        return Page("", text)
    return await scanned(readable, text)


async def scanned(scan: Callable[[str], ScanT], markup: str) -> ScanT:
    """Result of a scan of some markup; a long scan runs in a thread."""
    return await asyncio.to_thread(scan, markup) if len(markup) > _IN_A_THREAD else scan(markup)


def decoded(answer: Fetched) -> str:
    """Body as text: by the charset of the response, else of the page itself, else UTF-8."""
    charset_name = answer.charset
    if not charset_name and (found := _IN_THE_MARKUP.search(answer.body[:2048])):
        charset_name = found[1].decode("ascii").lower()
    charset = charset_name if _CHARSET.fullmatch(charset_name) else "utf-8"
    try:
        return answer.body.decode(charset, "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")
