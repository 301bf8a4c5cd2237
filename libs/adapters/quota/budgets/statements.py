"""SQL of the usage store."""

# A batch is one transaction: readers see all of it or nothing. Costs and their sums are `numeric`: no request can make
# those of others overflow.

# Adds the costs to each period of the user and the team that pay.
_SPEND = """
INSERT INTO moe.spending AS s (tenant, kind, holder, period, starts, cost)
SELECT b.tenant, h.kind, h.holder, p.period, p.starts, sum(b.cost)
FROM {paid} b
CROSS JOIN LATERAL (VALUES ('user', b.user_id), ('team', b.team_id)) AS h (kind, holder)
CROSS JOIN LATERAL (VALUES
    ('daily', date_trunc('day', b.at)::date), ('monthly', date_trunc('month', b.at)::date), ('total', '-infinity'::date)
) AS p (period, starts)
WHERE h.holder <> '' AND b.cost > 0
GROUP BY b.tenant, h.kind, h.holder, p.period, p.starts
ON CONFLICT (tenant, kind, holder, period, starts) DO UPDATE SET cost = s.cost + EXCLUDED.cost
"""
# The price of the name itself, else that of the longest prefix, written with `*`: as in PriceList.
_FACTOR = """
LEFT JOIN LATERAL (
    SELECT p.factor FROM moe.model_costs p
    WHERE p.tenant = {of}.tenant AND
        (p.model = {of}.model OR (right(p.model, 1) = '*' AND starts_with({of}.model, left(p.model, -1))))
    ORDER BY p.model = {of}.model DESC, length(p.model) DESC LIMIT 1
) AS c ON true
"""
# One statement records the cost and releases the reservation: readers see both or neither.
RECORD_USAGE = (
    """
WITH came AS (
    SELECT t.*, ceil((t.prompt_tokens::numeric + t.completion_tokens) * coalesce(c.factor, 1)) AS cost
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                $9::bigint[], $10::text[], $11::boolean[], $12::float8[], $13::text[])
    AS t (tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
          reserved, outcome, cache_hit, at, calls)"""
    + _FACTOR.format(of="t")
    + """
), booked AS (
    INSERT INTO moe.usage (tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
                           cost, reserved, outcome, cache_hit, at, calls)
    SELECT tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
           cost, reserved, outcome, cache_hit, to_timestamp(at), string_to_array(calls, ' ') FROM came
    ON CONFLICT DO NOTHING RETURNING *
), settled AS (
    SELECT h.chunk_id, sum(b.reserved) AS amount
    FROM booked b JOIN unnest($14::text[], $15::text[], $16::uuid[]) AS h (tenant, response_id, chunk_id)
    USING (tenant, response_id) GROUP BY h.chunk_id
), released AS (
    UPDATE moe.budget_leases c SET reserved = greatest(0, c.reserved - s.amount)
    FROM settled s WHERE c.chunk_id = s.chunk_id
)"""
    + _SPEND.format(paid="booked")
)
RECORD_LATE_CALLS = """
INSERT INTO moe.late_calls (tenant, response_id, call_id, prompt_tokens, completion_tokens)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) ON CONFLICT DO NOTHING
"""
# Adds a late call to the row of its request, unless the row contains it already.
ADD_LATE = (
    """
WITH come AS (
    DELETE FROM moe.late_calls l USING unnest($1::text[], $2::text[]) AS r (tenant, response_id), moe.usage u
    WHERE (l.tenant, l.response_id) = (r.tenant, r.response_id)
      AND (u.tenant, u.response_id) = (r.tenant, r.response_id)
    RETURNING l.*, l.call_id = ANY (u.calls) AS is_known
), more AS (
    SELECT tenant, response_id, array_agg(call_id) AS calls, sum(prompt_tokens) AS prompt_tokens,
           sum(completion_tokens) AS completion_tokens
    FROM come WHERE NOT is_known GROUP BY tenant, response_id
), paid AS (
    SELECT u.tenant, u.response_id, u.user_id, u.team_id, u.at, m.calls, m.prompt_tokens, m.completion_tokens,
           ceil((m.prompt_tokens + m.completion_tokens) * coalesce(c.factor, 1)) AS cost
    FROM more m JOIN moe.usage u USING (tenant, response_id)"""
    + _FACTOR.format(of="u")
    + """
), added AS (
    UPDATE moe.usage u SET prompt_tokens = u.prompt_tokens + p.prompt_tokens, calls = u.calls || p.calls,
        completion_tokens = u.completion_tokens + p.completion_tokens, cost = u.cost + p.cost
    FROM paid p WHERE (u.tenant, u.response_id) = (p.tenant, p.response_id)
)"""
    + _SPEND.format(paid="paid")
)
