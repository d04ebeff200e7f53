create table purchase (
  buyer integer primary key
);
create table outbox (
  buyer integer primary key,
  sent boolean not null default false
);
create schema if not exists broker;
create table broker.message (
  buyer integer not null
);
create table broker.inbox (
  buyer integer primary key
);
