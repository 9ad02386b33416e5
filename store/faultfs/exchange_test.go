package faultfs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"dovetail/merge"
	"dovetail/store"
)

// On some stages the database is a replica, and its hub stands beside it.
const hubName = "hub.db"

func (g *stage) hubPath() string { return filepath.Join(g.dir, hubName) }

// openHub opens the hub where there is one.
func (g *stage) openHub() (err error) {
	if _, err := os.Stat(g.hubPath()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	g.hub, err = store.Open(g.ctx, g.hubPath(), g.options())
	return err
}

// atHub has steps done on the hub.
func atHub(steps ...step) []step {
	var out []step
	for _, s := range steps {
		out = append(out, step{name: s.name + " at the hub", do: func(g *stage) error {
			there := *g
			there.store = g.hub
			err := s.do(&there)
			g.ids = there.ids
			return err
		}})
	}
	return out
}

// creatingBoth makes a hub with a record, and a replica of it.
func creatingBoth(record, fields string) []step {
	making := step{name: "create both", do: func(g *stage) (err error) {
		if g.hub, err = store.Create(g.ctx, g.hubPath(), g.options()); err != nil {
			return err
		}
		g.store, err = store.CreateReplica(g.ctx, g.path(), "/hub.db", "", g.options())
		return err
	}}
	return slices.Concat([]step{making}, atHub(writing(record, 0, fields)), []step{pulling, closing})
}

// editing is an edit on the replica; the revision counts those before. Whoever asks again finds that it was changed.
func editing(record string, version, revision int64, fields string) step {
	do := func(g *stage) error {
		key, err := merge.ParseKey(record)
		if err != nil {
			return err
		}
		e := store.Edit{Record: key, Version: version, Revision: revision, By: "ana",
			Steps: []merge.Operation{{Verb: merge.SetField, Path: "/b", Value: "1"}}}
		if fields != "" {
			e.Fields = merge.Document(fields)
		}
		_, err = g.store.Write(g.ctx, e)
		return err
	}
	return step{name: fmt.Sprintf("edit %s for the %dth time", record, revision+1), do: do, again: unless(do, func(err error) bool {
		return errors.Is(err, merge.ErrStale)
	})}
}

func (g *stage) outgoing(last int64) (lines [][]byte, keys []string, err error) {
	out, err := g.store.Outgoing(g.ctx, 0, last, 100)
	for _, o := range out {
		lines, keys = append(lines, o.Line), append(keys, o.Key)
	}
	return lines, keys, err
}

// sending is an exchange about the changes up to one: they are fixed, delivered, and their answers taken. Each of that is
// safe to do again.
func sending(last int64) []step {
	return []step{
		{name: "fix what is to be sent", do: func(g *stage) error {
			_, _, err := g.outgoing(last)
			return err
		}},
		{name: "deliver", do: func(g *stage) error {
			lines, _, err := g.outgoing(last)
			if err == nil && len(lines) > 0 {
				_, err = g.hub.Deliver(g.ctx, lines)
			}
			return err
		}},
		{name: "take answers", do: func(g *stage) error { return g.answer(last) }},
	}
}

// answer asks the hub once more for its answers, and takes them.
func (g *stage) answer(last int64) error {
	lines, keys, err := g.outgoing(last)
	if err != nil || len(lines) == 0 {
		return err // they were taken before
	}
	answers, err := g.hub.Deliver(g.ctx, lines)
	if err != nil {
		return err
	}
	g.ack() // nothing new was stored by that, but for the count of those who asked
	for i, a := range answers {
		if a.Key != keys[i] {
			return fmt.Errorf("%w: %+v to %s", errAnswer, a, keys[i])
		}
	}
	return g.store.Answers(g.ctx, answers)
}

// What comes back of an exchange.
var (
	pulling = step{name: "pull", do: func(g *stage) error {
		o, err := g.store.Origin(g.ctx)
		if err != nil {
			return err
		}
		feed, err := g.hub.Feed(g.ctx, o.Place, 0)
		if err != nil {
			return err
		}
		return g.store.Receive(g.ctx, o.Place, feed)
	}}
	reconciling = step{name: "reconcile", do: func(g *stage) error { return g.store.Reconcile(g.ctx, nil) }}
)

// backingUp makes a complete copy. Whoever asks again may find it there.
func backingUp(name string) step {
	do := func(g *stage) error {
		_, err := g.store.Backup(g.ctx, filepath.Join(g.dir, name), nil)
		return err
	}
	return step{name: "back up", do: do, again: unless(do, func(err error) bool { return errors.Is(err, fs.ErrExist) })}
}
