package store

import (
	"database/sql"
	"fmt"
	"testing"
)

// keptBy says how many statements a connection that reads keeps, and how many of them are in use.
func keptBy(t *testing.T, s *Store) (all, busy int) {
	t.Helper()
	conn, err := s.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		for _, k := range c.(*reader).kept {
			all++
			if k.busy {
				busy++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, busy
}

func TestAQueryInsideItselfHasRowsOfItsOwn(t *testing.T) {
	s := open(t)
	const query = `SELECT value FROM json_each($1) ORDER BY value`
	var got []string
	err := s.read(t.Context(), func(v *view) error {
		return v.rows(func(rows *sql.Rows) error {
			var outer int
			if err := rows.Scan(&outer); err != nil {
				return err
			}
			return v.rows(func(rows *sql.Rows) error {
				var inner int
				err := rows.Scan(&inner)
				got = append(got, fmt.Sprint(outer, inner))
				return err
			}, query, `[7,8]`)
		}, query, `[1,2]`)
	})
	if want := "[1 7 1 8 2 7 2 8]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("it reads %v, %v, want %s", got, err, want)
	}
	if _, busy := keptBy(t, s); busy != 0 {
		t.Errorf("%d statements are still in use", busy)
	}
}

func TestAReaderKeepsNotEveryQuery(t *testing.T) {
	s := open(t)
	for i := range 3 * keptStatements {
		err := s.read(t.Context(), func(v *view) error {
			var n int
			if _, err := v.row([]any{&n}, fmt.Sprintf(`SELECT %d`, i)); err != nil || n != i {
				return fmt.Errorf("it reads %d, %w", n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if all, _ := keptBy(t, s); all == 0 || all > keptStatements {
		t.Errorf("it keeps %d statements", all)
	}
}

// A query that fails when it is asked must not be taken for one whose rows are being read.
func TestAQueryThatFailsIsFree(t *testing.T) {
	s := open(t)
	for range 2 {
		err := s.read(t.Context(), func(v *view) error {
			var n int
			_, err := v.row([]any{&n}, `SELECT json($1)`, "no json")
			return err
		})
		if err == nil {
			t.Fatal("it did not fail")
		}
	}
	if _, busy := keptBy(t, s); busy != 0 {
		t.Errorf("%d statements are in use", busy)
	}
}
