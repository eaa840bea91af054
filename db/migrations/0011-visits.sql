-- A visit can take up several services, one after the other. No row may pass through an update here: the trigger that
-- checks its cells at commit would bar the change of the table.
alter table appointment alter column service_id type text[] using array[service_id];
alter table appointment rename column service_id to service_ids;
alter table appointment add constraint appointment_has_a_service check (cardinality(service_ids) > 0);

-- How often a hold was made longer.
alter table appointment add column extended int not null default 0;
