"""Settings of the whole suite."""

from hypothesis import settings

# The same cases on every machine, and no verdict by the clock: a slow machine is not a broken rule.
settings.register_profile("fleet", derandomize=True, deadline=None)
settings.load_profile("fleet")
