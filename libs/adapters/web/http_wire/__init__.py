"""An HTTP/1.1 client for model servers: one request to one URL, whose answer is passed on as it arrives."""

# It supports less than a library (no redirects, proxies, cookies or decoding) and costs a quarter of it. A gateway's
# overhead on a model call is mostly that of its client. The parser is httptools'.
from libs.adapters.web.http_wire.connection import MAX_HEAD_BYTES, Broken, Connection
from libs.adapters.web.http_wire.pool import Pool, PoolLimits

__all__ = ["MAX_HEAD_BYTES", "Broken", "Connection", "Pool", "PoolLimits"]
