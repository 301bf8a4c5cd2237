"""The guard lines: each protects one promise, and its removal must be detected."""

from tests.chaos.mutation import (
    guards_of_acknowledged,
    guards_of_consumer_groups,
    guards_of_custody,
    guards_of_fetching,
    guards_of_gateway,
    guards_of_messages,
    guards_of_scenes,
    guards_of_stores,
    guards_of_tools,
)
from tests.chaos.mutation.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *guards_of_scenes.GUARDS,
    *guards_of_stores.GUARDS,
    *guards_of_messages.GUARDS,
    *guards_of_acknowledged.GUARDS,
    *guards_of_consumer_groups.GUARDS,
    *guards_of_custody.GUARDS,
    *guards_of_gateway.GUARDS,
    *guards_of_fetching.GUARDS,
    *guards_of_tools.GUARDS,
)
