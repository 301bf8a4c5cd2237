"""The command `moe`: what starts the fleet, and what operators do."""
