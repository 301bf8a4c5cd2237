"""A hardened web fetcher: fetches URLs named by users or models, and never reaches internal services."""

from libs.adapters.web.fetcher.fetcher import FetchLimits, WebFetcher, World, user_agent
from libs.adapters.web.fetcher.reach import Reach
from libs.ports.web_url import WebUrl, join_url, parse_url

__all__ = ["FetchLimits", "Reach", "WebFetcher", "WebUrl", "World", "join_url", "parse_url", "user_agent"]
