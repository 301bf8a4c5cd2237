"""Request bodies, validated."""
