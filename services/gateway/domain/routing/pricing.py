"""The id that a request is priced by: the served model, not the client's spelling of it."""

from services.gateway.domain.routing.claude_models import ModelIds
from services.gateway.domain.routing.model_resolver import ModelResolver, ResolvedModel
from services.gateway.domain.routing.models import mode_model


def priced_as(served: ResolvedModel, resolver: ModelResolver) -> str:
    """The id of a mode or of a template; for a profile or an id of Claude the entry that accepts it, which may
    end in `*`."""
    profile = served.profile
    if profile is not None:
        accepted = ModelIds.of(*profile.accepted_models) if profile.accepted_models else resolver.claude
        return accepted.entry_of(served.model)
    if served.template is not None:
        return served.template.id
    return served.model if mode_model(served.model) is not None else resolver.claude.entry_of(served.model)
