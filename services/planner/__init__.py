"""The planner service: a question becomes a plan."""
