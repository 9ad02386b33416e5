package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// application makes a database as an application leaves it, in a journal mode.
func application(t *testing.T, mode string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	foreign(t, path, `PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; PRAGMA journal_mode = `+mode+`;
		PRAGMA application_id = 77; PRAGMA user_version = 7;
		CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''), paid REAL);
		CREATE TABLE note (customer REFERENCES customer, text);
		CREATE VIEW paying AS SELECT name FROM customer WHERE paid > 0;
		INSERT INTO customer VALUES (1, 'Ann', 1.5), (2, 'Bo', NULL);
		INSERT INTO note VALUES (99, 'of nobody')`)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func nothing(store.Adopting) error { return nil }

// settled makes a hub in an application's database, which must be sound at the end of the test.
func settled(t *testing.T, mode string) *store.Store {
	t.Helper()
	s, err := store.Settle(t.Context(), application(t, mode), options(), nothing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leaveSound(t, s) })
	return s
}

// journalModes are those that a file keeps, and one that it does not.
var journalModes = []string{"WAL", "DELETE", "PERSIST"}

// theirs is all that is the application's in a file, and what the file says of itself.
func theirs(t *testing.T, path string) []string {
	t.Helper()
	db := plain(t, path)
	defer db.Close()
	var all []string
	for _, query := range []string{`PRAGMA application_id`, `PRAGMA user_version`, `PRAGMA page_size`, `PRAGMA encoding`,
		`PRAGMA auto_vacuum`, `PRAGMA journal_mode`,
		`SELECT group_concat(type || name || tbl_name || coalesce(sql, ''), ';')
			FROM (SELECT * FROM sqlite_master WHERE name NOT LIKE 'dovetail\_%' ESCAPE '\' AND tbl_name NOT LIKE 'dovetail\_%' ESCAPE '\')`,
		`SELECT group_concat(rowid || typeof(paid) || id || name || coalesce(paid, ''), ';') FROM customer`,
		`SELECT group_concat(customer || text, ';') FROM note`} {
		var got string
		if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, got)
	}
	return all
}

func TestSettlingLeavesWhatIsTheApplications(t *testing.T) {
	for _, mode := range journalModes {
		t.Run(mode, func(t *testing.T) {
			path := application(t, mode)
			before := theirs(t, path)
			s, err := store.Settle(t.Context(), path, options(), nothing)
			if err != nil {
				t.Fatal(err)
			}
			playDeal(t, s)
			resolve(t, s, 1, merge.TakeLocal, "bo")
			wantSum(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if after := theirs(t, path); !slices.Equal(before, after) {
				t.Errorf("it was\n%q\nand is\n%q", before, after)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
				t.Errorf("the file is %v, %v", info, err)
			}
			wantRows(t, s, `SELECT count(*) FROM pragma_table_list WHERE strict`, "0")
		})
	}
}

// TestTheWholeStoryInAnApplication: what a conflict goes through, with a copy and a look at it.
func TestTheWholeStoryInAnApplication(t *testing.T) {
	alone(t)
	for _, mode := range journalModes {
		t.Run(mode, func(t *testing.T) {
			s := settled(t, mode)
			playDeal(t, s)
			w := resolve(t, s, 1, merge.TakeLocal, "bo")
			wantRecord(t, s, "deal/D-1042", 5, `{"amount":50000,"notes":"added","status":"closed"}`)
			if _, err := s.Undo(t.Context(), w.Resolution, "bo"); err != nil {
				t.Fatal(err)
			}
			s = reopen(t, s)
			resolve(t, s, 1, merge.TakeServer, "bo")
			if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 7, Fields: doc(`{"x":1}`), By: "bo"}); err != nil {
				t.Fatal(err)
			}
			wantSum(t, s)
			wantChain(t, s)
			to := filepath.Join(t.TempDir(), "copy.db")
			if _, err := s.Backup(t.Context(), to, nil); err != nil {
				t.Fatal(err)
			}
			if was, is := theirs(t, s.Info().Path), theirs(t, to); !slices.Equal(was, is) {
				t.Errorf("the copy has\n%q\nthe database\n%q", is, was)
			}
			again, err := store.Open(t.Context(), to, options())
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			wantRecord(t, again, "deal/D-1042", 8, `{"x":1}`)
			wantSound(t, again)
		})
	}
}

