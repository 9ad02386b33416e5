-- What the rows of each table come to as one number, kept with every write: a value that changed by itself is found when
-- the rows are added up anew. Tables that something else vouches for have none. Whoever changes a table by other means
-- deletes its row here, and the next write to the table adds it up anew.
CREATE TABLE dovetail_seal (
  name   TEXT PRIMARY KEY,
  digest INTEGER NOT NULL CHECK (digest >= 0)
) STRICT, WITHOUT ROWID;
