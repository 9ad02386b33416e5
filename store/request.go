package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"dovetail/merge"
)

// ErrKeyReused is for a key that a person gave to two different requests. Nothing was done for the second.
var ErrKeyReused = errors.New("the key was used for another request")

// Request is what a client asks under a key of its own, so that it may ask again where it did not hear the answer. Without a
// key it is only what it is.
type Request struct {
	Person  string // whose the key is; others may use the same
	Key     string // "": none
	Payload []byte // a hash of all that is asked
}

// Reply is what came of a request: the record as it was made then.
type Reply struct {
	Record  Record
	Created bool // it was not there before
}

// WriteOnce writes a record as change says, which is shown what the record is now and looks whether the request still
// stands; a record of which nothing is known has version 0. What it returns is canonical. Looking and writing are one
// transaction, with the note of what the key came to: asked again, the same reply is given and nothing is done.
//
// An error of change is returned as it is. The others are those of [Store.Write], [ErrKeyReused], and [ErrReplica] where the
// database is one. A request that came to an error leaves no note.
func (s *Store) WriteOnce(ctx context.Context, r Request, key merge.Key, change func(now Record) (Edit, error)) (Reply, error) {
	if err := errors.Join(s.onHub(), key.Check()); err != nil {
		return Reply{}, err
	}
	var reply Reply
	err := s.write(ctx, func(t *tx) error {
		before, done, err := t.reply(r, key)
		if err != nil || done {
			reply = before
			return err
		}
		h, _, err := headOf(t, key)
		if err != nil {
			return err
		}
		now := s.asRecord(h)
		e, err := change(now)
		if err != nil {
			return err
		}
		e.Record, e.Revision = key, now.Revision
		if h, err = t.edit(e); err != nil {
			return err
		}
		reply = Reply{Record: s.asRecord(h), Created: now.Deleted && h.fields.text != nil}
		return t.noteReply(r, h, reply)
	})
	return reply, wrap("write "+key.String(), err)
}

// reply finds what a key came to before.
func (t *tx) reply(r Request, key merge.Key) (Reply, bool, error) {
	if r.Key == "" {
		return Reply{}, false, nil
	}
	var payload []byte
	var record, version int64
	reply := Reply{Record: Record{Record: key}}
	found, err := t.row([]any{&payload, &record, &version, &reply.Created}, `
		SELECT payload, record, version, created
		FROM dovetail_request
		WHERE person = $1 AND key = $2`,
		r.Person, r.Key)
	if err != nil || !found {
		return Reply{}, false, wrap("find request", err)
	}
	if !bytes.Equal(payload, r.Payload) {
		return Reply{}, false, ErrKeyReused
	}
	v, found, err := versionOf(t, record, version)
	if err == nil && !found {
		err = fmt.Errorf("%w: version %d of %s is gone", ErrCorrupt, version, key)
	}
	if err != nil {
		return Reply{}, false, err
	}
	fields, err := load(t, v.document)
	reply.Record.Version, reply.Record.Fields, reply.Record.Deleted = version, fields.text, fields.id == 0
	return reply, true, err
}

// noteReply keeps what a key came to.
func (t *tx) noteReply(r Request, h *head, reply Reply) error {
	if r.Key == "" {
		return nil
	}
	_, err := t.run(`
		INSERT INTO dovetail_request (person, key, payload, record, version, created, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.Person, r.Key, r.Payload, h.id, reply.Record.Version, reply.Created, micros(t.now))
	t.proof = proof{`SELECT 1 FROM dovetail_request WHERE person = $1 AND key = $2 AND payload = $3`, []any{r.Person, r.Key, r.Payload}}
	return wrap("note request", err)
}