func TestSettlingAgainOpensWhatIsThere(t *testing.T) {
	s := settled(t, "DELETE")
	load(t, s, dealV3)
	calls := 0
	again, err := store.Settle(t.Context(), s.Info().Path, options(), func(a store.Adopting) error {
		calls++
		return a.Keep(store.Row{Record: key("deal/new"), Fields: doc(`{"x":1}`)})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if calls != 1 || again.Info() != s.Info() {
		t.Errorf("after %d calls it is %+v, and was %+v", calls, again.Info(), s.Info())
	}
	wantRecord(t, s, "deal/new", 1, `{"x":1}`)
	wantRows(t, s, `SELECT cause FROM dovetail_version ORDER BY id`, "import", "adopt")
}

// An application's process may have ended with all that it wrote in the log, and dovetail's too.
func TestWhatStandsInTheLogAloneIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	db := plain(t, application(t, "WAL"))
	if _, err := db.ExecContext(t.Context(), `VACUUM INTO '`+path+`'`); err != nil {
		t.Fatal(err)
	}
	live := plain(t, path)
	live.SetMaxOpenConns(1)
	if _, err := live.ExecContext(t.Context(), `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; BEGIN; SELECT * FROM customer`); err != nil {
		t.Fatal(err) // it reads on, and so nothing can be brought into the file
	}
	s, err := store.Settle(t.Context(), path, options(), nothing)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	again, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	wantSound(t, again)
}

// TestWhatWasRemovedIsNotMadeAnew: that dovetail's tables are gone may stand in the log alone, while the file still has them.
func TestWhatWasRemovedIsNotMadeAnew(t *testing.T) {
	path := application(t, "WAL")
	s, err := store.Settle(t.Context(), path, options(), nothing)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	before := plain(t, path)
	before.SetMaxOpenConns(1)
	if _, err := before.ExecContext(t.Context(), `BEGIN; SELECT * FROM customer`); err != nil {
		t.Fatal(err) // it reads on, and so nothing can be brought into the file
	}
	if err := store.MoveOut(t.Context(), path, func(store.Statements) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), path, options()); !errors.Is(err, store.ErrForeign) {
		t.Errorf("opened it says %v", err)
		s.Close()
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := plain(t, path).QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_master WHERE name LIKE 'dovetail%'`).Scan(&n); err != nil || n > 0 {
		t.Errorf("%d of dovetail's tables and indexes are there again, %v", n, err)
	}
}

func TestSettlingThatFailsChangesNothing(t *testing.T) {
	path := application(t, "WAL")
	before := theirs(t, path)
	want := errors.New("no")
	s, err := store.Settle(t.Context(), path, options(), func(a store.Adopting) error {
		if err := a.Keep(store.Row{Record: key("customer/1"), Fields: doc(`{"id":1}`)}); err != nil {
			return err
		}
		if _, err := a.Run(`CREATE TABLE dovetail_adopted (n); INSERT INTO dovetail_adopted VALUES (1)`); err != nil {
			return err
		}
		return want
	})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("it says %v", err)
	}
	if after := theirs(t, path); !slices.Equal(before, after) {
		t.Errorf("it was %q and is %q", before, after)
	}
	if _, err := store.Open(t.Context(), path, options()); !errors.Is(err, store.ErrForeign) {
		t.Errorf("opened it says %v", err)
	}
}

func TestSettlingRefusesWhatCannotHoldIt(t *testing.T) {
	make := func(script string) func(*testing.T, string) {
		return func(t *testing.T, path string) { foreign(t, path, script) }
	}
	tests := []struct {
		name string
		make func(*testing.T, string)
		want error
		says string
	}{
		{"missing", func(*testing.T, string) {}, os.ErrNotExist, "there is no such file"},
		{"empty", func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNotDatabase, "the file is empty"},
		{"text", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("just some text\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNotDatabase, "not a database"},
		{"read-only", func(t *testing.T, path string) {
			foreign(t, path, `CREATE TABLE a (b)`)
			if err := os.Chmod(path, 0o400); err != nil {
				t.Fatal(err)
			}
		}, store.ErrReadOnly, "read-only"},
		{"UTF-16", make(`PRAGMA encoding = 'UTF-16'; CREATE TABLE a (b)`), store.ErrUnfit, "UTF-16le"},
		{"a name of ours", make(`CREATE TABLE Dovetail_record (b)`), store.ErrUnfit, `"Dovetail_record"`},
		{"a view of our name", make(`CREATE TABLE a (b); CREATE VIEW dovetail_meta AS SELECT b FROM a`), store.ErrUnfit, `"dovetail_meta"`},
		{"own", func(t *testing.T, path string) {
			s, err := store.Create(t.Context(), path, options())
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		}, store.ErrOwnHome, "dovetail's own"},
		{"newer", func(t *testing.T, path string) {
			foreign(t, path, `CREATE TABLE a (b)`)
			s, err := store.Settle(t.Context(), path, options(), nothing)
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			foreign(t, path, `UPDATE dovetail_meta SET schema = 9999`)
		}, store.ErrNewer, "its schema is 9999"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "it.db")
			tt.make(t, path)
			before := files(t, dir)
			s, err := store.Settle(t.Context(), path, options(), func(store.Adopting) error {
				t.Error("it began")
				return nil
			})
			if err == nil {
				s.Close()
				t.Fatal("it settled there")
			}
			var about *store.PathError
			if !errors.Is(err, tt.want) || !errors.As(err, &about) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %q, want %v with %q", err, tt.want, tt.says)
			}
			if after := files(t, dir); !equalFiles(before, after) {
				t.Errorf("the directory holds %q, before %q", names(after), names(before))
			}
		})
	}
}

// The application may keep the lock for a while, and nothing is written in between.
func TestAnApplicationThatHoldsTheLockIsBusy(t *testing.T) {
	for _, mode := range journalModes {
		s := settled(t, mode)
		db := plain(t, s.Info().Path)
		db.SetMaxOpenConns(1)
		if _, err := db.ExecContext(t.Context(), `BEGIN IMMEDIATE; UPDATE customer SET paid = 7`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := s.Push(ctx, []byte(`{"key":"k","record":"a/1","local":{"x":1}}`))
		cancel()
		if !errors.Is(err, store.ErrBusy) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: it says %v", mode, err)
		}
		if _, err := db.ExecContext(t.Context(), `COMMIT`); err != nil {
			t.Fatal(err)
		}
		db.Close()
		push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
	}
}

// What an application keeps is for it to say; what is dovetail's must be sound, and as dovetail makes it.
func TestDoctorLooksAtWhatIsDovetails(t *testing.T) {
	alone(t)
	tests := []struct{ script, check, says string }{
		{`PRAGMA ignore_check_constraints = 1; UPDATE customer SET name = ''`, "", ""},
		{`CREATE TRIGGER mine AFTER INSERT ON customer BEGIN SELECT 1; END`, "", ""},
		{`CREATE TABLE dovetail_adopted_trigger (number INTEGER PRIMARY KEY); CREATE TABLE dovetail_rows_1 (seq INTEGER PRIMARY KEY);
			INSERT INTO dovetail_rows_1 VALUES (7); INSERT INTO dovetail_seal VALUES ('dovetail_adopted_trigger', 0)`, "", ""},
		{`DROP TRIGGER dovetail_version_keep`, "tables", "dovetail_version_keep is gone"},
		{`UPDATE dovetail_record SET waiting = 1`, "values", "dovetail_record"},
		{`PRAGMA ignore_check_constraints = 1; UPDATE dovetail_change SET sequence = 'x'`, "pages", "CHECK constraint failed in dovetail_change"},
	}
	for _, tt := range tests {
		s := settled(t, "DELETE")
		push(t, s, `{"key":"k","record":"a/1","local":{"x":1},"device":"d","sequence":1}`)
		s.Close()
		foreign(t, s.Info().Path, tt.script)
		again, err := store.Open(t.Context(), s.Info().Path, options())
		if err != nil {
			t.Fatal(err)
		}
		found, err := again.Check(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		again.Close()
		os.Remove(s.Info().Path)
		said := map[string]string{}
		for _, f := range found {
			if !f.OK {
				said[f.Check] = fmt.Sprint(f.Found)
			}
		}
		if tt.check == "" && len(said) > 0 || !strings.Contains(said[tt.check], tt.says) {
			t.Errorf("after %s it says %q", tt.script, said)
		}
	}
}

// A record of an adopted table must not come to stand otherwise than its row because nobody could write that.
func TestAdoptedTablesWantSomebodyToWriteThem(t *testing.T) {
	s := settled(t, "DELETE")
	again := options()
	again.Adoption = &tasks{}
	foreign(t, s.Info().Path, `CREATE TABLE dovetail_adopted (number INTEGER PRIMARY KEY); CREATE TABLE dovetail_rows_1 (seq INTEGER PRIMARY KEY)`)
	if _, err := store.Open(t.Context(), s.Info().Path, options()); !errors.Is(err, store.ErrAdopted) {
		t.Errorf("with nobody it says %v", err)
	}
	with, err := store.Open(t.Context(), s.Info().Path, again)
	if err != nil {
		t.Fatal(err)
	}
	with.Close()
	foreign(t, s.Info().Path, `DROP TABLE dovetail_adopted; DROP TABLE dovetail_rows_1`)
}
