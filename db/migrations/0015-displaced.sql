-- A cell of a time that is open no longer, or of a desk that is gone, and that somebody has taken: it stays with its
-- appointment, and nobody is offered it once it is free.
alter table cell drop constraint cell_audience_check;
alter table cell add constraint cell_audience_check check (audience in ('public', 'internal', 'closed'));
create index cell_closed on cell (tenant_id, appointment_id) where audience = 'closed';

-- Since when an appointment lies in such a time and its person has been told; null again when the time is open after all,
-- or the person has moved or cancelled.
alter table appointment add column displaced_at timestamptz;
create index appointment_displaced on appointment (tenant_id) where displaced_at is not null;
