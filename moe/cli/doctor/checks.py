"""All checks of `moe doctor`."""

import asyncio
from itertools import chain

from libs.core.errors import ConfigurationError
from moe.cli.context.cli_context import read_cli_context
from moe.cli.doctor.findings import Finding
from moe.cli.doctor.gateway import check_gateway
from moe.cli.doctor.machine import check_machine
from moe.cli.doctor.models import check_models
from moe.cli.doctor.settings import check_settings, wrong_setting
from moe.cli.doctor.stores import check_broker, check_postgres, check_valkey


async def run_checks() -> tuple[Finding, ...]:
    """Findings, settings first. An unreadable setting ends the run."""
    try:
        place = read_cli_context()
    except ConfigurationError as error:
        return (wrong_setting(error),)
    checks = (check_gateway, check_broker, check_valkey, check_postgres, check_models)
    found = await asyncio.gather(*(check(place) for check in checks))
    return (*check_settings(place), *chain.from_iterable(found), *check_machine(place))
