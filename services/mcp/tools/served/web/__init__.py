"""What all tools share that ask something outside: the fetcher, answers as typed values, their source, their text."""
