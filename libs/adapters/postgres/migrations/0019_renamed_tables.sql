-- Tables under the terms of the trade: audit entries until they are published, requests recorded before the reply, leased
-- shares of budgets. Rows, rights and policies stay.

ALTER TABLE moe.acts RENAME TO audit_outbox;
ALTER INDEX moe.acts_pkey RENAME TO audit_outbox_pkey;

ALTER TABLE moe.accepted RENAME TO write_ahead;
ALTER INDEX moe.accepted_pkey RENAME TO write_ahead_pkey;
ALTER INDEX moe.accepted_by_log RENAME TO write_ahead_by_log;
ALTER INDEX moe.accepted_by_key RENAME TO write_ahead_by_key;

ALTER TABLE moe.budget_chunks RENAME TO budget_leases;
ALTER INDEX moe.budget_chunks_pkey RENAME TO budget_leases_pkey;
ALTER INDEX moe.chunks_by_holder RENAME TO budget_leases_by_holder;
ALTER INDEX moe.chunks_by_expiry RENAME TO budget_leases_by_expiry;
