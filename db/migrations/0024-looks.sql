-- A line of the access trail is a look, and a look can be at many records: the rows of one id are one line, a row for each
-- record that it names. A row is found by its record and goes with it, so that is where its key begins.
alter table vault.access drop constraint access_pkey;
alter table vault.access add primary key (tenant_id, record_id, id);
drop index vault.access_of;
