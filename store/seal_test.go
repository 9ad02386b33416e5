package store

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// wantSeals adds all tables up anew.
func wantSeals(t *testing.T, s *Store) {
	t.Helper()
	err := s.read(t.Context(), func(v *view) error {
		tables, err := tableNames(v)
		if err != nil {
			return err
		}
		count := 0
		for _, table := range slices.DeleteFunc(tables, func(name string) bool { return !sealed(name) }) {
			digest, err := digestOf(v, table, func() { count++ })
			if err != nil {
				return err
			}
			var kept int64
			if found, err := v.row([]any{&kept}, `SELECT digest FROM dovetail_seal WHERE name = $1`, table); err != nil {
				return err
			} else if !found || kept != digest {
				t.Errorf("%s comes to %d, its seal is %d (%v)", table, digest, kept, found)
			}
		}
		if count == 0 {
			t.Error("no row was added up")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func mustWrite(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	if err := s.write(t.Context(), func(t *tx) error {
		for _, statement := range statements {
			if _, err := t.run(statement); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestSealsFollowEveryKindOfWrite(t *testing.T) {
	s := open(t)
	for _, statement := range []string{
		`INSERT INTO dovetail_record (collection, name) VALUES ('a', '1'), ('a', '2'), ('b', '3')`,
		`UPDATE dovetail_record SET waiting = waiting + 1, outside_version = 7 WHERE collection = 'a'`,
		`UPDATE dovetail_record SET id = 9 WHERE name = '3'`,
		`REPLACE INTO dovetail_record (id, collection, name) VALUES (1, 'b', '3')`,
		`DELETE FROM dovetail_record WHERE name = '2'`,
		`INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 1)`,
		`INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 4)
			ON CONFLICT (collection, what) DO UPDATE SET number = number + excluded.number`,
		`INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 4) ON CONFLICT DO NOTHING`,
		`UPDATE dovetail_count SET collection = 'z'`,
		`INSERT INTO dovetail_copied_device (device, new_device, given_at) VALUES ('d', 'e', -5)`,
		`DELETE FROM dovetail_count`,
	} {
		mustWrite(t, s, statement)
		wantSeals(t, s)
	}
}

func TestSealsOfWhatIsTakenBackAreTakenBack(t *testing.T) {
	s := open(t)
	const write = `INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 1)`
	stop := errors.New("stop")
	if err := s.write(t.Context(), func(t *tx) error {
		_, err := t.run(write)
		return errors.Join(err, stop)
	}); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	wantSeals(t, s)
	s.disconnect() // the next connection must be watched too
	mustWrite(t, s, write)
	wantSeals(t, s)
}

func TestTwoHandlesKeepOneSeal(t *testing.T) {
	s := open(t)
	other, err := Open(t.Context(), s.info.Path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var group sync.WaitGroup
	for i, handle := range []*Store{s, other} {
		group.Go(func() {
			for range 20 {
				mustWrite(t, handle, `INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', `+string('1'+rune(i))+`)
					ON CONFLICT (collection, what) DO UPDATE SET number = number + excluded.number`)
			}
		})
	}
	group.Wait()
	wantSeals(t, s)
}

// A text that holds a NUL is seen in part only, on both sides alike.
func TestSealsOfOddValues(t *testing.T) {
	s := open(t)
	for _, value := range []string{"a\x00b", "", "\xff", "é"} {
		if err := s.write(t.Context(), func(t *tx) error {
			_, err := t.run(`INSERT INTO dovetail_count (collection, what, number) VALUES ($1, 'open', -1)`, value)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, s, `INSERT INTO dovetail_exchange (kind, source, started_at, changed_at) VALUES ('push', x'', 1, 2), ('push', NULL, 1, 2)`)
	wantSeals(t, s)
}

func TestASealThatIsGoneIsMadeAnewByTheNextWrite(t *testing.T) {
	s := open(t)
	const write = `INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 1)
		ON CONFLICT (collection, what) DO UPDATE SET number = number + 1`
	mustWrite(t, s, write, `DELETE FROM dovetail_seal WHERE name = 'dovetail_count'`)
	mustWrite(t, s, write)
	wantSeals(t, s)
}

// A step of the schema may change tables in ways that no row shows, and make new ones.
func TestAStepOfTheSchemaSealsAllTables(t *testing.T) {
	s := open(t)
	mustWrite(t, s, `INSERT INTO dovetail_count (collection, what, number) VALUES ('a', 'open', 1)`)
	steps, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	steps = append(steps, migration{number: len(steps) + 1, script: `
		CREATE TABLE dovetail_probe (id INTEGER PRIMARY KEY) STRICT;
		INSERT INTO dovetail_probe VALUES (7);
		ALTER TABLE dovetail_count ADD COLUMN more TEXT`})
	if _, err := s.migrate(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	wantSeals(t, s)
	mustWrite(t, s, `UPDATE dovetail_count SET more = 'x'`, `DELETE FROM dovetail_probe`)
	wantSeals(t, s)
}
