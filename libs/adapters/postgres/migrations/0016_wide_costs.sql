-- Sums of tokens and costs have no upper end: a row that does not fit would hold up all others.

ALTER TABLE moe.usage
    ALTER COLUMN prompt_tokens TYPE numeric, ALTER COLUMN completion_tokens TYPE numeric, ALTER COLUMN cost TYPE numeric;
ALTER TABLE moe.spending ALTER COLUMN cost TYPE numeric;
