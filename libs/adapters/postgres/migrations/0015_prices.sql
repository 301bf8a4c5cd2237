-- What a model costs is a number: NaN passes `factor >= 0`, and no cost can be computed from it. Row-level security would
-- hide the rows from an owner who is no superuser.

ALTER TABLE moe.model_costs NO FORCE ROW LEVEL SECURITY;
DELETE FROM moe.model_costs WHERE factor = 'NaN';
ALTER TABLE moe.model_costs FORCE ROW LEVEL SECURITY;
ALTER TABLE moe.model_costs ADD CONSTRAINT model_costs_number CHECK (factor >= 0 AND factor <> 'NaN');
