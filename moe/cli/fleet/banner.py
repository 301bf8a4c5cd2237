"""Message of `moe up` when the fleet is ready: URL and API key."""

from collections.abc import Iterator, Mapping

SMALL_MODEL = "embedded and small: it plans by rule and answers plainly; README.md says how to use a real one"
OPEN_BROKER = "in memory, without authentication: every account on this machine can read and write its messages"


def banner(gateway: str | None, given: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines. A configured key is not shown."""
    if gateway is None:
        yield "ready"
        return
    yield f"URL      {gateway}/v1"
    yield f"API key  {given.get('MOE_BOOTSTRAP_API_KEY', 'as set in MOE_BOOTSTRAP_API_KEY')}"
    if "INFERENCE_SERVERS" in given:
        yield f"Model    {SMALL_MODEL}"
    if "KAFKA_URL" in given and "MOE_KAFKA_SECURITY_PROTOCOL" not in given:
        yield f"Broker   {OPEN_BROKER}"


def gateway_url(host: str, port: int) -> str:
    """URL for clients on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{port}"
