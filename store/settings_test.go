package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modernc.org/sqlite"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Create(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEveryConnectionHasTheSettings(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	always := map[string]string{
		"journal_mode": "wal", "synchronous": "3", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1",
		"mmap_size": "0", "fullfsync": "1", "checkpoint_fullfsync": "1", "busy_timeout": "5000", "page_size": "16384",
	}
	var conns []*sql.Conn
	var queryOnly []string
	for range readerCount {
		conn, err := s.readers.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns, queryOnly = append(conns, conn), append(queryOnly, "1")
	}
	if err := s.write(ctx, func(*tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	conns, queryOnly = append(conns, s.conn), append(queryOnly, "0")
	for i, conn := range conns {
		always["query_only"] = queryOnly[i]
		for name, want := range always {
			var got string
			if err := conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil || got != want {
				t.Errorf("connection %d has %s = %q (%v), want %q", i, name, got, err, want)
			}
		}
		if err := conn.QueryRowContext(ctx, `SELECT "nosuch"`).Scan(new(string)); err == nil {
			t.Errorf("connection %d takes a name in double quotes for a text", i)
		}
		if _, err := conn.ExecContext(ctx, `PRAGMA writable_schema = 1; DELETE FROM sqlite_schema`); err == nil {
			t.Errorf("connection %d lets the schema be edited", i)
		}
	}
	if _, err := conns[0].ExecContext(ctx, `UPDATE dovetail_meta SET schema = 7`); err == nil {
		t.Error("a connection that reads may write")
	}
	if !sqlite.StrictPragmasEnabled() {
		t.Error("a pragma may carry a second statement")
	}
}

func TestAConnectionWhoseSettingDidNotTakeIsNotUsed(t *testing.T) {
	s := open(t)
	for _, wrong := range []setting{
		{"journal_mode", "DELETE", "wal"}, {"foreign_keys", "0", "1"}, {"no_such_pragma", "1", "1"},
	} {
		db, err := pool(s.info.Path, "rw", 1, []setting{wrong})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.PingContext(t.Context()); err == nil {
			t.Errorf("%s was not missed", wrong.name)
		} else if wrong.name == "foreign_keys" && !errors.Is(err, ErrSettings) {
			t.Errorf("a setting that did not take says %v", err)
		}
	}
}

// TestAShareIsAPath: on Windows \\server\share begins as an authority does in a URI, which SQLite refuses.
func TestAShareIsAPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b.db")
	db, err := pool("/"+filepath.ToSlash(path), "rwc", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE a (b)`); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestTimesAndNumbersComeBackAsTheyWere(t *testing.T) {
	s := open(t)
	err := s.write(t.Context(), func(t *tx) error {
		var m moment
		var n number
		var w words
		if _, err := t.row([]any{&m, &n, &w}, `SELECT $1, $2, $3`, micros(t.now), null(1<<53+1), text("\x00'é")); err != nil {
			return err
		}
		if !m.Time.Equal(t.now) || n != 1<<53+1 || w != "\x00'é" {
			return errors.New("they came back as others: " + strings.Join([]string{m.String(), string(w)}, " "))
		}
		if _, err := t.row([]any{&m, &n, &w}, `SELECT NULL, NULL, NULL`); err != nil {
			return err
		}
		if !m.IsZero() || n != 0 || w != "" {
			return errors.New("nothing came back as something")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
