package adopt

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dovetail/merge"
	"dovetail/store"
)

// roadShapes are tables between which rows travel: those that shapes has, and a few that belong together.
func roadShapes() (all []string) {
	for _, s := range shapes {
		if !s.triggers {
			all = append(all, s.create)
		}
	}
	return append(all,
		`CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT UNIQUE);
			CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p, v);
			CREATE TABLE g (c INTEGER REFERENCES c ON DELETE CASCADE, n TEXT, v, PRIMARY KEY (c, n)) WITHOUT ROWID`,
		`CREATE TABLE p (id INTEGER PRIMARY KEY, c INTEGER REFERENCES c DEFERRABLE INITIALLY DEFERRED, v);
			CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED, v CHECK (v IS NOT 2))`,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, v, n INT DEFAULT 0); CREATE TABLE log (x);
			CREATE TRIGGER noted AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.v); END;
			CREATE TRIGGER no BEFORE UPDATE ON t WHEN NEW.v = 3 BEGIN SELECT RAISE(ABORT, 'no threes'); END`,
	)
}

// Random SQL on a hub and on a laptop, exchanged and decided: the tables are equal in the end, and every value that either
// application had committed when an exchange began is in a version, on a side that was not kept, or in a row.
func TestRandomSQLOnBothSides(t *testing.T) {
	alone(t)
	directory := t.TempDir()
	hits := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(directory, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r, end := takeRoad(t, dir, rapid.SampledFrom(roadShapes()).Draw(t, "shape"))
		defer end()
		g := &traffic{road: r, draw: t, tokens: map[string]bool{}, hits: hits}
		for range rapid.IntRange(1, 4).Draw(t, "exchanges") {
			g.write(r.office, "office")
			g.write(r.rep, "rep")
			g.remember()
			g.exchange()
		}
		g.settle()
		g.check()
	})
	for _, what := range []string{"conflict", "rule", "owed", "refused", "equal"} {
		if hits[what] == 0 {
			t.Errorf("there was never %q: %v", what, hits)
		}
	}
	t.Log(hits)
}

// traffic is random SQL on both ends of a road.
type traffic struct {
	road
	draw   *rapid.T
	tables []string
	tokens map[string]bool // texts of which each was written once, and was committed when an exchange began
	made   int
	hits   map[string]int
}

// write runs a few statements on one end, each committed or refused.
func (g *traffic) write(f file, where string) {
	g.tables = g.tables[:0]
	if err := f.Rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		g.tables = append(g.tables, name)
		return err
	}, `SELECT collection FROM dovetail_adopted ORDER BY number`); err != nil {
		g.draw.Fatal(err)
	}
	for range rapid.IntRange(0, 8).Draw(g.draw, "statements") {
		table := rapid.SampledFrom(g.tables).Draw(g.draw, "table")
		columns, err := readColumns(f, table, false)
		if err != nil {
			g.draw.Fatal(err)
		}
		text := statement(g.draw, table, columns)
		if first, _, _ := strings.Cut(text, " "); strings.Contains("BEGIN ROLLBACK COMMIT SAVEPOINT RELEASE", first) {
			continue
		}
		if rapid.Bool().Draw(g.draw, "token") {
			g.made++
			text = strings.Replace(text, "'a'", fmt.Sprintf("'%s token %d'", where, g.made), 1)
		}
		if _, err := f.Run(text); err != nil {
			g.hits["refused"]++
		}
	}
}

var tokenText = regexp.MustCompile(`"(office|rep) token \d+"`)

// remember notes which tokens stand in the tables.
func (g *traffic) remember() {
	for _, f := range []file{g.office, g.rep} {
		for _, table := range g.tables {
			for _, document := range f.rows(table) {
				for _, text := range tokenText.FindAllString(document, -1) {
					g.tokens[text] = true
				}
			}
		}
	}
}

func (g *traffic) exchange() {
	report := g.sync()
	g.hits["merged"] += int(report.Merged)
	g.hits["conflict"] += int(report.Conflicts)
	if all, _, err := g.laptop.Owed(context.Background(), 0); err != nil {
		g.draw.Fatal(err)
	} else if all > 0 {
		g.hits["owed"]++
	}
}

// settle decides what waits, until nothing does.
func (g *traffic) settle() {
	ctx := context.Background()
	for range 12 {
		g.exchange()
		page, err := g.hub.Conflicts(ctx, merge.Query{Limit: 1000})
		if err != nil {
			g.draw.Fatal(err)
		}
		if len(page.Conflicts) == 0 {
			g.exchange()
			return
		}
		for _, c := range page.Conflicts {
			if c.Kind == merge.RuleKind {
				g.hits["rule"]++
			}
			g.decide(c.Number, rapid.SampledFrom([]merge.Choice{merge.TakeLocal, merge.TakeServer}).Draw(g.draw, "side"))
		}
	}
	g.draw.Fatal("it comes to no end")
}

// decide takes a side, or the server's where the table will not have the other one.
func (g *traffic) decide(conflict int64, side merge.Choice) {
	var refused *store.ConstraintError
	var rewritten *store.RewrittenError
	for _, choice := range []merge.Choice{side, merge.TakeServer} {
		w, err := decision(g.hub, conflict, choice)
		if err == nil {
			_, err = g.hub.Resolve(context.Background(), w)
		}
		if err == nil || errors.Is(err, merge.ErrClosed) {
			return
		}
		if !errors.As(err, &refused) && !errors.As(err, &rewritten) {
			g.draw.Fatal(err)
		}
	}
}

// rows are those of a table whose keys name something.
func (f file) rows(collection string) map[string]string {
	t, err := Load(f)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.walk(t, collection)
}

// check compares both ends, and looks for what was remembered.
func (g *traffic) check() {
	ctx := context.Background()
	owed, first, err := g.laptop.Owed(ctx, 20)
	if err != nil {
		g.draw.Fatal(err)
	}
	if owed == 0 {
		g.hits["equal"]++
		for _, table := range g.tables {
			same(g.draw, g.rep.rows(table), g.office.rows(table))
		}
	} else {
		g.hits["still owed"]++
		g.draw.Logf("owed: %+v", first)
	}
	for _, s := range []*store.Store{g.hub, g.laptop} {
		if status, err := s.Status(ctx, ""); err != nil || status.Lost != 0 || status.Counts.Open != 0 {
			g.draw.Fatalf("%+v, %v", status, err)
		}
		found, err := s.Check(ctx, nil)
		if err != nil {
			g.draw.Fatal(err)
		}
		for _, f := range found {
			if !f.OK {
				g.draw.Fatalf("%+v", f)
			}
		}
	}
	for text := range g.tokens {
		var there bool
		if _, err := one(g.office, []any{&there}, `
			SELECT EXISTS (
				SELECT 1
				FROM dovetail_document d
				WHERE instr(d.body, ?1) AND (
					d.id IN (SELECT document FROM dovetail_version) OR
					d.id IN (SELECT document FROM dovetail_side) OR
					d.id IN (SELECT local_document FROM dovetail_change)))`, text); err != nil || !there {
			g.draw.Fatalf("%s is nowhere at the hub: %v", text, err)
		}
	}
}
