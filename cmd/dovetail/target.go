package main

import (
	"context"
	"errors"
	"strings"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/serve"
	"dovetail/tui"
)

// cases are the conflicts, one by one, with what a person has decided on each.
type cases interface {
	// Case returns a conflict with its sides; merge.ErrNotFound.
	Case(ctx context.Context, conflict int64) (merge.Case, error)
	// ConflictsOf returns the numbers of a record's conflicts that are not resolved, oldest first.
	ConflictsOf(ctx context.Context, key merge.Key) ([]int64, error)
	// Draft returns a person's draft on a conflict, an empty one where there is none; merge.ErrNotFound.
	Draft(ctx context.Context, conflict int64, person string) (merge.Draft, error)
	// SaveDraft keeps the draft in the place of the one before.
	SaveDraft(context.Context, merge.Draft) error
	// DiscardDraft throws a person's draft away; that there is none is no error.
	DiscardDraft(ctx context.Context, conflict int64, person string) error
}

// decisions are what closes conflicts.
type decisions interface {
	// Resolve writes, if what was shown is still so; merge.ErrStale, merge.ErrClosed, merge.ErrNotFound.
	Resolve(context.Context, merge.Writing) (merge.Written, error)
	// Undo takes a resolution back; *store.MovedOnError, merge.ErrNotFound.
	Undo(ctx context.Context, resolution int64, person string) (merge.Written, error)
	lastResolutions
	// EachResolution calls fn for every one with a number above after, in order.
	EachResolution(ctx context.Context, after int64, fn func(store.Resolution) error) error
}

// records are the records as they are now.
type records interface {
	// Get returns one, a deleted one with its last version; merge.ErrNotFound.
	Get(ctx context.Context, key merge.Key) (store.Record, error)
	// List returns those of a collection that are not deleted, by id, beginning after an id.
	List(ctx context.Context, collection, text, after string, limit int) ([]store.Record, error)
	// Collections returns the names of the collections, sorted.
	Collections(context.Context) ([]string, error)
	// Write makes a version, or on a replica a pending change; merge.ErrStale.
	Write(context.Context, store.Edit) (store.Record, error)
}

// past is what became of a record, and by which rules.
type past interface {
	// Log returns every version of a record, oldest first; merge.ErrNotFound.
	Log(ctx context.Context, key merge.Key) ([]store.Version, error)
	// Rules returns how the records of a collection merge; nil where it merges by fields, without a schema.
	Rules(ctx context.Context, collection string) (*merge.Rules, error)
}

// parker keeps the changes that could not be used.
type parker interface {
	// Parked returns them in the order in which they came in, beginning after a number; none is the end.
	Parked(ctx context.Context, after int64, limit int) ([]store.ParkedChange, error)
	// Retry takes one in again; merge.ErrNotFound where it is parked no longer.
	Retry(ctx context.Context, key string) (store.Answer, error)
}

// target is what a command works on: a file, or a hub elsewhere.
type target struct {
	tui.Queue
	cases
	decisions
	records
	past
	tui.RecordDrafter
	parker
	tui.Snoozer
	tui.Claimer
	tui.Watcher
	tui.Completer
	// Exactly one of them is set. A replica is always a file.
	file *store.Store
	hub  *remote.Hub
	told serve.Status // what the hub told of itself at the beginning
}

func inFile(s *store.Store) target {
	return target{Queue: s, cases: s, decisions: s, records: s, past: s, parker: s, RecordDrafter: s, Snoozer: s, Claimer: s, Watcher: s, Completer: s, file: s}
}

func overHTTP(h *remote.Hub, told serve.Status) target {
	return target{Queue: h, cases: h, decisions: h, records: h, past: h, parker: h, RecordDrafter: h, Snoozer: h, Claimer: h,
		Watcher: h, Completer: h, hub: h, told: told}
}

// replica reports whether it follows a hub.
func (d target) replica() bool { return d.file != nil && d.file.Info().Replica() }

// isAddress reports whether a database is named by the address of a hub, not by a file.
func isAddress(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// withTarget runs fn on the database, wherever it is, and closes it. Over HTTP whoever acts is whom the token names.
func (a *app) withTarget(ctx context.Context, fn func(target) error) error {
	name := a.database()
	if !isAddress(name) {
		return a.withStore(ctx, func(s *store.Store) error { return fn(inFile(s)) })
	}
	hub, err := a.dial(ctx, name)
	if err != nil {
		return err
	}
	defer hub.Close()
	told, err := hub.Status(ctx)
	if err != nil {
		return a.toldByHub(err)
	}
	if err := a.actAs(told.Person); err != nil {
		return err
	}
	return a.toldByHub(fn(overHTTP(hub, told)))
}

// actAs makes the person whom the token names the one who acts.
func (a *app) actAs(person string) error {
	if a.as != "" && a.as != person {
		return hint(misuse("--as %s: the token is of %s, and says who acts", a.as, person), "leave --as out")
	}
	a.as = person
	return checkPerson(person)
}

// toldByHub gives what a hub would not do a hint.
func (a *app) toldByHub(err error) error {
	switch {
	case errors.Is(err, remote.ErrUnauthorized):
		return a.tokenRefused(a.database())
	case errors.Is(err, remote.ErrForbidden):
		return hint(err, "the hub's owner makes one that does: `dovetail token add --scope read,push,resolve NAME`")
	case errors.Is(err, serve.ErrOtherMerge):
		return hint(err, "use a dovetail of the same version as the hub's: `dovetail --version`")
	}
	if hintFor(err) != "" {
		return err
	}
	if next := a.nextStep(err, a.database()); next != "" {
		return hint(err, "%s", next)
	}
	if errors.Is(err, remote.ErrUnreachable) || errors.Is(err, remote.ErrCut) {
		return hint(err, "call it again when the hub can be reached: what was done already is not done twice")
	}
	return err
}
