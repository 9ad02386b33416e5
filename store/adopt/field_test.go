package adopt

import (
	"errors"
	"path/filepath"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// TestAColumnThatOnlyTheHubHas: its values are kept on the laptop in the records, whatever the application there does to the
// rows, and come into the column once there is one.
func TestAColumnThatOnlyTheHubHas(t *testing.T) {
	alone(t)
	p := newApart(t, driftTable)
	p.hub.do(`ALTER TABLE t ADD COLUMN d TEXT`)
	if n := p.adopt(atHub); n != 0 {
		t.Errorf("%d rows changed by what nobody wrote", n)
	}
	p.hub.do(`UPDATE t SET d = 'v' || id WHERE id < 4`, `INSERT INTO t VALUES (5, 'new', 5, 5, 'v5')`)
	p.laptop.do(`UPDATE t SET b = 10 WHERE id = 1`)
	if r := p.sync(); r.Conflicts > 0 || r.Merged != 1 {
		t.Errorf("%+v", r)
	}
	want(t, p.record(onLaptop, "2"), `{"a":"y","b":2.0,"c":2,"d":"v2","id":2}`)
	want(t, p.drift(onLaptop), `field: the hub's table has a column "d" that this one has not`)
	want(t, p.drift(atHub), "")

	// What the laptop's application writes says nothing of the column.
	p.laptop.do(`UPDATE t SET a = 'mine' WHERE id = 1`, `REPLACE INTO t VALUES (2, 'replaced', 2, 2)`, `DELETE FROM t WHERE id = 3`)
	want(t, p.record(onLaptop, "1"), `{"a":"mine","b":10.0,"c":1,"d":"v1","id":1}`)
	want(t, p.record(onLaptop, "2"), `{"a":"replaced","b":2.0,"c":2,"d":"v2","id":2}`)
	p.laptop.do(`BEGIN`, `DELETE FROM t WHERE id = 5`, `INSERT INTO t VALUES (5, 'again', 5, 5)`, `COMMIT`)
	p.hub.do(`UPDATE t SET d = 'w1' WHERE id = 1`)
	if r := p.sync(); r.Conflicts > 0 {
		t.Errorf("%+v", r)
	}
	const rows = `SELECT group_concat(id || a || coalesce(d, '-'), ' ') FROM (SELECT * FROM t ORDER BY id)`
	p.hub.want(rows, "1minew1 2replacedv2 4w- 5againv5")

	// Nobody here can set what the table cannot hold.
	p.at(onLaptop, func(s *store.Store) error {
		r, err := s.Get(t.Context(), merge.Key{Collection: "t", ID: "1"})
		if err != nil {
			return err
		}
		_, err = s.Write(t.Context(), store.Edit{Record: r.Record, Version: r.Version, Revision: r.Revision, By: "ana",
			Fields: merge.Document(`{"a":"mine","b":10.0,"c":1,"d":"typed","id":1}`)})
		if refused := (*ConstraintError)(nil); !errors.As(err, &refused) {
			t.Errorf("it was written: %v", err)
		}
		return nil
	})

	p.laptop.do(`ALTER TABLE t ADD COLUMN d TEXT`, `UPDATE t SET d = 'own' WHERE id = 4`)
	p.adopt(onLaptop)
	p.laptop.want(rows, "1minew1 2replacedv2 4wown 5againv5")
	want(t, p.drift(onLaptop), "")
	if r := p.sync(); r.Conflicts > 0 || r.Pushed != 1 {
		t.Errorf("%+v", r)
	}
	p.hub.want(rows, "1minew1 2replacedv2 4wown 5againv5")
	p.laptop.do(`UPDATE t SET d = NULL WHERE id = 1`)
	p.sync()
	p.hub.want(rows, "1mine- 2replacedv2 4wown 5againv5")
}

// TestATableThatIsGone: its records go on without rows, and none of them holds up an exchange.
func TestATableThatIsGone(t *testing.T) {
	alone(t)
	for side, where := range []string{"hub", "laptop"} {
		t.Run(where, func(t *testing.T) {
			p := newApart(t, driftTable)
			p.file(1 - side).do(`UPDATE t SET a = 'there' WHERE id = 1`)
			p.file(side).do(`UPDATE t SET a = 'here' WHERE id = 2`, `DROP TABLE t`)
			if r := p.sync(); r.Conflicts > 0 {
				t.Errorf("%+v", r)
			}
			want(t, p.record(side, "1"), `{"a":"there","b":1.0,"c":1,"id":1}`)
			p.file(1-side).want(`SELECT group_concat(a, ' ') FROM (SELECT * FROM t ORDER BY id)`, "there here z w")
		})
	}
}

// TestBothAddAColumn: what neither wrote is no change, so that nothing is in dispute but what both wrote.
func TestBothAddAColumn(t *testing.T) {
	alone(t)
	for name, add := range map[string]string{
		"empty":    `ALTER TABLE t ADD COLUMN d TEXT`,
		"a text":   `ALTER TABLE t ADD COLUMN d TEXT NOT NULL DEFAULT 'none'`,
		"a number": `ALTER TABLE t ADD COLUMN d REAL NOT NULL DEFAULT -1`,
		"a word":   `ALTER TABLE t ADD COLUMN d VARCHAR(4) DEFAULT 0.50`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newApart(t, driftTable)
			p.hub.do(add, `UPDATE t SET d = '7.5' WHERE id = 1`)
			p.laptop.do(add, `UPDATE t SET d = '8.5' WHERE id = 2`, `UPDATE t SET a = 'mine' WHERE id < 3`)
			if n := p.adopt(atHub); n != 1 {
				t.Errorf("%d rows changed at the hub", n)
			}
			if n := p.adopt(onLaptop); n != 1 {
				t.Errorf("%d rows changed on the laptop", n)
			}
			if r := p.sync(); r.Conflicts > 0 || r.Pushed != 2 {
				t.Errorf("%+v", r)
			}
			const rows = `SELECT *, typeof(d) FROM t ORDER BY id`
			want(t, p.laptop.answer(rows), p.hub.answer(rows))
			p.hub.want(`SELECT group_concat(d, ' ') FROM (SELECT * FROM t WHERE id < 3 ORDER BY id)`, "7.5 8.5")
		})
	}
}

