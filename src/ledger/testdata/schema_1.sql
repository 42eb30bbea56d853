-- A ledger as the version with schema step 1 (journal) left it.
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
CREATE TABLE schema_migrations ( module text not null, number integer not null, name text not null, primary key (module, number));
INSERT INTO "schema_migrations" VALUES('ledger',1,'journal');
