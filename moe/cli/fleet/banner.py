"""What `moe up` says when the fleet is ready: where it is, and the key."""

from collections.abc import Iterator, Mapping

SMALL_MODEL = "embedded and small: it plans by rule and answers plainly; README.md says how to use a real one"
OPEN_BROKER = "in memory, without authentication: every account on this machine can read and write its messages"


def banner(gateway: str | None, given: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines. A key that was configured is not shown."""
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
    """Return the address a client on this machine uses."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{port}"