// TestAColumnThatIsDroppedAtTheHub: the field stays in the records, for those who have the column still and for the day that
// it comes back, and in a clone that never had it.
func TestAColumnThatIsDroppedAtTheHub(t *testing.T) {
	p := newApart(t, driftTable)
	p.hub.do(`ALTER TABLE t DROP COLUMN c`, `UPDATE t SET a = 'during' WHERE id = 1`)
	p.at(atHub, func(s *store.Store) error { return nil })
	p.adopt(atHub)
	p.hub.do(`UPDATE t SET a = 'after' WHERE id = 2`, `INSERT INTO t VALUES (5, 'new', 5)`)
	p.laptop.do(`UPDATE t SET c = 33 WHERE id = 3`)
	if r := p.sync(); r.Conflicts > 0 {
		t.Errorf("%+v", r)
	}
	p.laptop.want(`SELECT group_concat(a || coalesce(c, '-'), ' ') FROM (SELECT * FROM t ORDER BY id)`, "during1 after2 z33 w4 new-")
	want(t, p.record(atHub, "3"), `{"a":"z","b":3.0,"c":33,"id":3}`)

	path := filepath.Join(t.TempDir(), "other.db")
	p.at(atHub, func(hub *store.Store) error {
		return Clone(t.Context(), hub, path, "bo", store.Options{}, func(replica *store.Store) error {
			p.hub.do(`UPDATE t SET b = 30 WHERE id = 3`)
			_, err := replicate.Sync(t.Context(), replica, hub, nil)
			return err
		})
	})
	other, shut := open(t, path)
	defer shut()
	other.want(`SELECT group_concat(a || b, ' ') FROM (SELECT * FROM t ORDER BY id)`, "during1.0 after2.0 z30.0 w4.0 new5.0")
	other.do(`UPDATE t SET a = 'other' WHERE id = 4`)
	p.paths[onLaptop] = path
	if r := p.sync(); r.Conflicts > 0 || r.Pushed != 1 {
		t.Errorf("%+v", r)
	}
	p.hub.do(`ALTER TABLE t ADD COLUMN c`)
	p.adopt(atHub)
	p.hub.want(`SELECT group_concat(a || coalesce(c, '-'), ' ') FROM (SELECT * FROM t ORDER BY id)`, "during1 after2 z33 other4 new-")
}

// TestAColumnThatBothRename: each at its time.
func TestAColumnThatBothRename(t *testing.T) {
	alone(t)
	for side, first := range []string{"hub first", "laptop first"} {
		t.Run(first, func(t *testing.T) {
			p := newApart(t, driftTable)
			for _, now := range []int{side, 1 - side} {
				p.file(now).do(`ALTER TABLE t RENAME COLUMN c TO d`)
				p.adopt(now)
				p.hub.do(`UPDATE t SET a = a || '+' WHERE id = 1`)
				p.laptop.do(`UPDATE t SET a = a || '+' WHERE id = 2`)
				if r := p.sync(); r.Conflicts > 0 || r.Pushed != 1 {
					t.Errorf("%+v", r)
				}
			}
			p.adopt(onLaptop)
			p.sync()
			p.laptop.do(`UPDATE t SET d = d * 10 WHERE id = 4`)
			p.sync()
			for _, f := range []file{p.hub, p.laptop} {
				f.want(`SELECT group_concat(a || coalesce(d, '-'), ' ') FROM (SELECT * FROM t ORDER BY id)`, "x++1 y++2 z3 w40")
			}
			want(t, p.record(atHub, "4"), `{"a":"w","b":4.0,"d":40,"id":4}`)
			want(t, p.drift(onLaptop), "")
		})
	}
}

// TestARowThatWasChangedUnseenIsNotWritten: what somebody wrote there would be lost.
func TestARowThatWasChangedUnseenIsNotWritten(t *testing.T) {
	p := newApart(t, driftTable)
	p.hub.do(rebuildTable, `UPDATE t SET a = 'unseen' WHERE id = 1`)
	p.laptop.do(`UPDATE t SET a = 'laptop' WHERE id < 3`)
	if r := p.sync(); r.Conflicts != 1 || r.Applied != 1 {
		t.Errorf("%+v", r)
	}
	p.hub.want(`SELECT group_concat(a, ' ') FROM (SELECT * FROM t ORDER BY id)`, "unseen laptop z w")
	p.adopt(atHub)
	p.decideAll(merge.TakeServer)
	p.sync()
	p.laptop.want(`SELECT group_concat(a, ' ') FROM (SELECT * FROM t ORDER BY id)`, "unseen laptop z w")
}
