package adopt

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// apart is an application's database on a server and on a laptop.
type apart struct {
	t           *testing.T
	hub, laptop file
	paths       [2]string
}

const atHub, onLaptop = 0, 1

func newApart(t *testing.T, tables string) *apart {
	t.Helper()
	dir := t.TempDir()
	p := &apart{t: t, paths: [2]string{filepath.Join(dir, "hub.db"), filepath.Join(dir, "laptop.db")}}
	var shut func()
	p.hub, shut = open(t, p.paths[atHub], "foreign_keys(1)")
	t.Cleanup(shut)
	p.hub.do(tables)
	p.adopt(atHub, Request{Table: "t"})
	hub := p.open(atHub)
	err := Clone(t.Context(), hub, p.paths[onLaptop], "ana", store.Options{}, func(replica *store.Store) error {
		_, err := replicate.Sync(t.Context(), replica, hub, nil)
		return err
	})
	if err = errors.Join(err, hub.Close()); err != nil {
		t.Fatal(err)
	}
	p.laptop, shut = open(t, p.paths[onLaptop], "foreign_keys(1)")
	t.Cleanup(shut)
	t.Cleanup(func() { p.sound() })
	return p
}

// file is the application's connection to one of the two.
func (p *apart) file(side int) file { return [2]file{p.hub, p.laptop}[side] }

