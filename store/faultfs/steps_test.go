package faultfs_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/store"
)

// errAnswer says that a step was acknowledged with another answer than it must have: a defect, whatever failed before.
var errAnswer = errors.New("the wrong answer")

var opening = step{name: "open", opens: true, do: func(g *stage) (err error) {
	if err := g.openHub(); err != nil {
		return err
	}
	if g.store, err = store.Open(g.ctx, g.path(), g.options()); err != nil {
		return errors.Join(err, g.close())
	}
	return nil
}}

var closing = step{name: "close", do: (*stage).close}

var creating = step{name: "create", opens: true, do: create, again: createAgain}

func create(g *stage) (err error) {
	g.store, err = store.Create(g.ctx, g.path(), g.options())
	return err
}

// createAgain is what a person does whose first try was cut short: the database opens and is whole, or it is taken away
// by hand, since nothing was ever acknowledged that could be in it.
func createAgain(g *stage) error {
	err := opening.do(g)
	if err == nil {
		return nil
	}
	var known *store.PathError
	if !errors.As(err, &known) {
		return err
	}
	entries, err := os.ReadDir(g.dir)
	for _, entry := range entries {
		if err == nil && strings.HasPrefix(entry.Name(), fileName) {
			err = os.Remove(g.path() + strings.TrimPrefix(entry.Name(), fileName))
		}
	}
	if err != nil {
		return err
	}
	return create(g)
}

// pushing is a change line that comes to an outcome, also when it is sent again.
func pushing(want store.Outcome, line string) step {
	return step{name: "push " + line, do: func(g *stage) error {
		a, err := g.store.Push(g.ctx, []byte(line))
		if err == nil && a.Outcome != want {
			err = fmt.Errorf("%w: %+v, not %s", errAnswer, a, want)
		}
		return err
	}}
}

// importing is an input, of which a part may be stored before all of it is.
func importing(want []store.Outcome, lines ...string) step {
	input := strings.Join(lines, "\n")
	return step{name: fmt.Sprintf("import %d lines", len(lines)), do: func(g *stage) error {
		var got []store.Outcome
		stored := func(done, total int64) {
			if done < total {
				g.ack()
			}
		}
		_, err := g.store.Import(g.ctx, strings.NewReader(input), store.ImportOptions{Progress: stored}, func(a store.Answer) error {
			got = append(got, a.Outcome)
			return nil
		})
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("%w: %q, not %q", errAnswer, got, want)
		}
		return err
	}}
}

// resolving takes one side of all that is in conflict. Whoever asks again is told that it is done.
func resolving(conflict int64, choice merge.Choice) step {
	do := func(g *stage) error {
		w, err := decided(g, conflict, choice)
		if err == nil {
			_, err = g.store.Resolve(g.ctx, w)
		}
		return err
	}
	return step{name: fmt.Sprintf("resolve %d by %s", conflict, choice), do: do, again: unless(do, func(err error) bool {
		return errors.Is(err, merge.ErrClosed)
	})}
}

// unless is do for somebody who takes one error for a sign that it was done before. What the database holds in the end
// tells whether it was.
func unless(do func(*stage) error, done func(error) bool) func(*stage) error {
	return func(g *stage) error {
		err := do(g)
		if err != nil && done(err) {
			return nil
		}
		return err
	}
}

func decided(g *stage, conflict int64, choice merge.Choice) (merge.Writing, error) {
	c, err := g.store.Case(g.ctx, conflict)
	if err != nil {
		return merge.Writing{}, err
	}
	r := c.Merge()
	w := merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{}, Person: "ana", Note: "seen"}
	for _, path := range r.Conflicts() {
		f, _ := r.Field(path)
		d, ok := f.Choose(choice, merge.Absent)
		if !ok {
			return w, fmt.Errorf("%s offers no %s", path, choice)
		}
		w.Decisions[path] = d
	}
	w.Result, err = r.Apply(w.Decisions)
	return w, err
}

