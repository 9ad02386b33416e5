package replicate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// wire is a hub with somebody on the line: what is not nil takes the place of the hub's own.
type wire struct {
	*store.Store
	deliver func(ctx context.Context, lines [][]byte) ([]store.Answer, error)
	feed    func(ctx context.Context, from store.Place, limit int) (store.Feed, error)
}

// Deliver implements [replicate.Hub].
func (w wire) Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
	if w.deliver != nil {
		return w.deliver(ctx, lines)
	}
	return w.Store.Deliver(ctx, lines)
}

// Feed implements [replicate.Hub].
func (w wire) Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
	if w.feed != nil {
		return w.feed(ctx, from, limit)
	}
	return w.Store.Feed(ctx, from, limit)
}

// deaf is a hub that does what it is told, and whose answers never come.
func deaf(hub *store.Store) wire {
	return wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
		if _, err := hub.Deliver(ctx, lines); err != nil {
			return nil, err
		}
		return nil, errLine
	}}
}

// during is a hub where something happens between the arrival of the first changes and the answer to them.
func during(hub *store.Store, what func()) wire {
	done := false
	return wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
		answers, err := hub.Deliver(ctx, lines)
		if !done {
			done = true
			what()
		}
		return answers, err
	}}
}

// answering is a hub that hears nothing and says the same to all.
func answering(answers []store.Answer) func(context.Context, [][]byte) ([]store.Answer, error) {
	return func(context.Context, [][]byte) ([]store.Answer, error) { return answers, nil }
}

// cutOff is a hub whose line fails once, when so many messages have come through: requests and replies count alike.
func cutOff(hub *store.Store, left *int) wire {
	through := func() error {
		if *left--; *left == 0 {
			return errLine
		}
		return nil
	}
	return wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
		if err := through(); err != nil {
			return nil, err
		}
		answers, err := hub.Deliver(ctx, lines)
		return answers, errors.Join(err, through())
	}, feed: func(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
		if err := through(); err != nil {
			return store.Feed{}, err
		}
		return hub.Feed(ctx, from, 1)
	}}
}

// recorded is a hub on whose line somebody writes down what is sent.
func recorded(hub *store.Store, lines *[]string) wire {
	return wire{Store: hub, deliver: func(ctx context.Context, all [][]byte) ([]store.Answer, error) {
		for _, line := range all {
			*lines = append(*lines, string(line))
		}
		return hub.Deliver(ctx, all)
	}}
}

// broken has an exchange fail.
func broken(t testing.TB, replica *store.Store, hub replicate.Hub) replicate.Report {
	t.Helper()
	report, err := replicate.Sync(t.Context(), replica, hub, nil)
	if err == nil {
		t.Fatalf("the exchange came to %+v, want an error", report)
	}
	return report
}

// outgoing are the lines that a replica would send now.
func outgoing(t testing.TB, replica *store.Store) []string {
	t.Helper()
	last, err := replica.LastChange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := replica.Outgoing(t.Context(), 0, last, 100)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range all {
		lines = append(lines, string(o.Line))
	}
	return lines
}

// reopen closes a database and opens it again.
func reopen(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), s.Info().Path, options(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	return again
}

// rows reads a database by code other than ours: each row is one text.
func rows(t testing.TB, s *store.Store, query string) []string {
	t.Helper()
	db := world.Plain(t, s.Info().Path)
	defer db.Close()
	return world.Looking(t).Read(db, query)
}

// wantRows checks what a query finds.
func wantRows(t testing.TB, s *store.Store, query string, want ...string) {
	t.Helper()
	if got := rows(t, s, query); !slices.Equal(got, want) {
		t.Errorf("%s: %s\nfinds %q,\n want %q", s.Info().Role, strings.TrimSpace(query), got, want)
	}
}

// wantVersions checks all versions of a record, as they stand in the file: number, cause, who, fields.
func wantVersions(t testing.TB, s *store.Store, record string, want ...string) {
	t.Helper()
	k := key(record)
	wantRows(t, s, fmt.Sprintf(`
		SELECT v.number, v.cause, coalesce(v.who, '-'), coalesce(d.body, 'deleted')
		FROM dovetail_version v
		JOIN dovetail_record r ON r.id = v.record
		LEFT JOIN dovetail_document d ON d.id = v.document
		WHERE r.collection = '%s' AND r.name = '%s'
		ORDER BY v.number`, k.Collection, k.ID), want...)
}

// wantSides checks what of a record is kept aside in the file, oldest first: side, reason, who, fields.
func wantSides(t testing.TB, s *store.Store, record string, want ...string) {
	t.Helper()
	k := key(record)
	wantRows(t, s, fmt.Sprintf(`
		SELECT k.side, k.reason, coalesce(k.who, '-'), coalesce(d.body, 'deleted')
		FROM dovetail_side k
		JOIN dovetail_record r ON r.id = k.record
		LEFT JOIN dovetail_document d ON d.id = k.document
		WHERE r.collection = '%s' AND r.name = '%s'
		ORDER BY k.id`, k.Collection, k.ID), want...)
}

// wantReport checks what an exchange came to.
func wantReport(t testing.TB, got, want replicate.Report) {
	t.Helper()
	if got != want {
		t.Errorf("the exchange came to %+v,\n want %+v", got, want)
	}
}

// wantConflict checks the only conflict of a record; "" is a document that is not there.
func wantConflict(t testing.TB, s *store.Store, record string, kind merge.Kind, base, local, server string) merge.Case {
	t.Helper()
	c := onlyConflict(t, s, record)
	if c.Conflict.Kind != kind || string(c.Sides.Base) != base || string(c.Sides.Local) != local || string(c.Sides.Server) != server {
		t.Errorf("the %s has %v of base %s, local %s, server %s;\n want %v of base %s, local %s, server %s", s.Info().Role,
			c.Conflict.Kind, c.Sides.Base, c.Sides.Local, c.Sides.Server, kind, base, local, server)
	}
	return c
}

// agree checks a hub and its replicas at rest: nothing is to be sent, all are sound by themselves, and all have the same
// heads. They are closed and opened again first, and read by plain SQL.
func agree(t testing.TB, hub *store.Store, replicas ...*store.Store) {
	t.Helper()
	w := world.Looking(t)
	var heads []string
	for i, s := range append([]*store.Store{hub}, replicas...) {
		again := reopen(t, s)
		settledOn(t, again)
		db := world.Plain(t, s.Info().Path)
		name := fmt.Sprintf("%s %d", s.Info().Role, i)
		w.CheckDatabase(name, db)
		got := w.Read(db, world.HeadsQuery)
		if heads == nil {
			heads = got
		} else if !slices.Equal(got, heads) {
			t.Errorf("%s has other heads:\n%q\nthan the hub:\n%q", name, got, heads)
		}
		w.None(name+" has changes that are not settled", db, `SELECT key, outbox, answer FROM dovetail_change WHERE outbox > 0`)
		db.Close()
	}
}
