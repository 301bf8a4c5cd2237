"""Expert templates and Claude Code profiles, as a gateway has them in memory."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.profile import Profile
from libs.contracts.staffing import ModelAt, Staffing
from libs.contracts.template import ExpertTemplate


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """A template with what it means here: who works, and which model is given tools, None for the configured one.

    `fault` says in one line why it cannot be used, because it names a server that is not configured; else it is empty.
    """

    template: ExpertTemplate
    staffing: Staffing
    tool: ModelAt | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with the model that is given tools, None for the configured one; `fault` as above."""

    profile: Profile
    tool: ModelAt | None = None
    fault: str = ""


class Templates(Protocol):
    """What is on the shelves of each tenant. Nothing else here waits; what was changed is there within five seconds."""

    @property
    def loaded(self) -> bool:
        """Return whether the shelves were ever looked at: before that, nobody can tell what is on them."""
        ...

    async def wait_loaded(self) -> None:
        """Return when they were looked at, or when a start has taken too long for that."""
        ...

    def template(self, tenant: str, name: str) -> LoadedTemplate | None:
        """Return the template of an id or, where no id is called so, of a name."""
        ...

    def templates(self, tenant: str) -> tuple[LoadedTemplate, ...]:
        """Return the tenant's templates by id."""
        ...

    def profile(self, tenant: str, profile_id: str) -> LoadedProfile | None:
        """Return one profile."""
        ...

    def default_profile(self, tenant: str) -> LoadedProfile | None:
        """Return the profile of keys that are bound to none."""
        ...
