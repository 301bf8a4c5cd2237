"""OpenAI's chat completions protocol."""
