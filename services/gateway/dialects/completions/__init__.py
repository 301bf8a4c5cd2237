"""OpenAI's legacy completions protocol."""