// open opens the store of one of the two; the caller closes it.
func (p *apart) open(side int) *store.Store {
	p.t.Helper()
	s, err := store.Open(context.WithoutCancel(p.t.Context()), p.paths[side], store.Options{Adoption: new(Tables)})
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// at runs fn on the store of one of the two.
func (p *apart) at(side int, fn func(s *store.Store) error) {
	p.t.Helper()
	s := p.open(side)
	if err := errors.Join(fn(s), s.Close()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *apart) adopt(side int, requests ...Request) (records int64) {
	p.t.Helper()
	s, taken, err := Into(p.t.Context(), p.paths[side], store.Options{}, requests)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range taken {
		records += one.Records
	}
	return records
}

func (p *apart) sync() (report replicate.Report) {
	p.t.Helper()
	p.at(atHub, func(hub *store.Store) error {
		p.at(onLaptop, func(replica *store.Store) error {
			var err error
			report, err = replicate.Sync(p.t.Context(), replica, hub, nil)
			return err
		})
		return nil
	})
	return report
}

// record is what one of the two knows of a record.
func (p *apart) record(side int, id string) (fields string) {
	p.t.Helper()
	p.at(side, func(s *store.Store) error {
		r, err := s.Get(p.t.Context(), merge.Key{Collection: "t", ID: id})
		fields = string(r.Fields)
		return err
	})
	return fields
}

func (p *apart) drift(side int) (text string) {
	p.t.Helper()
	p.at(side, func(s *store.Store) error {
		found, err := Look(p.t.Context(), s)
		for _, f := range found {
			text += f.What.String() + ": " + f.Words + "\n"
		}
		return err
	})
	return text
}

// sound wants both to be whole: their stores by their own checks, and the rows as the records say.
func (p *apart) sound() {
	p.t.Helper()
	for side := range p.paths {
		p.at(side, func(s *store.Store) error {
			found, err := s.Check(context.WithoutCancel(p.t.Context()), nil)
			for _, f := range found {
				if !f.OK {
					p.t.Errorf("at the end: %s: %q", f.Check, f.Found)
				}
			}
			return err
		})
	}
}

const driftTable = `
	CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b REAL, c);
	INSERT INTO t VALUES (1, 'x', 1, 1), (2, 'y', 2, 2), (3, 'z', 3, 3), (4, 'w', 4, 4)`

const rebuildTable = `
	CREATE TABLE new_t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b REAL, c, d TEXT DEFAULT 'none');
	INSERT INTO new_t (id, a, b, c) SELECT id, a, b, c FROM t;
	DROP TABLE t;
	ALTER TABLE new_t RENAME TO t`

// TestDriftLosesNothing: what an application writes before, while and after its table becomes another one is known after
// the table is adopted again, on a hub and on a laptop, and on the other side after an exchange.
func TestDriftLosesNothing(t *testing.T) {
	alone(t)
	for name, c := range map[string]struct {
		drift string // what somebody does to the table
		after string // what is written then, by its new shape
		say   string // by Drift
		table string // its name then
		adopt Request
		waits string // for this a record waits at the hub, where it is done on a laptop alone
		hub   string // what has to be done at the hub then
	}{
		"column added": {drift: `ALTER TABLE t ADD COLUMN d INTEGER NOT NULL DEFAULT 7`, after: `UPDATE t SET d = 8 WHERE id = 2`,
			say: `column-new: column "d" is new`, waits: `the table has no column "d"`, hub: `ALTER TABLE t ADD COLUMN d INTEGER`},
		"column dropped": {drift: `ALTER TABLE t DROP COLUMN c`, after: `UPDATE t SET b = 8 WHERE id = 2`,
			say: `column-gone: column "c" was dropped`},
		"column renamed": {drift: `ALTER TABLE t RENAME COLUMN c TO "the c"`, after: `UPDATE t SET "the c" = 8 WHERE id = 2`,
			say: `column-name: column "c" is called "the c" now`},
		"table made anew": {drift: rebuildTable, after: `UPDATE t SET d = 8 WHERE id = 2`,
			say:   "column-new: column \"d\" is new\nrebuilt: the triggers are gone",
			waits: `the table has no column "d"`, hub: rebuildTable},
		"table renamed": {drift: `ALTER TABLE t RENAME TO u`, after: `UPDATE u SET b = 8 WHERE id = 2`, table: "u",
			say: `renamed: it was called "t" when it was adopted`},
		"table replaced by another": {drift: `CREATE TABLE u AS SELECT * FROM t; DROP TABLE t; CREATE UNIQUE INDEX key ON u (id);
				CREATE TABLE v (id INTEGER PRIMARY KEY, a TEXT, b REAL, c); INSERT INTO v SELECT * FROM u; DROP TABLE u`,
			after: `UPDATE v SET b = 8 WHERE id = 2`, table: "v", adopt: Request{Table: "v", Collection: "t"},
			say: `gone: the table is gone; its records stay as they were last`},
		"triggers dropped": {drift: `DROP TRIGGER dovetail_1_insert; DROP TRIGGER dovetail_1_update; DROP TRIGGER dovetail_1_delete`,
			after: `UPDATE t SET b = 8 WHERE id = 2`, say: `rebuilt: the triggers are gone`},
	} {
		for side, where := range []string{"hub", "laptop"} {
			t.Run(name+"/"+where, func(t *testing.T) {
				p := newApart(t, driftTable)
				app := p.file(side)
				app.do(`UPDATE t SET a = 'before' WHERE id = 1`, c.drift)
				table := "t"
				if c.table != "" {
					table = c.table
				}
				in := func(statement string) string { return strings.ReplaceAll(statement, "TABLE", table) }
				app.do(in(`UPDATE TABLE SET a = 'during' WHERE id = 2`), c.after, in(`DELETE FROM TABLE WHERE id = 3`),
					in(`INSERT INTO TABLE (id, a) VALUES (5, 'new')`))
				if got := p.drift(side); !strings.HasPrefix(got, c.say) {
					t.Errorf("it says %q", got)
				}
				p.file(1 - side).do(`UPDATE t SET b = 44 WHERE id = 4`)
				rows := app.answer(in(`SELECT * FROM TABLE WHERE id < 4 OR id = 5 ORDER BY id`))
				p.adopt(side, c.adopt.orTable(table))
				if got := p.drift(side); got != "" && c.table == "" {
					t.Errorf("after all it says %q", got)
				}
				app.do(in(`UPDATE TABLE SET a = 'after' WHERE id = 4`))
				want(t, app.answer(in(`SELECT * FROM TABLE WHERE id < 4 OR id = 5 ORDER BY id`)), rows)
				report := p.sync()
				if waits := side == onLaptop && c.waits != ""; waits != (report.Conflicts == 1) {
					t.Errorf("it came to %+v", report)
				} else if waits {
					p.hub.do(c.hub)
					p.adopt(atHub, Request{Table: "t"})
					p.decideAll(merge.TakeLocal)
				}
				p.sync()
				for _, other := range []file{app, p.file(1 - side)} {
					of := table
					if other == p.file(1-side) {
						of = "t"
					}
					want(t, other.answer(`SELECT id, a FROM `+of+` ORDER BY id`),
						"int64 \"1\"|string \"before\"|\nint64 \"2\"|string \"during\"|\nint64 \"4\"|string \"after\"|\nint64 \"5\"|string \"new\"|")
					want(t, other.answer(`SELECT b FROM `+of+` WHERE id = 4`), `float64 "44"|`)
				}
			})
		}
	}
}

// decideAll takes a side for all that waits at the hub.
func (p *apart) decideAll(choice merge.Choice) {
	p.t.Helper()
	p.at(atHub, func(s *store.Store) error {
		page, err := s.Conflicts(p.t.Context(), merge.Query{})
		for _, c := range page.Conflicts {
			decide(p.t, s, c.Number, choice)
		}
		return err
	})
}

// orTable is a request, else one for a table.
func (r Request) orTable(name string) Request {
	if r.Table == "" {
		r.Table = name
	}
	return r
}
