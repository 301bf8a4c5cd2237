"""The expert worker's decisions: its prompt, and the parser of its answer; pure."""
