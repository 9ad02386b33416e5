package faultfs_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/adopt"
)

// shop is an application's database, with a trigger of its own.
const shop = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT, seen INTEGER);
	CREATE TABLE invoice (no TEXT PRIMARY KEY, customer INTEGER REFERENCES customer, total REAL, status TEXT CHECK (status <> 'lost'));
	CREATE TABLE note (text);
	CREATE TRIGGER moved AFTER UPDATE OF city ON customer BEGIN
		UPDATE note SET text = NEW.name;
		UPDATE invoice SET status = 'moved' WHERE customer = NEW.id;
	END;
	INSERT INTO customer VALUES (1, 'Ana', 'Bern', 0), (2, 'Bo', NULL, 0);
	INSERT INTO invoice VALUES ('A-1', 1, 40000, 'open'), ('A-2', 2, 10.5, 'open');
	INSERT INTO note VALUES ('of nobody')`

// applicationFlows are played in an application's database, as it keeps it.
func applicationFlows() []flow {
	var all []flow
	for _, mode := range []string{"DELETE", "WAL"} {
		all = append(all, workingFlow(mode))
	}
	return append(all, flow{
		name:  "adopt",
		setup: []step{building("DELETE")},
		steps: []step{adopting("customer", "invoice"), client(`UPDATE invoice SET total = 7 WHERE no = 'A-1'`), closing},
	}, flow{
		name:  "adopt with a log",
		setup: []step{building("WAL")},
		steps: []step{adopting("customer", "invoice"), closing},
	}, flow{
		name:  "adopt again",
		setup: []step{building("DELETE"), adopting("customer"), closing},
		steps: []step{whileClosed(`ALTER TABLE customer ADD COLUMN mail TEXT`, `UPDATE customer SET mail = 'x@y' WHERE id = 1`),
			adopting("invoice"), client(`UPDATE customer SET mail = 'z' WHERE id = 2`, `DELETE FROM invoice WHERE no = 'A-2'`), closing},
	}, flow{
		name: "adopt undone",
		setup: []step{building("DELETE"), adopting("customer", "invoice"),
			pushing(store.Applied, change("k1", "customer/2", 1, `{"city":"Graz","id":2,"name":"Bo","seen":0}`)), closing},
		gone:  true,
		steps: []step{movingOut},
	}, flow{
		name:  "adopt undone with a log",
		setup: []step{building("WAL"), adopting("customer", "invoice"), closing},
		gone:  true,
		steps: []step{movingOut},
	})
}

// workingFlow is what happens to adopted tables: whoever knows nothing of dovetail writes to them, and so does dovetail.
func workingFlow(mode string) flow {
	return flow{
		name:  "work in an application, " + mode,
		setup: []step{building(mode), adopting("customer", "invoice"), closing},
		steps: []step{
			whileClosed(`UPDATE invoice SET status = 'sent', total = 1`, `INSERT OR REPLACE INTO customer VALUES (3, 'Cy', 'Rom', 7)`),
			pushing(store.Merged, change("k1", "invoice/A-1", 1, `{"customer":2,"no":"A-1","status":"open","total":40000.0}`)),
			client(`DELETE FROM invoice WHERE no = 'A-2'`, `INSERT OR REPLACE INTO customer VALUES (4, 'Cy', NULL, 0)`,
				`UPDATE customer SET city = 'Wien' WHERE id < 3`),
			pushing(store.Conflicted, change("k2", "invoice/A-1", 1, `{"customer":1,"no":"A-1","status":"void","total":2.0}`)),
			resolving(1, merge.TakeLocal), undoing(2),
			client(`UPDATE invoice SET total = 3 WHERE no = 'A-1'`),
			pushing(store.Conflicted, change("k3", "invoice/A-1", 4, `{"customer":2,"no":"A-1","status":"lost","total":2.0}`)), // by a CHECK
			pushing(store.Applied, change("k4", "customer/4", 1, `null`)),
			closing,
		},
	}
}

// building makes the application's database.
func building(mode string) step {
	return step{name: "build", do: func(g *stage) error { return g.client(`PRAGMA journal_mode = `+mode, shop) }}
}

// client has the application write, in one transaction but for the first statement where that is a PRAGMA. It knows
// nothing of dovetail, keeps the settings of SQLite, and what it is told is stored is.
func (g *stage) client(statements ...string) (err error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: g.path()}).EscapedPath()+"?_busy_timeout=5000&_error_rc=1")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() {
		// It is told that it was written before it closes the file.
		if failed := db.Close(); err == nil && failed != nil {
			err = clientError(failed)
		}
	}()
	if strings.HasPrefix(statements[0], "PRAGMA") {
		if _, err := db.ExecContext(g.ctx, statements[0]); err != nil {
			return clientError(err)
		}
		statements = statements[1:]
	}
	tx, err := db.BeginTx(context.WithoutCancel(g.ctx), nil)
	if err != nil {
		return clientError(err)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(g.ctx, statement); err != nil {
			return errors.Join(clientError(err), tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnknown, clientError(err))
	}
	return nil
}

// clientError has a full disk be told in the words in which everybody on the stage tells it.
func clientError(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_FULL {
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return err
}

// client is a transaction of the application's beside an open store, which then looks. What it does may be done twice.
func client(statements ...string) step {
	return step{name: "client: " + strings.Join(statements, "; "), do: func(g *stage) error {
		if err := g.client(statements...); err != nil {
			return err
		}
		g.ack()
		return g.lookUp()
	}}
}

// lookUp takes in what the application wrote. That is done, or not, whatever whoever only reads is told.
func (g *stage) lookUp() error {
	if _, err := g.store.Get(g.ctx, merge.Key{Collection: "customer", ID: "1"}); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return nil
}

// whileClosed is a transaction of the application's that no store is open beside; one is opened then, and looks.
func whileClosed(statements ...string) step {
	added := func(err error) bool { return err != nil && strings.Contains(err.Error(), "duplicate column name") }
	do := func(g *stage) error {
		if err := g.client(statements...); err != nil && !added(err) {
			return err
		}
		g.ack()
		if g.store == nil {
			if err := opening.do(g); err != nil {
				return err
			}
		}
		return g.lookUp()
	}
	return step{name: "client alone: " + strings.Join(statements, "; "), opens: true, do: do}
}

// adopting adopts tables, and may be done twice.
func adopting(tables ...string) step {
	return step{name: "adopt", opens: true, do: func(g *stage) error {
		var requests []adopt.Request
		for _, table := range tables {
			requests = append(requests, adopt.Request{Table: table})
		}
		if err := g.close(); err != nil {
			return err
		}
		var err error
		g.store, _, err = adopt.Into(g.ctx, g.path(), g.options(), requests)
		return err
	}}
}

// movingOut takes all of it back. Whoever asks again is told that nothing is there.
var movingOut = func() step {
	do := func(g *stage) error { return store.MoveOut(g.ctx, g.path(), new(adopt.Tables).Undo) }
	return step{name: "move out", opens: true, do: do, again: unless(do, func(err error) bool { return errors.Is(err, store.ErrForeign) })}
}()

// Undoing leaves the file as it was before it was adopted, but for what the rows hold.
func TestNothingIsLeftOfWhatWasUndone(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		f := flow{setup: []step{building(mode)}, steps: []step{adopting("customer", "invoice"), closing, movingOut}}
		r := &rehearsal{flow: f, base: t.TempDir(), files: map[string][]byte{}}
		r.setUp(t)
		g := r.stage(t)
		before := inspect(t, g.dir)
		if _, err := g.play(f.steps, 0); err != nil {
			t.Fatal(err)
		}
		g.leave(t)
		if d := difference(inspect(t, g.dir), before); d != "" || len(before) == 0 {
			t.Errorf("%s: it is not as it was: %s", mode, d)
		}
	}
}

// ours reports whether dovetail's tables are in what was read.
func (s state) ours() bool {
	return slices.ContainsFunc(s, func(line string) bool { return strings.Contains(line, " | dovetail_meta | ") })
}
