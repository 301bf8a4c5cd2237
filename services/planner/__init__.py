"""The planner service: drafts a plan for a question."""
