-- How often a page was opened on a day: numbers, in which no person is.
create table page_count (
  tenant_id uuid not null references vault.tenant_key,
  day date not null,
  page text not null,
  views int not null check (views > 0),
  primary key (tenant_id, day, page)
);
select app.protect(t) from unnest(array['page_count']::regclass[]) t;
