package adopt

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/store"
	"dovetail/store/replicate"
)

// road is a hub in an application's database and a laptop cloned from it.
type road struct {
	t           failer
	hub, laptop *store.Store
	office, rep file // what applications have open
}

func newRoad(t *testing.T, schema string) road {
	t.Helper()
	r, end := takeRoad(t, t.TempDir(), schema)
	t.Cleanup(end)
	return r
}

// takeRoad makes a road in a directory, with all tables of a schema adopted.
func takeRoad(t failer, directory, schema string) (r road, end func()) {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(directory, "app.db")
	office, closeOffice := open(t, path, "foreign_keys(1)")
	office.do(`PRAGMA journal_mode = WAL`, schema)
	r = road{t: t, office: office}
	var requests []Request
	err := office.Rows(func(rows *sql.Rows) error {
		var one Request
		err := rows.Scan(&one.Table)
		requests = append(requests, one)
		return err
	}, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('log') ORDER BY rowid`)
	if err == nil {
		r.hub, _, err = Into(ctx, path, store.Options{}, requests)
	}
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(directory, "laptop.db")
	err = Clone(ctx, r.hub, path, "ana", store.Options{}, func(replica *store.Store) error {
		_, err := replicate.Sync(ctx, replica, r.hub, nil)
		return err
	})
	if err == nil {
		r.laptop, err = store.Open(ctx, path, store.Options{Adoption: new(Tables)})
	}
	if err != nil {
		t.Fatal(err)
	}
	rep, closeRep := open(t, path, "foreign_keys(1)")
	r.rep = rep
	return r, func() {
		closeRep()
		closeOffice()
		r.laptop.Close()
		r.hub.Close()
	}
}

func (r road) sync() replicate.Report {
	r.t.Helper()
	report, err := replicate.Sync(context.Background(), r.laptop, r.hub, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

// owes are the records whose rows are owed, with the words.
func (r road) owes() string {
	r.t.Helper()
	all, first, err := r.laptop.Owed(context.Background(), 10)
	if err != nil || int(all) != len(first) {
		r.t.Fatal(all, first, err)
	}
	var list []string
	for _, o := range first {
		list = append(list, o.Record.String()+": "+o.Reason)
	}
	return strings.Join(list, "; ")
}
