"""Local files: instance numbers, objects, prompts, spools."""
