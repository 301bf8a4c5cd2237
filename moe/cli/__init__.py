"""The operator's commands, one module each. They import what is heavy when they run."""
