"""Look-up of responses, on any instance."""
