"""Adapters of local files: instance numbers, objects, prompts, spools."""
