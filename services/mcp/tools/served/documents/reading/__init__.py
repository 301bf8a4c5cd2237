"""From files of strangers to text. Sizes are checked before anything is unpacked; XML has no entities."""
