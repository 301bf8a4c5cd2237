"""JSONPath of RFC 9535."""
