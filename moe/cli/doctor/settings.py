"""Check of the settings: reads every class and builds every service, opens nothing."""

from collections.abc import Iterator

from libs.core.api_keys import new_api_key
from libs.core.errors import ConfigurationError
from libs.core.key_roots import ROOTS, RootKeys
from libs.core.key_strength import new_secret_key
from libs.runtime.settings import BusSettings, ProcessSettings, names_set
from moe.cli.context.cli_context import CliContext
from moe.cli.context.embedded_stores import missing_stores, require_no_model, variables_before_start
from moe.cli.context.key_holders import require_own_keys
from moe.cli.context.known_settings import without_effect
from moe.cli.context.root_keys import variables_of_roots
from moe.cli.doctor.findings import Finding
from moe.cli.fleet.preflight import UNCLAIMED, built, check_bus, check_ports
from moe.registry import SERVICES, spec_of

BOOTSTRAP = "MOE_BOOTSTRAP_API_KEY"
UNSET = "`moe up` makes one; for `moe serve`, docs/keys.md lists the services that need it"
ALL_VARIABLES = "docs/settings.md lists every variable"


def check_settings(place: CliContext) -> tuple[Finding, ...]:
    """Wrong and missing settings."""
    wrong = tuple(dict.fromkeys(_refusals(place))) or tuple(_unasked(place))
    fine = () if wrong else (Finding("settings", "ok", f"every setting of {len(SERVICES)} services is valid"),)
    return (*fine, *wrong, *_without_effect(), *_keys(place), *_ports(place, wrong=bool(wrong)))


def wrong_setting(error: ConfigurationError) -> Finding:
    """Finding for a rejected setting."""
    return Finding("settings", "fail", str(error), ALL_VARIABLES)


def _refusals(place: CliContext) -> Iterator[Finding]:
    given = {**_complete(place), **UNCLAIMED}
    for name in SERVICES:
        try:
            spec_of(name).settings.read(_complete(place))
            built((name,), given)
        except ConfigurationError as error:
            yield wrong_setting(error)
    try:
        require_own_keys(SERVICES, given)
        check_bus(BusSettings.read(given))
    except ConfigurationError as error:
        yield wrong_setting(error)


def _unasked(place: CliContext) -> Iterator[Finding]:
    """Yield a failure for a model without any server: `moe up` rejects it."""
    if place.settings.inference_servers:
        return
    try:
        require_no_model(place.settings)
    except ConfigurationError as error:
        yield wrong_setting(error)


def _complete(place: CliContext) -> dict[str, str]:
    """Add the known parts of the addresses of stores that `moe up` would start, and keys like those it would make."""
    stores = variables_before_start(missing_stores(place.settings, SERVICES))
    return {**place.given, **place.keys, **_new_keys(_unset_keys(place)), **stores}


def _new_keys(unset: tuple[str, ...]) -> dict[str, str]:
    roots = {root: RootKeys(new_secret_key()) for root in ROOTS if root.variable in unset}
    made = variables_of_roots(roots) | ({BOOTSTRAP: new_api_key()} if BOOTSTRAP in unset else {})
    return {name: value for name, value in made.items() if name not in names_set()}


def _unset_keys(place: CliContext) -> tuple[str, ...]:
    settings = place.settings
    values = {root.variable: settings.keys_of(root).current for root in ROOTS} | {BOOTSTRAP: settings.api_key}
    return tuple(name for name, value in values.items() if not value and name not in place.keys)


def _without_effect() -> Iterator[Finding]:
    for line in without_effect(names_set()):
        yield Finding("settings", "note", line, ALL_VARIABLES)


def _keys(place: CliContext) -> Iterator[Finding]:
    for name in _unset_keys(place):
        yield Finding("settings", "note", f"{name} is not set", UNSET)


def _ports(place: CliContext, *, wrong: bool) -> Iterator[Finding]:
    if wrong or place.gateway:
        return
    given = {**_complete(place), **UNCLAIMED}
    try:
        check_ports(built(SERVICES, given), ProcessSettings.read(given))
    except ConfigurationError as error:
        yield Finding("settings", "note", str(error), "fine if that is a service of this fleet, else set another")
