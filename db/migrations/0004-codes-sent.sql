-- Only a code that has gone out can be entered: others would be guesses that no limit counts together.
alter table access_code add column sent_at timestamptz;
create index mail_ended on mail_delivery (tenant_id, ended_at);
