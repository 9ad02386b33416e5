package store

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestMigrationsAreNumberedWithoutAGap(t *testing.T) {
	files := fstest.MapFS{
		"migrations/0001.sql": {Data: []byte("SELECT 1")},
		"migrations/0003.sql": {Data: []byte("SELECT 3")},
	}
	if _, err := readMigrations(files); err == nil || !strings.Contains(err.Error(), "0003.sql") {
		t.Errorf("a missing number says %v", err)
	}
	steps, err := readMigrations(migrations)
	if err != nil || len(steps) == 0 {
		t.Errorf("the steps are %v, %v", steps, err)
	}
}

func TestAMigrationIsDoneOnceByWhoeverIsFirst(t *testing.T) {
	s := open(t)
	other, err := Open(t.Context(), s.info.Path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	steps, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	next := migration{number: len(steps) + 1, script: `CREATE TABLE dovetail_probe (id INTEGER PRIMARY KEY) STRICT; INSERT INTO dovetail_probe VALUES (NULL)`}
	steps = append(steps, next)
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, handle := range []*Store{s, other} {
		group.Go(func() { _, errs[i] = handle.migrate(t.Context(), steps) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	err = s.read(t.Context(), func(v *view) error {
		n, err := schemaNumber(v)
		if n != next.number {
			t.Errorf("the schema is %d, want %d", n, next.number)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	s := open(t)
	steps, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	bad := migration{number: len(steps) + 1, script: `CREATE TABLE dovetail_probe (id INTEGER PRIMARY KEY) STRICT; SELECT nonsense`}
	if _, err := s.migrate(t.Context(), append(steps, bad)); err == nil {
		t.Fatal("it did not fail")
	}
	err = s.read(t.Context(), func(v *view) error {
		var tables int
		_, err := v.row([]any{&tables}, `SELECT count(*) FROM sqlite_master WHERE name = 'dovetail_probe'`)
		n, err2 := schemaNumber(v)
		if tables != 0 || n != len(steps) {
			t.Errorf("%d tables of it stand there, the schema is %d", tables, n)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASchemaThatGrewMeanwhileIsRefused(t *testing.T) {
	s := open(t)
	if err := s.write(t.Context(), func(t *tx) error { _, err := t.run(`UPDATE dovetail_meta SET schema = 9999`); return err }); err != nil {
		t.Fatal(err)
	}
	steps, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.migrate(t.Context(), steps); !errors.Is(err, ErrNewer) {
		t.Errorf("it says %v, want %v", err, ErrNewer)
	}
}
