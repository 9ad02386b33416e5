package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dovetail/store"
	"dovetail/store/adopt"
)

// What never ends, and what does.
const (
	endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`
	anew    = `PRAGMA writable_schema = 1; INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES `
)

// TestAStrangerAmongOurTablesIsNotLetIn: nothing of a file runs because it goes by a name of ours.
func TestAStrangerAmongOurTablesIsNotLetIn(t *testing.T) {
	tests := []struct {
		name, script string
		want         error
	}{
		{"a view of another name", `CREATE VIEW dovetail_more AS ` + endless, store.ErrStranger},
		{"a view in place of a table", `DROP TABLE dovetail_draft; CREATE VIEW DOVETAIL_draft AS ` + endless, store.ErrStranger},
		{"a view in place of what says whose it is", `DROP TABLE dovetail_meta; CREATE VIEW dovetail_meta AS ` + endless, store.ErrForeign},
		{"a virtual table in place of that", `DROP TABLE dovetail_meta;
			CREATE VIRTUAL TABLE dovetail_meta USING fts5 (schema, home)`, store.ErrForeign},
		{"a virtual table in place of another", `DROP TABLE dovetail_draft;
			CREATE VIRTUAL TABLE dovetail_draft USING rtree (a, b, c)`, store.ErrStranger},
		{"a trigger", `CREATE TRIGGER mine BEFORE INSERT ON DOVETAIL_CHANGE BEGIN ` + endless + `; END`, store.ErrStranger},
		{"a trigger by a name of ours", `DROP TRIGGER dovetail_version_keep; CREATE TRIGGER dovetail_version_keep
			BEFORE INSERT ON dovetail_version BEGIN ` + endless + `; END`, store.ErrStranger},
		{"a trigger on what waits", `CREATE TABLE IF NOT EXISTS dovetail_row (seq INTEGER PRIMARY KEY, adopted, event, c0, c1, c2);
			CREATE TRIGGER mine BEFORE DELETE ON dovetail_row BEGIN ` + endless + `; END`, store.ErrStranger},
		{"a trigger whose text is only a part of one of ours", `DROP TRIGGER dovetail_version_keep; ` + anew +
			`('trigger', 'dovetail_version_keep', 'dovetail_version', 0, 'CREATE TRIGGER dovetail_version_keep')`, nil},
	}
	homes := map[string]func(*testing.T) string{
		"own": func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "test.db")
			s, err := store.Create(t.Context(), path, options())
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			return path
		},
		"application": func(t *testing.T) string {
			path := application(t, "DELETE")
			s, _, err := adopt.Into(t.Context(), path, options(), []adopt.Request{{Table: "customer"}})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			return path
		},
	}
	for home, make := range homes {
		base, err := os.ReadFile(make(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			t.Run(home+", "+tt.name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "it.db")
				if err := os.WriteFile(path, base, 0o600); err != nil {
					t.Fatal(err)
				}
				foreign(t, path, `PRAGMA foreign_keys = 0; `+tt.script)
				opts := options()
				opts.Adoption = new(adopt.Tables)
				defer time.AfterFunc(time.Minute, func() { panic("it runs for ever") }).Stop()
				for name, open := range map[string]func() (*store.Store, error){
					"open": func() (*store.Store, error) { return store.Open(t.Context(), path, opts) },
					"settle": func() (*store.Store, error) {
						s, _, err := adopt.Into(t.Context(), path, options(), []adopt.Request{{Table: "note"}})
						return s, err
					},
				} {
					s, err := open()
					if err == nil {
						s.Close()
					}
					if tt.want == nil && err == nil {
						t.Errorf("%s: it is let in", name)
					}
					if tt.want != nil && name == "open" && (!errors.Is(err, tt.want) || !strings.Contains(err.Error(), path)) {
						t.Errorf("%s: it says %v", name, err)
					} else if err == nil {
						t.Errorf("%s: it is let in", name)
					}
				}
			})
		}
	}
}

// TestAFileMayUseNothingThatDoesHarm: what an application's table calls when dovetail writes a row.
func TestAFileMayUseNothingThatDoesHarm(t *testing.T) {
	alone(t)
	out := filepath.Join(t.TempDir(), "out.db")
	for name, body := range map[string]string{
		"an extension":    `SELECT load_extension('/tmp/x.so')`,
		"a file":          `SELECT writefile('` + out + `', 'x')`,
		"a tokenizer":     `SELECT fts3_tokenizer('x', x'00')`,
		"a page":          `UPDATE sqlite_dbpage SET data = zeroblob(1024) WHERE pgno = 1`,
		"the schema":      `UPDATE sqlite_schema SET sql = 'x'`,
		"the connections": `INSERT INTO note (text) SELECT name FROM pragma_database_list`,
		"our tables":      `UPDATE dovetail_meta SET generation = 'x'`,
		"the log":         `INSERT INTO dovetail_row (adopted, event, c0) VALUES (1, 3, 2)`, // says that a row is gone which is there
	} {
		t.Run(name, func(t *testing.T) {
			path := application(t, "DELETE")
			s, _, err := adopt.Into(t.Context(), path, options(), []adopt.Request{{Table: "customer"}})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			foreign(t, path, anew+`('trigger', 'mine', 'customer', 0,
				'CREATE TRIGGER mine AFTER UPDATE ON customer BEGIN `+strings.ReplaceAll(body, `'`, `''`)+`; END')`)
			opts := options()
			opts.Adoption = new(adopt.Tables)
			if s, err = store.Open(t.Context(), path, opts); err != nil {
				t.Fatal(err)
			}
			line := `{"key":"k","record":"customer/1","base_version":1,"local":{"id":1,"name":"Eve","paid":1.5}}`
			a, err := s.Push(t.Context(), []byte(line))
			if name == "the log" {
				if err != nil || a.Outcome != store.Applied {
					t.Errorf("it comes to %+v, %v", a, err)
				}
				wantRecord(t, s, "customer/2", 1, `{"id":2,"name":"Bo","paid":null}`)
			} else if err == nil && a.Outcome != store.Conflicted {
				t.Errorf("it comes to %+v", a)
			} else {
				wantRows(t, s, `SELECT group_concat(name) FROM customer`, "Ann,Bo")
			}
			s.Close()
			if _, err := os.Stat(out); err == nil {
				t.Error("a file was written")
			}
		})
	}
}
