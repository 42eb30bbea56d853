-- A ledger as the version with schema step 6 (unsent) left it.
CREATE TABLE documents (
    kind text not null,
    id text not null,
    sort text not null,
    status text not null,
    parent text not null,
    body text not null,
    primary key (kind, id)
  );
INSERT INTO "documents" VALUES('finding','fnd_1','s','open','c','{"id":"fnd_1"}');
CREATE TABLE entries (
    position integer primary key,
    stream text not null,
    sequence bigint not null,
    kind text not null,
    time_ms bigint not null,
    body text not null,
    hash blob not null,
    unique (stream, sequence)
  );
INSERT INTO "entries" VALUES(1,'sig_1',1,'signal_received',1700000001000,'{"body":{"id":"1"},"kind":"event","source":"aws.s3"}',X'86EBD8DE453039D8215A4FBA45E025804C66679FCC97B3BD4FD8757111E87C6F');
INSERT INTO "entries" VALUES(2,'sig_1',2,'signal_handled',1700000002000,'{}',X'C77CB0D62CF86BA476AF456A96AA8D906BA2981DA194A65C3F04183DE32DFEDE');
INSERT INTO "entries" VALUES(3,'fnd_1',1,'finding_opened',1700000003000,'{"control":"c","severity":"high","title":"Grüße"}',X'7006A90AE7016EE7280B784BC1D98C82644D88147EAC92A881C6614C8A539179');
INSERT INTO "entries" VALUES(4,'rem_1',1,'remediation_opened',1700000004000,'{"control":"c","finding":"fnd_1"}',X'B49E76E63C7B5CD73DB59A8EEC3AB10FF3447DEC8E4A22C4B901CA0840EF0D29');
INSERT INTO "entries" VALUES(5,'rem_1',2,'decided',1700000005000,'{"decision":"manual","reasons":["a","b"]}',X'31EE0F48EB3AFE6867249CF2FC72923D0EF128D97CBB58D40FF3EFCBFDCBD084');
CREATE TABLE head (
    id integer primary key check (id = 1),
    position bigint not null,
    hash blob not null
  );
INSERT INTO "head" VALUES(1,5,X'31EE0F48EB3AFE6867249CF2FC72923D0EF128D97CBB58D40FF3EFCBFDCBD084');
CREATE TABLE outbox (
    id text primary key,
    channel text not null,
    body text not null,
    state text not null check (state in ('waiting', 'sent', 'dead')),
    attempts integer not null,
    due_ms bigint not null,
    error text not null
  , seal text not null default '', state_seal text not null default '');
INSERT INTO "outbox" VALUES('m1','notices','{"subject":"hello"}','waiting',0,1700000005000,'','f82e270e4f1ee889','2a2022efccd8ff05');
INSERT INTO "outbox" VALUES('m2','notices','{"subject":"hello"}','sent',1,1700000005000,'','317a9cf6ac31ea59','ac3f9f3af1d6fd42');
CREATE TABLE outbox_unsent (
    id integer primary key check (id = 1),
    messages bigint not null
  );
INSERT INTO "outbox_unsent" VALUES(1,1);
CREATE TABLE checkpoint (
    id integer primary key check (id = 1),
    size bigint not null,
    note text not null
  );
CREATE TABLE schema_migrations ( module text not null, number integer not null, name text not null, primary key (module, number));
INSERT INTO "schema_migrations" VALUES('ledger',1,'journal');
INSERT INTO "schema_migrations" VALUES('ledger',2,'timers');
INSERT INTO "schema_migrations" VALUES('ledger',3,'outbox');
INSERT INTO "schema_migrations" VALUES('ledger',4,'documents');
INSERT INTO "schema_migrations" VALUES('ledger',5,'seals');
INSERT INTO "schema_migrations" VALUES('ledger',6,'unsent');
INSERT INTO "schema_migrations" VALUES('ledger',7,'checkpoint');
CREATE TABLE timers (
    id text primary key,
    stream text not null,
    due_ms bigint not null
  , seal text not null default '');
INSERT INTO "timers" VALUES('rem_1','rem_1',1700000009000,'237785bf0eca4479');
CREATE INDEX timers_due on timers (due_ms, id);
CREATE INDEX outbox_due on outbox (channel, due_ms, id) where state = 'waiting';
CREATE INDEX outbox_done on outbox (state, due_ms, id) where state <> 'waiting';
CREATE INDEX documents_sort on documents (kind, sort, id);
CREATE INDEX documents_status on documents (kind, status, sort, id) where status <> '';
CREATE INDEX documents_parent on documents (kind, parent, sort, id) where parent <> '';
