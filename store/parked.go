package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"dovetail/merge"
)

// parkedLimit is how many changes a page has where nobody says.
const parkedLimit = 100

// ParkedChange is a change that waits whole, because it could not be used when it came in.
type ParkedChange struct {
	Number     int64     `json:"number"` // in the order in which they came in
	Key        string    `json:"key"`
	Record     merge.Key `json:"record"`
	Reason     string    `json:"reason"`
	ReceivedAt time.Time `json:"received_at"`
	Line       string    `json:"line"` // as it came
}

// Parked returns changes that are parked, in the order in which they came in, beginning after a number; limit 0 is 100.
func (s *Store) Parked(ctx context.Context, after int64, limit int) ([]ParkedChange, error) {
	if limit <= 0 {
		limit = parkedLimit
	}
	var page []ParkedChange
	err := s.read(ctx, func(v *view) error {
		return v.rows(func(rows *sql.Rows) error {
			var p ParkedChange
			var reason, line words
			var at moment
			err := rows.Scan(&p.Number, &p.Key, &p.Record.Collection, &p.Record.ID, &reason, &at, &line)
			p.Reason, p.ReceivedAt, p.Line = string(reason), at.Time, string(line)
			page = append(page, p)
			return err
		}, `
			SELECT c.id, c.key, r.collection, r.name, c.error, c.received_at, c.payload
			FROM dovetail_change c
			JOIN dovetail_record r ON r.id = c.record
			WHERE c.outcome = 'parked' AND c.id > $1
			ORDER BY c.id
			LIMIT $2`,
			after, limit)
	})
	return page, wrap("read parked changes", err)
}

// Retry takes a parked change in once more, as if it came in now, in one transaction, and says what became of it. What
// still cannot be used stays parked, with the reason of now. [merge.ErrNotFound] where no change with that key is
// parked.
func (s *Store) Retry(ctx context.Context, key string) (Answer, error) {
	var a Answer
	err := s.writeAround(ctx, func(t *tx) error {
		var err error
		a, err = t.retry(key)
		return err
	})
	if err != nil {
		return Answer{}, wrap(fmt.Sprintf("retry change %q", key), err)
	}
	return a, nil
}

// parkedLine is what was kept of a parked change beside its receipt.
type parkedLine struct {
	line     []byte
	device   string // its own, or the one that it was given
	sequence int64  // 0: it was not read
	received time.Time
}

func (t *tx) retry(key string) (Answer, error) {
	before, found, err := t.receipt(key)
	if err != nil {
		return Answer{}, err
	}
	if !found || before.answer.Outcome != Parked {
		return Answer{}, fmt.Errorf("a parked change: %w", merge.ErrNotFound)
	}
	w, err := t.parkedLineOf(before.id)
	if err != nil {
		return Answer{}, err
	}
	came := change{record: before.answer.Record, payload: w.line}
	if !bytes.Equal(before.identity, came.whole()) {
		return Answer{}, fmt.Errorf("%w: the line is not as it came in", ErrCorrupt)
	}
	a := before.answer
	t.count(a.Record.Collection, string(Parked), -1)
	c, reason := readAgain(w.line)
	if reason != "" {
		a.Error = reason
	} else if a, err = t.takeAgain(before, c, w); err != nil {
		return Answer{}, err
	}
	t.proof = proof{`SELECT 1 FROM dovetail_change WHERE key = $1 AND outcome = $2 AND coalesce(error, '') = $3`,
		[]any{key, string(a.Outcome), a.Error}}
	return a, t.settleReceipt(before.id, a, w.line)
}

// readAgain reads a line that was sound when it came, or says why it cannot be used now.
func readAgain(text []byte) (c *change, reason string) {
	l, err := parseLine(text)
	switch {
	case err != nil:
		return nil, err.Error()
	case l.change == nil:
		return nil, "a record, where a change is wanted"
	}
	return l.change, l.change.unusable
}

func (t *tx) parkedLineOf(id int64) (parkedLine, error) {
	var w parkedLine
	var device, line words
	var sequence number
	var received moment
	_, err := t.row([]any{&line, &device, &sequence, &received}, `
		SELECT payload, device, sequence, received_at
		FROM dovetail_change
		WHERE id = $1`,
		id)
	w.line, w.device, w.sequence, w.received = []byte(line), string(device), int64(sequence), received.Time
	return w, wrap("read parked change", err)
}

// takeAgain is take for a change that has its receipt.
func (t *tx) takeAgain(before receipt, c *change, w parkedLine) (Answer, error) {
	given := before.answer.Device
	if w.sequence > 0 {
		c.device = w.device
	} else {
		// Its numbers could not be read before: only now can it be told whether another change has them.
		var err error
		if given, err = t.ownDevice(c); err != nil {
			return Answer{}, err
		}
	}
	if err := c.correct(w.received); err != nil {
		return Answer{}, err
	}
	h, err := t.record(c.record)
	if err != nil {
		return Answer{}, err
	}
	j := &joining{id: before.id, change: c, head: h}
	if err := t.prepare(j); err != nil {
		return Answer{}, err
	}
	if err := t.receiveAgain(j, given); err != nil {
		return Answer{}, err
	}
	// No edit was made after it arrived, whatever the device's clock says, and it arrived before it was tried again.
	c.localAt, c.steps = earlier(c.localAt, w.received), dated(c.steps, c.localAt, w.received)
	a, err := t.join(j)
	a.Key, a.Record, a.Device = c.key, c.record, given
	return a, err
}

// receiveAgain writes into a receipt what could not be read when it was made.
func (t *tx) receiveAgain(j *joining, given string) error {
	c := j.change
	var err error
	if j.local, err = t.keep(c.local); err != nil {
		return err
	}
	if _, err := t.run(`
		UPDATE dovetail_change
		SET identity = $1, device = $2, sequence = $3, base_version = $4, base_document = $5, base_lost = $6,
			local_document = $7, operations = $8, local_by = $9, local_at = $10, local_ref = $11, server_ref = $12, new_device = $13,
			builds_on = $14, resolves = $15, decided = $16
		WHERE id = $17`,
		c.identity, text(c.device), null(c.sequence), null(j.base.version), null(j.base.fields.id), j.base.lost,
		null(j.local.id), text(c.operations), text(c.localBy), micros(c.localAt), text(c.localRef), text(c.serverRef), text(given),
		null(j.buildsOn.id), null(j.resolves.id), c.decided, j.id); err != nil {
		return wrap("receive change again", err)
	}
	if c.outside {
		return t.noteServer(j.id, c)
	}
	return nil
}
