"""Expert templates and profiles."""
