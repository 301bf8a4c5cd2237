-- A person may be forgotten: the directory keeps the id, which requests and budgets name, and loses the name.

GRANT UPDATE (name) ON moe.users TO moe_registrar;
GRANT UPDATE (name) ON moe.api_keys TO moe_registrar;
