"""The critic service: checks answers that could cause harm."""
