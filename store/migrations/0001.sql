-- Records, their versions, the changes that made them and the conflicts that wait for a person.
-- Times are microseconds since 1970, UTC. A document that is NULL is a record that is absent or deleted there.

CREATE TABLE dovetail_meta (
  only       INTEGER PRIMARY KEY CHECK (only = 1),
  schema     INTEGER NOT NULL,
  role       TEXT NOT NULL CHECK (role IN ('hub', 'replica')),
  home       TEXT NOT NULL CHECK (home IN ('own', 'application')),
  generation TEXT NOT NULL,
  manners    INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

-- On a replica: where it came from, and how far it has followed. place is the number that the hub's newest version known
-- here has in the order of its commits, place_hash that version's hash, manners how its collections merge, by the count
-- of changes to that. sequence is the last that was given to a change of this device, answered the key of the change that
-- the hub answered last.
CREATE TABLE dovetail_replica (
  only           INTEGER PRIMARY KEY CHECK (only = 1),
  device         TEXT NOT NULL,
  sequence       INTEGER NOT NULL DEFAULT 0,
  hub            TEXT NOT NULL,
  hub_generation TEXT NOT NULL,
  place          INTEGER NOT NULL DEFAULT 0,
  place_hash     BLOB,
  manners        INTEGER NOT NULL DEFAULT -1,
  answered       TEXT
) STRICT;

CREATE TABLE dovetail_schema (
  collection TEXT NOT NULL,
  number     INTEGER NOT NULL,
  body       TEXT NOT NULL,
  set_by     TEXT,
  set_at     INTEGER NOT NULL,
  PRIMARY KEY (collection, number)
) STRICT;

CREATE TABLE dovetail_collection (
  name     TEXT PRIMARY KEY,
  strategy TEXT NOT NULL DEFAULT 'field-merge' CHECK (strategy IN ('field-merge', 'last-write-wins', 'op-replay')),
  schema   INTEGER,
  FOREIGN KEY (name, schema) REFERENCES dovetail_schema (collection, number)
) STRICT;

-- Everything else points here. The body is canonical, the hash is its SHA-256.
CREATE TABLE dovetail_document (
  id   INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  body TEXT NOT NULL
) STRICT;

-- head 0: heard of, but no version is known. waiting counts its conflicts that are not resolved.
-- On a replica, pending says that the record stands here otherwise than at the hub: as pending_document, which was made
-- on the version pending_base. revision counts the edits here.
-- outside_version is the newest number that the system it was brought from gave it, outside_seen our version with
-- what that system holds.
CREATE TABLE dovetail_record (
  id               INTEGER PRIMARY KEY,
  collection       TEXT NOT NULL,
  name             TEXT NOT NULL,
  head             INTEGER NOT NULL DEFAULT 0,
  document         INTEGER REFERENCES dovetail_document,
  waiting          INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  outside_version  INTEGER,
  outside_seen     INTEGER,
  pending          INTEGER NOT NULL DEFAULT 0 CHECK (pending IN (0, 1)),
  pending_document INTEGER REFERENCES dovetail_document,
  pending_base     INTEGER,
  revision         INTEGER NOT NULL DEFAULT 0,
  UNIQUE (collection, name)
) STRICT;

CREATE INDEX dovetail_record_pending ON dovetail_record (id) WHERE pending = 1;

-- The id grows in the order of the commits. parent is the version it was made on, base the one that the change joined
-- to it stood on. The hash covers the version and, by the hash of its parent, all before it.
CREATE TABLE dovetail_version (
  id          INTEGER PRIMARY KEY,
  record      INTEGER NOT NULL REFERENCES dovetail_record,
  number      INTEGER NOT NULL CHECK (number > 0),
  document    INTEGER REFERENCES dovetail_document,
  cause       TEXT NOT NULL CHECK (cause IN ('write', 'merge', 'resolution', 'undo', 'adopt', 'import')),
  who         TEXT,
  device      TEXT,
  accepted_at INTEGER NOT NULL,
  edited_at   INTEGER,
  parent      INTEGER,
  base        INTEGER,
  change      INTEGER REFERENCES dovetail_change,
  outside     INTEGER,
  hash        BLOB NOT NULL CHECK (length(hash) = 32),
  UNIQUE (record, number)
) STRICT;

-- On a hub the receipts: what came in, and the answer that it got. identity is a hash of what may not differ where
-- the same key comes again. payload keeps a parked line whole. server_version and server_document are what the system
-- that it was brought from was last said to hold: version NULL where it came from no such system, 0 where it counts none.
--
-- On a replica they are the changes made there, and outbox says how far one has come: 1 it is to be sent, 2 it was sent
-- and is fixed, 3 it has its answer, and the version that the answer names is to come, 4 the hub would not take it and
-- it waits here, 0 it is done with. answer is the outcome at the hub. builds_on is the change of the same record that it
-- was made on, resolves the one whose conflict it settles, by the decisions; decided says that such a one will follow. seen is
-- the place in the hub's feed that the replica had come to when it began the change; the hub keeps it too.
CREATE TABLE dovetail_change (
  id              INTEGER PRIMARY KEY,
  key             TEXT NOT NULL UNIQUE,
  identity        BLOB NOT NULL,
  record          INTEGER NOT NULL REFERENCES dovetail_record,
  device          TEXT,
  sequence        INTEGER,
  base_version    INTEGER,
  base_document   INTEGER REFERENCES dovetail_document,
  base_lost       INTEGER NOT NULL DEFAULT 0 CHECK (base_lost IN (0, 1)),
  local_document  INTEGER REFERENCES dovetail_document,
  operations      TEXT,
  local_by        TEXT,
  local_at        INTEGER,
  local_ref       TEXT,
  server_version  INTEGER,
  server_document INTEGER REFERENCES dovetail_document,
  server_ref      TEXT,
  received_at     INTEGER NOT NULL,
  outcome         TEXT NOT NULL CHECK (outcome IN
    ('pending', 'applied', 'converged', 'merged', 'superseded', 'conflict', 'parked', 'refused')),
  replaced        INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
  outbox          INTEGER NOT NULL DEFAULT 0 CHECK (outbox BETWEEN 0 AND 4),
  answer          TEXT,
  builds_on       INTEGER REFERENCES dovetail_change,
  resolves        INTEGER REFERENCES dovetail_change,
  decided         INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1)),
  decisions       TEXT,
  note            TEXT,
  seen            INTEGER,
  version         INTEGER,
  conflict        INTEGER REFERENCES dovetail_conflict,
  fields          TEXT,
  error           TEXT,
  new_device      TEXT,
  payload         TEXT
) STRICT;

