"""Check of the gateway of a running fleet."""

import httpx

from libs.adapters.web.authorities import public_authorities
from moe.cli.context.cli_context import CliContext
from moe.cli.doctor.findings import Finding

_TIMEOUT_S = 5.0


async def check_gateway(place: CliContext) -> tuple[Finding, ...]:
    """Query the readiness of the running fleet."""
    if not place.gateway:
        return ()
    try:
        async with httpx.AsyncClient(verify=public_authorities(), timeout=_TIMEOUT_S, trust_env=False) as client:
            report = (await client.get(f"{place.gateway}/ready")).json()
    except (httpx.HTTPError, ValueError) as error:
        text = f"no answer from {place.gateway}: {error or type(error).__name__}"
        return (Finding("fleet", "fail", text, "check the output of `moe up`; stop it and start it again"),)
    failing = tuple(Finding("fleet", "fail", f"{part}: {line}") for part, line in report["failing"].items())
    degraded = tuple(Finding("fleet", "note", f"{part}: {line}") for part, line in report["degraded"].items())
    fine = () if failing else (Finding("fleet", "ok", f"{place.gateway}/v1 is ready"),)
    return (*fine, *failing, *degraded)
