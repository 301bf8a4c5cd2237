"""Everything that `moe doctor` looks at."""

import asyncio
from itertools import chain

from libs.core.errors import ConfigurationError
from services.cli.check_gateway import check_gateway
from services.cli.check_machine import check_machine
from services.cli.check_models import check_models
from services.cli.check_settings import check_settings, wrong_setting
from services.cli.check_stores import check_broker, check_postgres, check_valkey
from services.cli.findings import Finding
from services.cli.surroundings import look_around


async def examined() -> tuple[Finding, ...]:
    """Return the findings, settings first. A setting that cannot be read ends the examination."""
    try:
        place = look_around()
    except ConfigurationError as error:
        return (wrong_setting(error),)
    checks = (check_gateway, check_broker, check_valkey, check_postgres, check_models)
    found = await asyncio.gather(*(check(place) for check in checks))
    return (*check_settings(place), *chain.from_iterable(found), *check_machine(place))
