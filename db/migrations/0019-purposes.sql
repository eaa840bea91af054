-- For what a record may be opened is said by its activity, now and when the record was made. Null: made by a version that
-- did not note it, as the one before this still does while both run; then what is declared now holds.
alter table vault.record add column purposes text[];
