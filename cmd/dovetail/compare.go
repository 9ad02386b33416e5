package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/tui/safe"
)

// compareObject is one field of one collision, as `play --compare --json` prints it.
type compareObject struct {
	Record        merge.Key   `json:"record"`
	Path          string      `json:"path"`
	Base          merge.Value `json:"base,omitzero"`
	Local         merge.Value `json:"local,omitzero"`
	Server        merge.Value `json:"server,omitzero"`
	LastWriteWins fateObject  `json:"last_write_wins"`
	FieldMerge    fateObject  `json:"field_merge"`
	OpReplay      fateObject  `json:"op_replay"`
	// Resent is there where op-replay would come to something else if operations had no ids and came twice.
	Resent *merge.Value `json:"resent_without_ids,omitempty"`
}

type fateObject struct {
	Asks bool            `json:"asks,omitempty"`
	Kept merge.Value     `json:"kept,omitzero"`
	By   string          `json:"by,omitempty"`
	Lost []fixtures.Lost `json:"lost,omitempty"`
}

func newFateObject(f fixtures.Fate) fateObject { return fateObject(f) }

// compare prints what each strategy makes of every change that met a record which had moved.
func (a *app) compare(ctx context.Context, scenario fixtures.Scenario) error {
	collisions, err := scenario.Collisions(ctx, scenario.Start(time.Now()))
	if err != nil {
		return fmt.Errorf("play %s: %w", scenario.Name, err)
	}
	var lastWrite, fieldMerge, opReplay tallyOfFates
	for _, c := range collisions {
		comparisons := c.Compare()
		if !a.json {
			a.print("%s  %s met v%d of %s", safe.Text(c.Record.String()), who(c.Local.By, c.Local.Device),
				c.Server.Version, who(c.Server.By, c.Server.Device))
		}
		rows := []row{{"  FIELD", "LAST-WRITE-WINS", "FIELD-MERGE", "OP-REPLAY"}}
		var notes []string
		for _, one := range comparisons {
			lastWrite.add(one.LastWriteWins)
			fieldMerge.add(one.FieldMerge)
			opReplay.add(one.OpReplay)
			if !a.json {
				rows = append(rows, row{"  " + safe.Cell(fieldName(one.Path)), fateInWords(one.LastWriteWins), fateInWords(one.FieldMerge),
					fateInWords(one.OpReplay)})
				notes = append(notes, resentInWords(one)...)
				continue
			}
			if err := a.writeObject(newCompareObject(c.Record, one)); err != nil {
				return err
			}
		}
		if !a.json {
			a.printTable(rows)
			for _, note := range notes {
				a.print("  %s", note)
			}
		}
	}
	a.say("last-write-wins would lose %s; field-merge loses %s and asks about %s; op-replay loses %s and asks about %s",
		count(lastWrite.lost, "edit", "edits"), count(fieldMerge.lost, "edit", "edits"), count(fieldMerge.asks, "field", "fields"),
		count(opReplay.lost, "edit", "edits"), count(opReplay.asks, "field", "fields"))
	return nil
}

func newCompareObject(record merge.Key, one fixtures.Comparison) compareObject {
	o := compareObject{Record: record, Path: one.Path, Base: one.Base, Local: one.Local, Server: one.Server,
		LastWriteWins: newFateObject(one.LastWriteWins), FieldMerge: newFateObject(one.FieldMerge), OpReplay: newFateObject(one.OpReplay)}
	if doubled(one) {
		o.Resent = &one.Resent
	}
	return o
}

// doubled reports whether a change that is sent twice would have two effects on a field, if nothing told the second from
// the first.
func doubled(one fixtures.Comparison) bool {
	return !one.OpReplay.Asks && !merge.Equal(one.Resent, one.OpReplay.Kept)
}

func resentInWords(one fixtures.Comparison) []string {
	if !doubled(one) {
		return nil
	}
	return []string{fmt.Sprintf("sent twice, because an answer was lost, operations without ids would leave %s at %s; their ids keep it at %s",
		fieldName(one.Path), safe.Value(one.Resent).Truncate(fateWidth), safe.Value(one.OpReplay.Kept).Truncate(fateWidth))}
}

// fateWidth is how much of one value a line of `play --compare` shows.
const fateWidth = 32

type tallyOfFates struct{ lost, asks int64 }

func (t *tallyOfFates) add(f fixtures.Fate) {
	t.lost += int64(len(f.Lost))
	if f.Asks {
		t.asks++
	}
}

// fateInWords says what is kept or asked, and what is lost, with its author.
func fateInWords(f fixtures.Fate) safe.Cell {
	if f.Asks {
		return "asks a person"
	}
	var words strings.Builder
	fmt.Fprintf(&words, "keeps %s", safe.Value(f.Kept).Truncate(fateWidth))
	if f.By != "" {
		fmt.Fprintf(&words, " of %s", safe.Text(f.By))
	}
	for _, lost := range f.Lost {
		fmt.Fprintf(&words, ", loses %s of %s", safe.Value(lost.Value).Truncate(fateWidth), safe.Text(lost.By))
	}
	return safe.Cell(words.String())
}
