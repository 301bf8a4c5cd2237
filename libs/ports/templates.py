"""Expert templates and Claude Code profiles, as a gateway holds them in memory."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.profile import Profile
from libs.contracts.staffing import ModelRef, Staffing
from libs.contracts.template import ExpertTemplate


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """A template with its staffing here, and the model for tools; None for the configured one.

    `fault` is one line: the template names a server that is not configured; else it is empty.
    """

    template: ExpertTemplate
    staffing: Staffing
    tool: ModelRef | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with the model for tools; None for the configured one. `fault` as above."""

    profile: Profile
    tool: ModelRef | None = None
    fault: str = ""


class Templates(Protocol):
    """Templates and profiles by tenant. Only `wait_loaded` waits; changes take effect within five seconds."""

    @property
    def loaded(self) -> bool:
        """True after the first load; before that the content is unknown."""
        ...

    async def wait_loaded(self) -> None:
        """Wait for the first load, with a bounded time at start."""
        ...

    def template(self, tenant: str, name: str) -> LoadedTemplate | None:
        """Look up by id, then by name."""
        ...

    def templates(self, tenant: str) -> tuple[LoadedTemplate, ...]:
        """The tenant's templates, ordered by id."""
        ...

    def profile(self, tenant: str, profile_id: str) -> LoadedProfile | None: ...

    def default_profile(self, tenant: str) -> LoadedProfile | None:
        """The profile of keys that are bound to none."""
        ...
