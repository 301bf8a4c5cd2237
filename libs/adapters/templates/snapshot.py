"""Templates and profiles in memory, and the profiles that the environment configures for every tenant."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.adapters.templates.staffing import Nodes, loaded_profile
from libs.contracts.template_parsing import UnfitDocument, parsed_profiles
from libs.core.errors import ConfigurationError
from libs.ports.templates import LoadedProfile, LoadedTemplate

PROFILES_VARIABLE = "CLAUDE_CODE_PROFILES"


@dataclass(frozen=True, slots=True)
class TemplateSnapshot:
    """Immutable. `defaults` holds the profiles for tenants without a profile of the same id."""

    of_tenants: dict[tuple[str, str], LoadedTemplate] = field(default_factory=dict)
    profiles: dict[tuple[str, str], LoadedProfile] = field(default_factory=dict)
    defaults: tuple[LoadedProfile, ...] = ()
    names: dict[tuple[str, str], LoadedTemplate] = field(default_factory=dict)

    def with_templates(self, templates: Sequence[tuple[str, LoadedTemplate]]) -> "TemplateSnapshot":
        """Replaces all templates; each comes with its tenant."""
        by_id = {(tenant, each.template.id): each for tenant, each in templates}
        by_name = {(tenant, each.template.name): each for tenant, each in templates}
        return TemplateSnapshot(by_id, self.profiles, self.defaults, by_name)

    def with_profiles(self, profiles: Sequence[tuple[str, LoadedProfile]]) -> "TemplateSnapshot":
        """Replaces all profiles of tenants; each comes with its tenant."""
        by_id = {(tenant, each.profile.id): each for tenant, each in profiles}
        return TemplateSnapshot(self.of_tenants, by_id, self.defaults, self.names)

    @property
    def loaded(self) -> bool:
        return True

    async def wait_loaded(self) -> None:
        """No-op: always loaded."""

    def template(self, tenant: str, name: str) -> LoadedTemplate | None:
        return self.of_tenants.get((tenant, name)) or self.names.get((tenant, name))

    def templates(self, tenant: str) -> tuple[LoadedTemplate, ...]:
        mine = (each for (owner, _), each in self.of_tenants.items() if owner == tenant)
        return tuple(sorted(mine, key=lambda each: each.template.id))

    def profile(self, tenant: str, profile_id: str) -> LoadedProfile | None:
        own = self.profiles.get((tenant, profile_id))
        return own or next((each for each in self.defaults if each.profile.id == profile_id), None)

    def default_profile(self, tenant: str) -> LoadedProfile | None:
        own = (each for (owner, _), each in self.profiles.items() if owner == tenant)
        return next((each for each in (*own, *self.defaults) if each.profile.default and each.profile.enabled), None)


def configured_profiles(text: str, nodes: Nodes) -> tuple[LoadedProfile, ...]:
    """The profiles of CLAUDE_CODE_PROFILES. Raises ConfigurationError, which names variable and field."""
    try:
        profiles = tuple(loaded_profile(profile, nodes) for profile in parsed_profiles(text))
    except UnfitDocument as error:
        raise ConfigurationError(f"{PROFILES_VARIABLE}: {error}") from error
    if fault := next((f"{each.profile.id}: {each.fault}" for each in profiles if each.fault), ""):
        raise ConfigurationError(f"{PROFILES_VARIABLE}: {fault}")
    return profiles
