"""The command `moe`: starts the fleet and holds the operator commands."""