func undoing(resolution int64) step {
	do := func(g *stage) error {
		_, err := g.store.Undo(g.ctx, resolution, "bo")
		return err
	}
	return step{name: fmt.Sprintf("undo %d", resolution), do: do, again: unless(do, func(err error) bool {
		var moved *store.MovedOnError
		return errors.As(err, &moved)
	})}
}

// drafting saves one side of all that is in conflict without writing it.
func drafting(conflict int64, choice merge.Choice, person string) step {
	return step{name: fmt.Sprintf("draft %s for %d", choice, conflict), do: func(g *stage) error {
		w, err := decided(g, conflict, choice)
		if err != nil {
			return err
		}
		return g.store.SaveDraft(g.ctx, merge.Draft{Conflict: conflict, Person: person, Revision: w.Revision,
			ServerVersion: w.ServerVersion, Decisions: w.Decisions})
	}}
}

func discarding(conflict int64, person string) step {
	return step{name: fmt.Sprintf("discard a draft for %d", conflict), do: func(g *stage) error {
		return g.store.DiscardDraft(g.ctx, conflict, person)
	}}
}

// noting saves what was edited in a record without writing it; "" throws it away.
func noting(record, person string, value merge.Value) step {
	return step{name: "note an edit of " + record, do: func(g *stage) error {
		key, err := merge.ParseKey(record)
		if err != nil {
			return err
		}
		if value == merge.Absent {
			return g.store.DiscardRecordDraft(g.ctx, key, person)
		}
		return g.store.SaveRecordDraft(g.ctx, merge.RecordDraft{Record: key, Person: person,
			Edits: map[string]merge.FieldEdit{"/a": {Value: value}}})
	}}
}

// writing is an edit on a version; fields "" are a deletion. Whoever asks again finds that the record moved.
func writing(record string, version int64, fields string) step {
	do := func(g *stage) error {
		key, err := merge.ParseKey(record)
		if err != nil {
			return err
		}
		e := store.Edit{Record: key, Version: version, By: "diaz"}
		if fields != "" {
			e.Fields = merge.Document(fields)
		}
		_, err = g.store.Write(g.ctx, e)
		return err
	}
	return step{name: fmt.Sprintf("write %s on %d", record, version), do: do, again: unless(do, func(err error) bool {
		return errors.Is(err, merge.ErrStale)
	})}
}

// requesting is a writing under a key, of one that sends it until it hears the answer: whatever failed, the record is written
// once and the answer is the same. Fields "" are a deletion.
func requesting(key, record string, version int64, fields string) step {
	return step{name: "request " + key, do: func(g *stage) error {
		name, err := merge.ParseKey(record)
		if err != nil {
			return err
		}
		payload := sha256.Sum256([]byte(record + fields))
		r := store.Request{Person: "ana", Key: key, Payload: payload[:]}
		reply, err := g.store.WriteOnce(g.ctx, r, name, func(now store.Record) (store.Edit, error) {
			e := store.Edit{Version: now.Version, By: "ana"}
			if fields != "" {
				e.Fields = merge.Document(fields)
			}
			return e, nil
		})
		if err == nil && (reply.Record.Version != version || string(reply.Record.Fields) != fields) {
			err = fmt.Errorf("%w: version %d, %s, not %d, %s", errAnswer, reply.Record.Version, reply.Record.Fields, version, fields)
		}
		return err
	}}
}

// ruling gives a collection a schema.
func ruling(collection, schema string) step {
	return step{name: "schema of " + collection, do: func(g *stage) error {
		_, err := g.store.SetSchema(g.ctx, collection, merge.Document(schema), "ana")
		return err
	}}
}

func joiningBy(collection string, strategy merge.Strategy) step {
	return step{name: "strategy of " + collection, do: func(g *stage) error {
		return g.store.SetStrategy(g.ctx, collection, strategy)
	}}
}