CREATE UNIQUE INDEX dovetail_change_sequence ON dovetail_change (device, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX dovetail_change_outbox ON dovetail_change (id) WHERE outbox > 0;
CREATE INDEX dovetail_change_unsettled ON dovetail_change (record, id) WHERE outbox > 0;
CREATE INDEX dovetail_change_builds_on ON dovetail_change (builds_on) WHERE builds_on IS NOT NULL;
CREATE INDEX dovetail_change_conflict ON dovetail_change (conflict) WHERE conflict IS NOT NULL;
CREATE INDEX dovetail_change_parked ON dovetail_change (id) WHERE outcome = 'parked';
CREATE INDEX dovetail_change_converged ON dovetail_change (record, version) WHERE outcome = 'converged';

-- The versions made here that the system a record is brought from was seen to hold, and their number there.
CREATE TABLE dovetail_taken (
  record  INTEGER NOT NULL REFERENCES dovetail_record,
  number  INTEGER NOT NULL,
  outside INTEGER,
  PRIMARY KEY (record, number),
  FOREIGN KEY (record, number) REFERENCES dovetail_version (record, number)
) STRICT, WITHOUT ROWID;

-- A device whose numbers another copy of it had used, and the id that copy was given.
CREATE TABLE dovetail_copied_device (
  device     TEXT PRIMARY KEY,
  new_device TEXT NOT NULL UNIQUE,
  given_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE dovetail_applied_operation (
  id         TEXT PRIMARY KEY,
  change     INTEGER NOT NULL REFERENCES dovetail_change,
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- On a replica the journal: the steps of each change, as they were done. Sending a change fixes them.
CREATE TABLE dovetail_operation (
  id        INTEGER PRIMARY KEY,
  operation TEXT NOT NULL UNIQUE,
  change    INTEGER NOT NULL REFERENCES dovetail_change,
  verb      TEXT NOT NULL,
  path      TEXT NOT NULL DEFAULT '',
  value     TEXT,
  was       TEXT,
  done_by   TEXT,
  done_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX dovetail_operation_change ON dovetail_operation (change, id);

-- Rows of an application on a replica that do not hold what their record does, because their table would not take that: what
-- they hold, the version that this was made on, and what the database said.
CREATE TABLE dovetail_owed (
  record  INTEGER PRIMARY KEY REFERENCES dovetail_record,
  holds   INTEGER REFERENCES dovetail_document,
  made_on INTEGER,
  reason  TEXT NOT NULL,
  since   INTEGER NOT NULL
) STRICT;

-- Who may speak to the hub over the network. The secret itself is known to its owner alone.
CREATE TABLE dovetail_token (
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  person     TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER,
  revoked_at INTEGER
) STRICT;

-- What requests to write a record came to that a person gave a key: whoever asks again, because the answer was lost, gets the
-- same. payload is a hash of all that was asked.
CREATE TABLE dovetail_request (
  person  TEXT NOT NULL,
  key     TEXT NOT NULL,
  payload BLOB NOT NULL CHECK (length(payload) = 32),
  record  INTEGER NOT NULL REFERENCES dovetail_record,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL CHECK (created IN (0, 1)),
  made_at INTEGER NOT NULL,
  PRIMARY KEY (person, key),
  FOREIGN KEY (record, version) REFERENCES dovetail_version (record, number)
) STRICT, WITHOUT ROWID;

-- The queue. No document stands here, so that a page of it is read from few pages of the file.
CREATE TABLE dovetail_conflict (
  id              INTEGER PRIMARY KEY,
  record          INTEGER NOT NULL REFERENCES dovetail_record,
  collection      TEXT NOT NULL,
  name            TEXT NOT NULL,
  change          INTEGER NOT NULL REFERENCES dovetail_change,
  kind            TEXT NOT NULL CHECK (kind IN
    ('edit-edit', 'edit-delete', 'delete-edit', 'create-create', 'type', 'group', 'rule', 'no-base')),
  fields          TEXT NOT NULL,
  base_version    INTEGER,
  base_document   INTEGER REFERENCES dovetail_document,
  base_lost       INTEGER NOT NULL CHECK (base_lost IN (0, 1)),
  apart           TEXT,
  local_document  INTEGER REFERENCES dovetail_document,
  server_version  INTEGER NOT NULL,
  server_document INTEGER REFERENCES dovetail_document,
  recreated       INTEGER NOT NULL CHECK (recreated IN (0, 1)),
  replica         TEXT,
  device          TEXT,
  local_by        TEXT,
  local_at        INTEGER,
  server_by       TEXT,
  server_at       INTEGER,
  state           TEXT NOT NULL CHECK (state IN ('open', 'snoozed', 'resolved')),
  revision        INTEGER NOT NULL DEFAULT 1,
  opened_at       INTEGER NOT NULL,
  snoozed_until   INTEGER,
  claimed_by      TEXT,
  claimed_until   INTEGER,
  resolved_at     INTEGER,
  resolution      INTEGER REFERENCES dovetail_resolution
) STRICT;

-- Each holds all that a page of the queue shows, so that its rows are read where they stand together: in the table each of a
-- filtered page stands on a page of the file by itself. A list of fields that is long is looked up.
CREATE INDEX dovetail_conflict_queue ON dovetail_conflict (state, opened_at, id, kind, collection, local_by, device, name,
  CASE WHEN length(fields) <= 200 THEN fields END,
  base_version, server_version, revision, local_at, server_by, server_at);
CREATE INDEX dovetail_conflict_collection ON dovetail_conflict (state, collection, opened_at, id, kind, local_by, device, name,
  CASE WHEN length(fields) <= 200 THEN fields END,
  base_version, server_version, revision, local_at, server_by, server_at);
CREATE INDEX dovetail_conflict_kind ON dovetail_conflict (state, kind, opened_at, id, collection, local_by, device, name,
  CASE WHEN length(fields) <= 200 THEN fields END,
  base_version, server_version, revision, local_at, server_by, server_at);
CREATE INDEX dovetail_conflict_local_by ON dovetail_conflict (state, local_by, opened_at, id, kind, collection, device, name,
  CASE WHEN length(fields) <= 200 THEN fields END,
  base_version, server_version, revision, local_at, server_by, server_at);
CREATE INDEX dovetail_conflict_device ON dovetail_conflict (state, device, opened_at, id, kind, collection, local_by, name,
  CASE WHEN length(fields) <= 200 THEN fields END,
  base_version, server_version, revision, local_at, server_by, server_at);
CREATE INDEX dovetail_conflict_snoozed    ON dovetail_conflict (snoozed_until) WHERE state = 'snoozed';
CREATE INDEX dovetail_conflict_record     ON dovetail_conflict (record, state);
-- Who is at which: a few at any time, and those whose time is over until somebody claims one again.
CREATE INDEX dovetail_conflict_claimed    ON dovetail_conflict (claimed_by, claimed_until) WHERE claimed_by IS NOT NULL;

-- The fields of a conflict, with the objects that they stand in, in the order of the queue, each with all that a page shows
-- of the conflict. fields is NULL where that is long.
CREATE TABLE dovetail_conflict_field (
  path           TEXT NOT NULL,
  state          TEXT NOT NULL,
  opened_at      INTEGER NOT NULL,
  conflict       INTEGER NOT NULL REFERENCES dovetail_conflict,
  kind           TEXT NOT NULL,
  collection     TEXT NOT NULL,
  local_by       TEXT,
  device         TEXT,
  name           TEXT NOT NULL,
  fields         TEXT,
  base_version   INTEGER,
  server_version INTEGER NOT NULL,
  revision       INTEGER NOT NULL,
  local_at       INTEGER,
  server_by      TEXT,
  server_at      INTEGER,
  PRIMARY KEY (state, path, opened_at, conflict)
) STRICT, WITHOUT ROWID;

CREATE INDEX dovetail_conflict_field_of ON dovetail_conflict_field (conflict);

-- What the records' names in the queue are made of: every one, two and three bytes that stand together in
-- collection/name, in small letters, each as a word of hexadecimal digits. The rowid has the conflict in its lower 30 bits
-- and above them the second in which it was opened, of 2^20 microseconds, so that it is in the order of the queue.
CREATE VIRTUAL TABLE dovetail_conflict_word USING fts5 (pieces, content = '', columnsize = 0, detail = none, tokenize = 'ascii');

-- The seconds in which it is not: a clock went back within one, or is off by centuries.
CREATE TABLE dovetail_conflict_disorder (
  second INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER dovetail_conflict_order AFTER INSERT ON dovetail_conflict
WHEN NEW.opened_at NOT BETWEEN -(1 << 53) AND (1 << 53) - 1 OR EXISTS (
  SELECT 1
  FROM dovetail_conflict
  WHERE state IN ('open', 'snoozed', 'resolved')
    AND opened_at > NEW.opened_at AND opened_at < ((NEW.opened_at >> 20) + 1) << 20)
BEGIN
  INSERT OR IGNORE INTO dovetail_conflict_disorder (second)
  VALUES (max(-(1 << 33), min((1 << 33) - 1, NEW.opened_at >> 20)));
END;

-- decided counts the fields in conflict that have a decision; -1: the draft was discarded, and is kept for whoever takes that back.
CREATE TABLE dovetail_draft (
  conflict       INTEGER NOT NULL REFERENCES dovetail_conflict,
  person         TEXT NOT NULL,
  revision       INTEGER NOT NULL,
  server_version INTEGER NOT NULL,
  decided        INTEGER NOT NULL,
  body           TEXT NOT NULL,
  saved_at       INTEGER NOT NULL,
  PRIMARY KEY (conflict, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX dovetail_draft_person ON dovetail_draft (person, conflict);

-- What a person edited in a record and has not written. It names the record, which may not be there: then it is to be made.
CREATE TABLE dovetail_record_draft (
  person     TEXT NOT NULL,
  collection TEXT NOT NULL,
  name       TEXT NOT NULL,
  body       TEXT NOT NULL,
  saved_at   INTEGER NOT NULL,
  PRIMARY KEY (person, collection, name)
) STRICT, WITHOUT ROWID;

-- What a conflict came to, or a change that merged by itself (no conflict). On a replica it has the hub's number, and
-- names conflict and change only where they are the replica's own. made_on is the version that it was made
-- on, outside the number that the system it was brought from has for the record once the lines before are applied
-- there, follows the last of those; server_ref is as it was then.
CREATE TABLE dovetail_resolution (
  id         INTEGER PRIMARY KEY,
  conflict   INTEGER REFERENCES dovetail_conflict,
  change     INTEGER REFERENCES dovetail_change,
  record     INTEGER NOT NULL REFERENCES dovetail_record,
  version    INTEGER NOT NULL,
  made_on    INTEGER NOT NULL,
  outside    INTEGER,
  follows    INTEGER REFERENCES dovetail_resolution,
  server_ref TEXT,
  decisions  TEXT,
  not_kept   TEXT,
  note       TEXT,
  who        TEXT,
  made_at    INTEGER NOT NULL,
  undoes     INTEGER UNIQUE REFERENCES dovetail_resolution,
  FOREIGN KEY (record, version) REFERENCES dovetail_version (record, number),
  UNIQUE (record, version)
) STRICT;

-- A document that lost, or was replaced while it waited: of which version or conflict, on which side, and why.
CREATE TABLE dovetail_side (
  id         INTEGER PRIMARY KEY,
  record     INTEGER NOT NULL REFERENCES dovetail_record,
  side       TEXT NOT NULL CHECK (side IN ('base', 'local', 'server')),
  document   INTEGER REFERENCES dovetail_document,
  reason     TEXT NOT NULL CHECK (reason IN ('resolution', 'policy', 'last-write-wins', 'replaced')),
  version    INTEGER,
  conflict   INTEGER REFERENCES dovetail_conflict,
  change     INTEGER REFERENCES dovetail_change,
  who        TEXT,
  device     TEXT,
  edited_at  INTEGER,
  not_kept   TEXT,
  kept_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX dovetail_side_record ON dovetail_side (record, version);

-- One row for what came in together. source is the hash of a whole input, lines how far it was read, so that the same
-- input goes on where it was broken off.
CREATE TABLE dovetail_exchange (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('import', 'push', 'sync')),
  source     BLOB,
  lines      INTEGER NOT NULL DEFAULT 0,
  finished   INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
  records    INTEGER NOT NULL DEFAULT 0,
  applied    INTEGER NOT NULL DEFAULT 0,
  converged  INTEGER NOT NULL DEFAULT 0,
  merged     INTEGER NOT NULL DEFAULT 0,
  superseded INTEGER NOT NULL DEFAULT 0,
  conflicts  INTEGER NOT NULL DEFAULT 0,
  parked     INTEGER NOT NULL DEFAULT 0,
  refused    INTEGER NOT NULL DEFAULT 0,
  bad        INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX dovetail_exchange_source ON dovetail_exchange (source) WHERE source IS NOT NULL;

-- Kept with every change, because counting a million rows is slow: the conflicts in each state, the changes issued
-- and what became of them.
CREATE TABLE dovetail_count (
  collection TEXT NOT NULL,
  what       TEXT NOT NULL,
  number     INTEGER NOT NULL,
  PRIMARY KEY (collection, what)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER dovetail_document_keep BEFORE DELETE ON dovetail_document
BEGIN SELECT RAISE(ABORT, 'documents are never deleted'); END;
CREATE TRIGGER dovetail_document_fixed BEFORE UPDATE ON dovetail_document
BEGIN SELECT RAISE(ABORT, 'documents are never changed'); END;
CREATE TRIGGER dovetail_version_keep BEFORE DELETE ON dovetail_version
BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END;
CREATE TRIGGER dovetail_version_fixed BEFORE UPDATE ON dovetail_version
BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END;
CREATE TRIGGER dovetail_resolution_keep BEFORE DELETE ON dovetail_resolution
BEGIN SELECT RAISE(ABORT, 'resolutions are never deleted'); END;
CREATE TRIGGER dovetail_resolution_fixed BEFORE UPDATE ON dovetail_resolution
BEGIN SELECT RAISE(ABORT, 'resolutions are never changed'); END;
CREATE TRIGGER dovetail_side_keep BEFORE DELETE ON dovetail_side
BEGIN SELECT RAISE(ABORT, 'sides are never deleted'); END;
CREATE TRIGGER dovetail_side_fixed BEFORE UPDATE ON dovetail_side
BEGIN SELECT RAISE(ABORT, 'sides are never changed'); END;

-- What the rows of each table come to as one number, kept with every write: a value that changed by itself is found when
-- the rows are added up anew. Tables that something else vouches for have none. Whoever changes a table by other means
-- deletes its row here, and the next write to the table adds it up anew.
CREATE TABLE dovetail_seal (
  name   TEXT PRIMARY KEY,
  digest INTEGER NOT NULL CHECK (digest >= 0)
) STRICT, WITHOUT ROWID;
