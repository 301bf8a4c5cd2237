"""An HTTP/1.1 client for one kind of call: a POST whose answer is passed on as it comes.

It does less than a library does, no redirects, no proxies, no cookies, no decoding, and costs a quarter of it: what a
gateway adds to a model call is mostly what its client costs. The parser is httptools'.
"""

from libs.adapters.web.http_wire.connection import MAX_HEAD_BYTES, Broken, Connection
from libs.adapters.web.http_wire.pool import Pool, PoolLimits

__all__ = ["MAX_HEAD_BYTES", "Broken", "Connection", "Pool", "PoolLimits"]
