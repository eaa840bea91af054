-- The periods that were declared when a record was made: what the person was told. A register that is changed later may
-- shorten them, never lengthen them.
alter table vault.record add column promise jsonb not null default '[]';
