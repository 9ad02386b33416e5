package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/tui/safe"
)

// driftWords are one line for each table that is not what it was when it was adopted.
func driftWords(found []adopt.Finding) []string {
	var lines []string
	table := ""
	for _, f := range found {
		if len(lines) > 0 && f.Table == table {
			lines[len(lines)-1] += "; " + f.Words
			continue
		}
		table = f.Table
		lines = append(lines, fmt.Sprintf("table %q: %s", table, f.Words))
	}
	return lines
}

// unwatched are those findings by which some of what clients write is not logged.
func unwatched(found []adopt.Finding) []adopt.Finding {
	var list []adopt.Finding
	for _, f := range found {
		if f.What.Unwatched() {
			list = append(list, f)
		}
	}
	return list
}

// adoptAgain is the command that takes in what became of tables; "" where none is there to be adopted.
func adoptAgain(path string, found []adopt.Finding) string {
	var tables []string
	for _, f := range found {
		if name := shellWord(f.Table); f.What != adopt.Gone && f.What != adopt.Nameless && f.What != adopt.FieldOnly && !slices.Contains(tables, name) {
			tables = append(tables, name)
		}
	}
	if len(tables) == 0 {
		return ""
	}
	return "dovetail adopt " + shellWord(path) + " " + strings.Join(tables, " ")
}

// sqlName is a name in SQL.
func sqlName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// sayWhatSyncFound tells, after an exchange, of columns that the hub has and the table here has not, and of tables in which
// not all that clients write is noticed.
func (a *app) sayWhatSyncFound(s *store.Store, found []adopt.Finding) {
	var list []adopt.Finding
	for _, f := range found {
		if f.What == adopt.FieldOnly || f.What.Unwatched() {
			list = append(list, f)
		}
	}
	for _, line := range driftWords(list) {
		a.say("%s", line)
	}
	a.sayDrift(s, list)
}

// sayBeside tells of columns that the tables here have and the hub's have not.
func (a *app) sayBeside(ctx context.Context, s, hub *store.Store) error {
	list, err := adopt.LeftAlone(ctx, s, hub)
	for _, b := range list {
		if b.Now == "" {
			a.say("table %q: the hub's has no column %q: what is written there stays in the records", b.Table, b.Column)
			continue
		}
		a.say("table %q: the hub calls the column %q %q now: rather than add one, `ALTER TABLE %s RENAME COLUMN %s TO %s`, then `dovetail adopt %s %s`",
			b.Table, b.Column, b.Now, sqlName(b.Table), sqlName(b.Column), sqlName(b.Now), shellWord(s.Info().Path), shellWord(b.Table))
	}
	return err
}

// printDrift tells of tables that are not what they were when they were adopted.
func (a *app) printDrift(found []adopt.Finding) {
	for _, line := range driftWords(found) {
		a.print("%s", safe.Text(line))
	}
}

// sayDrift says what to do about them.
func (a *app) sayDrift(s *store.Store, found []adopt.Finding) {
	if again := adoptAgain(s.Info().Path, found); again != "" {
		a.say("adopt again, which takes in what is new and what was written meanwhile: `%s`", again)
	}
	for _, f := range found {
		switch f.What {
		case adopt.Gone:
			a.say("where another table took the place of %q: `%s`", f.Table,
				"dovetail adopt "+shellWord(s.Info().Path)+" "+shellWord("TABLE="+f.Collection))
		case adopt.FieldOnly:
			a.say("its values are kept in the records: `ALTER TABLE %s ADD COLUMN %s …` makes room for them, then `dovetail adopt %s %s`",
				sqlName(f.Table), sqlName(f.Column), shellWord(s.Info().Path), shellWord(f.Table))
		case adopt.Nameless:
			a.say("a row of %q is followed once its key is not NULL", f.Table)
		}
	}
}

// driftFinding is what doctor says of the adopted tables.
func driftFinding(path string, found []adopt.Finding) store.Finding {
	f := store.Finding{Check: "adopted", OK: true, Found: driftWords(found)}
	if len(unwatched(found)) > 0 {
		f.OK = false
		f.Do = "give the rows with NULL in the key one"
	}
	if again := adoptAgain(path, found); again != "" {
		f.Do = "adopt again: " + again // as status says
	}
	if len(found) == 0 {
		f.Found = []string{"all tables are as they were adopted"}
	}
	return f
}
