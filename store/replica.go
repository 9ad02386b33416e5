package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
)

// What a database may be.
const (
	roleHub     = "hub"
	roleReplica = "replica"
)

// ErrNotReplica says that something was asked of a hub that only a replica does.
var ErrNotReplica = errors.New("not a replica")

// ErrReplica says that something was asked of a replica that only its hub does: what else changed its versions, or how they
// merge, would part it from the hub.
var ErrReplica = errors.New("a replica gets records, changes and schemas from its hub alone")

// How far a change of a replica has come.
const (
	outboxDone     = iota // nothing is left to do
	outboxWaiting         // to be sent; edits still go into it
	outboxSent            // fixed: it is sent again as it is until there is an answer
	outboxAnswered        // the version that its answer names is to come
	outboxHeld            // the hub would not take it; it waits here
)

// Origin says which hub a replica follows.
type Origin struct {
	Hub    string `json:"hub"` // a file
	Place  Place  `json:"place"`
	Device string `json:"device"` // the replica's id at the hub
	// Answered is the key of the change that the hub answered last.
	Answered string `json:"-"`
	// Unanswered is how many changes are to be sent, or have no answer yet.
	Unanswered int64 `json:"unanswered"`
	// Held is how many changes the hub would not take; they are kept here.
	Held int64 `json:"held,omitzero"`
}

// CreateReplica makes a replica without records, in a file of its own, that will follow a hub. Its device is named after
// owner, whom its changes are of. Its errors are those of [Create].
func CreateReplica(ctx context.Context, path, hub, owner string, opts Options) (*Store, error) {
	return create(ctx, path, opts, func(t *tx) error { return t.followHub(hub, owner) })
}

// followHub makes a replica of a new database.
func (t *tx) followHub(hub, owner string) error {
	if _, err := t.run(`UPDATE dovetail_meta SET role = 'replica'`); err != nil {
		return err
	}
	_, err := t.run(`
		INSERT INTO dovetail_replica (only, device, hub, hub_generation)
		VALUES (1, $1, $2, '')`,
		t.store.nameDevice(owner), hub)
	return err
}

// deviceTail is how much of a random id tells two devices of one person apart; the hub notices two of one name.
const deviceTail = 6

// tailed is a name with the end of an id, which tells it from others that begin alike.
func tailed(name, id string) string { return name + "-" + id[max(len(id)-deviceTail, 0):] }

// nameDevice makes a name for a device that people can tell.
func (s *Store) nameDevice(owner string) string {
	id := s.newID()
	if owner == "" {
		return id
	}
	return tailed(owner, id)
}

// Origin returns which hub a replica follows; [ErrNotReplica] on a hub.
func (s *Store) Origin(ctx context.Context) (Origin, error) {
	var o Origin
	err := s.read(ctx, func(v *view) error {
		var err error
		o, err = s.originOf(v)
		return err
	})
	return o, wrap("read replica", err)
}

func (s *Store) originOf(from source) (Origin, error) {
	var o Origin
	var hash []byte
	var answered words
	found, err := from.row([]any{&o.Device, &o.Hub, &o.Place.Generation, &o.Place.Number, &hash, &o.Place.Manners, &answered}, `
		SELECT device, hub, hub_generation, place, place_hash, manners, answered
		FROM dovetail_replica`)
	if err == nil && !found {
		err = fmt.Errorf("%w: %q is a %s", ErrNotReplica, s.info.Path, s.info.Role)
	}
	if err != nil {
		return o, err
	}
	if o.Hub == "" {
		return o, fmt.Errorf("%w: the replica names no hub", ErrCorrupt)
	}
	o.Place.Hash, o.Answered = hex.EncodeToString(hash), string(answered)
	_, err = from.row([]any{&o.Unanswered, &o.Held}, `
		SELECT coalesce(sum(outbox < 3), 0), coalesce(sum(outbox = 4), 0)
		FROM dovetail_change
		WHERE outbox > 0`)
	return o, err
}

// MoveOrigin says that a replica's hub is now found elsewhere. Whether it is the same one is seen at the next exchange.
func (s *Store) MoveOrigin(ctx context.Context, hub string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.onReplica(); err != nil {
			return err
		}
		t.proof = proof{`SELECT 1 FROM dovetail_replica WHERE hub = $1`, []any{hub}}
		_, err := t.run(`UPDATE dovetail_replica SET hub = $1`, hub)
		return wrap("move hub", err)
	})
}

func (t *tx) onReplica() error {
	if !t.store.info.Replica() {
		return fmt.Errorf("%w: %q is a %s", ErrNotReplica, t.store.info.Path, t.store.info.Role)
	}
	return nil
}

func (s *Store) onHub() error {
	if s.info.Replica() {
		return fmt.Errorf("%q: %w", s.info.Path, ErrReplica)
	}
	return nil
}
