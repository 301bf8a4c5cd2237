"""The tools over the Model Context Protocol, by the official SDK: streamable HTTP, SSE, stdio."""
