"""From Markdown to files. Nothing that is written runs, loads anything from elsewhere, or is a formula."""
