package adopt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"dovetail/store"
	"dovetail/store/replicate"
)

// newHub makes a hub in the database of an application that has tables which dovetail does not know of.
func newHub(t *testing.T, mode string) (*store.Store, file) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	app, closeApp := open(t, path, "foreign_keys(1)")
	t.Cleanup(closeApp)
	app.do(`PRAGMA page_size = 1024`, `PRAGMA auto_vacuum = 2`, `PRAGMA journal_mode = `+mode,
		`PRAGMA application_id = 77`, `PRAGMA user_version = 7`,
		`CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, paid REAL, photo BLOB)`,
		`CREATE TABLE "invoice line" (customer INTEGER REFERENCES customer, number TEXT, note, PRIMARY KEY (customer, number)) WITHOUT ROWID`,
		`CREATE TABLE audit (what TEXT)`,
		`CREATE TRIGGER noted AFTER UPDATE ON customer BEGIN INSERT INTO audit VALUES (NEW.mail); END`,
		`CREATE INDEX by_paid ON customer (paid)`,
		`INSERT INTO customer VALUES (1, 'ann', 1.5, x'00ff'), (2, 'bo', 2, NULL), (3, 'cy', NULL, NULL)`,
		`INSERT INTO "invoice line" VALUES (1, 'a', 1.0), (3, 'b', 'x')`)
	hub, _, err := Into(t.Context(), path, store.Options{}, []Request{{Table: "customer"}, {Table: "invoice line", Collection: "line"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	return hub, app
}

// holdings is all that is the application's in a file.
func (f file) holdings() string {
	text := ""
	for _, query := range []string{`PRAGMA application_id`, `PRAGMA user_version`, `PRAGMA page_size`, `PRAGMA auto_vacuum`,
		`PRAGMA journal_mode`,
		`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'dovetail%' AND tbl_name NOT LIKE 'dovetail%' ORDER BY name`,
		`SELECT *, typeof(paid) FROM customer ORDER BY id`, `SELECT *, typeof(note) FROM "invoice line" ORDER BY customer, number`,
		`SELECT rowid, * FROM audit ORDER BY rowid`} {
		text += query + ":\n" + f.answer(query)
	}
	return text
}

// TestCloneHoldsWhatTheHubDoes, also what it had not looked at yet, and what was written between the copy and the
// exchange. No row goes through what it was before: triggers would note it, and its mail may be another's by now.
func TestCloneHoldsWhatTheHubDoes(t *testing.T) {
	alone(t)
	for _, mode := range []string{"WAL", "DELETE"} {
		t.Run(mode, func(t *testing.T) {
			hub, app := newHub(t, mode)
			for i := range 1100 {
				app.do(fmt.Sprintf(`UPDATE customer SET mail = 'ann%d' WHERE id = 1`, i))
			}
			app.do(`UPDATE customer SET mail = 'ann0' WHERE id = 2`)
			path := filepath.Join(t.TempDir(), "laptop.db")
			err := Clone(t.Context(), hub, path, "ana", store.Options{}, func(replica *store.Store) error {
				app.do(`DELETE FROM "invoice line" WHERE customer = 3`, `DELETE FROM customer WHERE id = 3`,
					`UPDATE customer SET mail = 'new', photo = x'01' WHERE id = 2`,
					`INSERT INTO customer VALUES (4, 'di', 1e300, NULL)`, `INSERT INTO "invoice line" VALUES (4, 'c', NULL)`)
				_, err := replicate.Sync(t.Context(), replica, hub, nil)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the clone is %v, %v", info.Mode(), err)
			}
			laptop, closeLaptop := open(t, path, "foreign_keys(1)")
			defer closeLaptop()
			want(t, laptop.holdings(), app.holdings())
			bothWays(t, hub, app, laptop, path)
		})
	}
}

// bothWays writes on both sides, and exchanges.
func bothWays(t *testing.T, hub *store.Store, app, laptop file, path string) {
	t.Helper()
	laptop.do(`UPDATE customer SET paid = 3 WHERE id = 1`, `INSERT INTO customer VALUES (9, 'eve', 0, NULL)`,
		`INSERT INTO "invoice line" VALUES (9, 'e', x'00')`)
	app.do(`UPDATE customer SET photo = x'07' WHERE id = 1`, `DELETE FROM "invoice line" WHERE number = 'c'`)
	replica, err := store.Open(t.Context(), path, store.Options{Adoption: new(Tables)})
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	report, err := replicate.Sync(t.Context(), replica, hub, nil)
	if err != nil || report.Pushed != 3 || report.Applied != 2 || report.Merged != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	for _, query := range []string{`SELECT *, typeof(paid) FROM customer ORDER BY id`,
		`SELECT *, typeof(note) FROM "invoice line" ORDER BY customer, number`} {
		want(t, laptop.answer(query), app.answer(query))
	}
	want(t, app.answer(`SELECT paid, photo FROM customer WHERE id = 1`), "float64 \"3\"|[]uint8 \"[7]\"|")
}

func TestCloneThatFailsLeavesNothing(t *testing.T) {
	broken := errors.New("the line is down")
	for name, c := range map[string]struct {
		before string // at the hub
		path   string
		want   error
	}{
		"no exchange":          {"", "laptop.db", broken},
		"a table that changed": {`ALTER TABLE customer ADD COLUMN more`, "laptop.db", ErrDrifted},
		"a file that is there": {"", "there.db", fs.ErrExist},
		"no directory":         {"", "none/laptop.db", fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			hub, app := newHub(t, "WAL")
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "there.db"), []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.before != "" {
				app.do(c.before)
			}
			err := Clone(t.Context(), hub, filepath.Join(dir, c.path), "ana", store.Options{}, func(*store.Store) error { return broken })
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			list, err := os.ReadDir(dir)
			if err != nil || len(list) != 1 {
				t.Errorf("there are %v, %v", list, err)
			}
			if mine, err := os.ReadFile(filepath.Join(dir, "there.db")); err != nil || string(mine) != "mine" {
				t.Errorf("there is %q, %v", mine, err)
			}
		})
	}
}
