package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
)

// memory makes our tables in memory, with the rows of a file.
func memory(t *testing.T, own bool, rows string) *sql.DB {
	t.Helper()
	steps, err := stepsFor(own)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, step := range steps {
		if _, err := db.ExecContext(t.Context(), step.script); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `ATTACH $1 AS rows`, rows); err != nil {
		t.Fatal(err)
	}
	for _, table := range list(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%word%'`) {
		if _, err := db.ExecContext(t.Context(), `INSERT INTO main.`+table+` SELECT * FROM rows.`+table); err != nil {
			t.Fatal(err)
		}
	}
	for _, trigger := range list(t, db, `SELECT name FROM sqlite_schema WHERE type = 'trigger'`) {
		if _, err := db.ExecContext(t.Context(), `DROP TRIGGER `+trigger); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func list(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := eachRow(rows, func(rows *sql.Rows) error {
		var one string
		err := rows.Scan(&one)
		all = append(all, one)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// everyTable fills each of our tables with at least a row, be it one that makes no sense.
func everyTable(t *testing.T) string {
	t.Helper()
	s := open(t)
	for _, line := range []string{
		`{"key":"a","record":"a/1","local":{"x":1},"device":"d","sequence":1}`,
		`{"key":"b","record":"a/1","base_version":1,"local":{"x":2},"device":"d","sequence":2}`,
		`{"key":"c","record":"a/1","base_version":1,"local":{"x":3},"device":"e","sequence":1}`,
	} {
		if _, err := s.Push(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetStrategy(t.Context(), "a", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, s,
		`INSERT INTO dovetail_replica (only, device, hub, hub_generation) VALUES (1, 'd', 'h', 'g')`,
		`INSERT INTO dovetail_schema VALUES ('a', 1, '{}', 'bo', 1)`,
		`INSERT INTO dovetail_taken VALUES (1, 1, 1)`,
		`INSERT INTO dovetail_copied_device VALUES ('d', 'e', 1)`,
		`INSERT INTO dovetail_applied_operation VALUES ('o', 1, 1)`,
		`INSERT INTO dovetail_owed VALUES (1, 1, 1, 'no', 1)`,
		`INSERT INTO dovetail_token (hash, person, scopes, created_at) VALUES (x'00', 'bo', 'read', 1)`,
		`INSERT INTO dovetail_request VALUES ('bo', 'k', zeroblob(32), 1, 1, 0, 1)`,
		`INSERT INTO dovetail_operation (operation, change, verb, done_at) VALUES ('o', 1, 'set', 1)`,
		`INSERT OR IGNORE INTO dovetail_conflict_disorder VALUES (1)`,
		`INSERT INTO dovetail_draft VALUES (1, 'bo', 1, 1, 1, '{}', 1)`,
		`INSERT INTO dovetail_record_draft VALUES ('bo', 'a', '1', '{}', 1)`,
		`INSERT INTO dovetail_resolution (record, version, made_on, made_at) VALUES (1, 1, 1, 1)`,
		`INSERT INTO dovetail_side (record, side, reason, kept_at) VALUES (1, 'base', 'policy', 1)`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.info.Path
}

// TestPlainTablesRefuseWhatStrictOnesDo: whatever value is put into whatever column, both take it as the same, or neither
// takes it.
func TestPlainTablesRefuseWhatStrictOnesDo(t *testing.T) {
	path := everyTable(t)
	strict, plain := memory(t, true, path), memory(t, false, path)
	const tables = `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name LIKE 'dovetail%' ORDER BY name`
	if n := list(t, plain, `SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict`); n[0] != "0" {
		t.Errorf("%s plain tables are strict", n[0])
	}
	tried, refused := 0, 0
	for _, table := range list(t, strict, tables) {
		if n := list(t, strict, `SELECT count(*) FROM main.`+table); n[0] == "0" {
			t.Errorf("%s has no row to try with", table)
		}
		info := fmt.Sprintf(`SELECT format('%%s %%s %%d %%s %%d', name, type, "notnull", dflt_value, pk) FROM pragma_table_info('%s', 'main')`, table)
		if a, b := list(t, strict, info), list(t, plain, info); !slices.Equal(a, b) {
			t.Errorf("%s has the columns\n%q, plain\n%q", table, a, b)
		}
		for _, c := range list(t, strict, `SELECT name FROM pragma_table_info('`+table+`', 'main')`) {
			for _, value := range []string{`1`, `1.5`, `2.0`, `9e99`, `'x'`, `'12'`, `'1.5'`, `''`, `x'00'`, `zeroblob(32)`, `NULL`} {
				try := func(db *sql.DB) string {
					tx, err := db.BeginTx(t.Context(), nil)
					if err != nil {
						t.Fatal(err)
					}
					defer tx.Rollback()
					if _, err := tx.ExecContext(t.Context(), `UPDATE main.`+table+` SET `+c+` = `+value); err != nil {
						return "refused"
					}
					var got string
					if err := tx.QueryRowContext(t.Context(), `SELECT quote(`+c+`) FROM main.`+table).Scan(&got); err != nil {
						t.Fatal(err)
					}
					return got
				}
				tried++
				a, b := try(strict), try(plain)
				if a != b {
					t.Errorf("%s in %s.%s: %s, plain %s", value, table, c, a, b)
				}
				if a == "refused" {
					refused++
				}
			}
		}
	}
	if refused == 0 || refused == tried {
		t.Errorf("%d of %d values were refused", refused, tried)
	}
}

func TestAPlainScriptKeepsWhatItDoesNotKnow(t *testing.T) {
	got, err := plainScript("CREATE TABLE dovetail_a (\n" +
		"  id INTEGER PRIMARY KEY,\n" +
		"  kind TEXT PRIMARY KEY CHECK (kind IN\n    ('a', 'b')),\n" +
		"  loose ANY NOT NULL,\n" +
		"  size REAL,\n" +
		"  UNIQUE (kind)\n" +
		") STRICT, WITHOUT ROWID;\n" +
		"ALTER TABLE dovetail_a ADD COLUMN more BLOB NOT NULL DEFAULT x'00';\n-- not STRICT\nCREATE INDEX i ON dovetail_a (size);")
	want := "CREATE TABLE dovetail_a (\n" +
		"  id INTEGER PRIMARY KEY,\n" +
		"  kind TEXT CHECK (typeof(kind) = 'text') NOT NULL PRIMARY KEY CHECK (kind IN\n    ('a', 'b')),\n" +
		"  loose NOT NULL,\n" +
		"  size REAL CHECK (typeof(size) IN ('real', 'null')),\n" +
		"  UNIQUE (kind)\n" +
		") WITHOUT ROWID;\n" +
		"ALTER TABLE dovetail_a ADD COLUMN more BLOB CHECK (typeof(more) = 'blob') NOT NULL DEFAULT x'00';\n-- not STRICT\n" +
		"CREATE INDEX i ON dovetail_a (size);"
	if err != nil || got != want {
		t.Errorf("it is\n%s\nwant\n%s\n%v", got, want, err)
	}
	for _, script := range []string{
		"CREATE TABLE dovetail_a (id INTEGER) STRICT;",
		"CREATE TABLE dovetail_a (\n  id INTEGER\n);",
		"CREATE TABLE dovetail_a (\n  id INTEGER\n",
		"CREATE TABLE dovetail_a (\n  id VARCHAR\n) STRICT;",
		"  CREATE TABLE dovetail_a (\n  id INTEGER\n) STRICT;",
		"ALTER TABLE dovetail_a RENAME TO dovetail_b;",
	} {
		if got, err := plainScript(script); err == nil {
			t.Errorf("%q is taken as %q", script, strings.ReplaceAll(got, "\n", " "))
		}
	}
}
