"""From untrusted files to text. Sizes are checked before anything is unpacked; XML has no entities."""
