package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dovetail/merge"
)

// Owed is a row of an application on a replica that does not hold what its record does, because its table would not
// take that. It is tried again with every exchange.
type Owed struct {
	Record merge.Key `json:"record"`
	Reason string    `json:"reason"` // the database's words
	Since  time.Time `json:"since"`
}

// Owed returns how many rows are owed, and the first of them, those that are owed longest first.
func (s *Store) Owed(ctx context.Context, limit int) (all int64, first []Owed, err error) {
	err = s.read(ctx, func(v *view) error {
		if _, err := v.row([]any{&all}, `SELECT count(*) FROM dovetail_owed`); err != nil {
			return err
		}
		first = nil
		return v.rows(func(rows *sql.Rows) error {
			var o Owed
			var since moment
			err := rows.Scan(&o.Record.Collection, &o.Record.ID, &o.Reason, &since)
			o.Since = since.Time
			first = append(first, o)
			return err
		}, `
			SELECT r.collection, r.name, o.reason, o.since
			FROM dovetail_owed o
			JOIN dovetail_record r ON r.id = o.record
			ORDER BY o.since, o.record
			LIMIT $1`,
			limit)
	})
	return all, first, wrap("read owed rows", err)
}

// Repay tries again to have rows hold what their records do, where their tables would not take it before.
func (s *Store) Repay(ctx context.Context) error {
	if all, _, err := s.Owed(ctx, 0); err != nil || all == 0 {
		return err
	}
	for last := int64(0); ; {
		found, from := 0, last
		if err := s.following(ctx, func(t *tx) (err error) {
			if t.owing {
				found, last, err = t.dun(from, owedAtOnce)
			}
			return err
		}); err != nil || found < owedAtOnce {
			return wrap("write rows", err)
		}
	}
}

// owedAtOnce is how many rows that are owed a transaction tries again.
const owedAtOnce = 200

// following runs fn in a transaction that brings a replica to where its hub is. That is done all the same where a
// table of the application would not take a row. Where a row takes the transaction back, fn is run once more in a new one,
// and that row is owed without being tried.
func (s *Store) following(ctx context.Context, fn func(*tx) error) error {
	untried := map[merge.Key]*TakenBackError{}
	for {
		err := s.write(ctx, func(t *tx) error {
			t.follows, t.untried = true, untried
			return fn(t)
		})
		var back *TakenBackError
		if !errors.As(err, &back) || untried[back.Refused.Record] != nil {
			return err
		}
		untried[back.Refused.Record] = back
	}
}

// debt is a row that is owed.
type debt struct {
	holds  body
	madeOn int64 // the version that it was made on; 0: none
	reason string
}

// lookOwing finds out whether rows are owed.
func (t *tx) lookOwing() error {
	if !t.store.info.Replica() {
		return nil
	}
	_, err := t.row([]any{&t.owing}, `SELECT EXISTS (SELECT 1 FROM dovetail_owed)`)
	return wrap("look for owed rows", err)
}

// debtOf returns what is owed of a record; nil where its row holds what it should.
func (t *tx) debtOf(h *head) (*debt, error) {
	if !t.owing || h.id == 0 {
		return nil, nil
	}
	d := &debt{}
	var holds, madeOn number
	there, err := t.row([]any{&holds, &madeOn, &d.reason}, `SELECT holds, made_on, reason FROM dovetail_owed WHERE record = $1`, h.id)
	if err != nil || !there {
		return nil, wrap("read owed row", err)
	}
	d.madeOn = int64(madeOn)
	d.holds, err = load(t, int64(holds))
	return d, err
}

// mayOwe reports whether a record may stand otherwise than its row: not where somebody asked for just that record.
func (t *tx) mayOwe(h *head) bool { return t.store.info.Replica() && !t.asked[h.key] }

// owedStill refuses a row that is owed, in the words of before, where nobody asked for it and nothing is exchanged: it may be
// one that takes the transaction back, which is done once more only then.
func (t *tx) owedStill(h *head) error {
	if t.follows || !t.mayOwe(h) {
		return nil
	}
	owed, err := t.debtOf(h)
	if err == nil && owed != nil {
		err = &ConstraintError{Record: h.key, Words: owed.reason}
	}
	return err
}

// owe notes that a row does not hold what its record does.
func (t *tx) owe(h *head, refused error) error {
	reason := refused.Error()
	var constraint *ConstraintError
	if errors.As(refused, &constraint) {
		reason = constraint.Words
	}
	before, err := t.debtOf(h)
	if err != nil {
		return err
	}
	holds, err := t.keep(t.holds[h.key])
	if err != nil {
		return err
	}
	t.owing = true
	switch {
	case before == nil:
		_, err = t.run(`INSERT INTO dovetail_owed (record, holds, made_on, reason, since) VALUES ($1, $2, $3, $4, $5)`,
			h.id, null(holds.id), null(t.stood[h.key]), reason, micros(t.now))
	case before.holds.id != holds.id || before.reason != reason:
		_, err = t.run(`UPDATE dovetail_owed SET holds = $1, reason = $2 WHERE record = $3`, null(holds.id), reason, h.id)
	}
	return wrap("note owed row", err)
}

// paid notes that a row holds what its record does.
func (t *tx) paid(h *head) error {
	if !t.owing {
		return nil
	}
	_, err := t.run(`DELETE FROM dovetail_owed WHERE record = $1`, h.id)
	return wrap("note row", err)
}

// dun has rows that are owed, of records with ids above after, written again at the end of the transaction.
func (t *tx) dun(after int64, limit int) (found int, last int64, err error) {
	var keys []merge.Key
	if err := t.rows(func(rows *sql.Rows) error {
		var key merge.Key
		err := rows.Scan(&last, &key.Collection, &key.ID)
		keys = append(keys, key)
		return err
	}, `
		SELECT r.id, r.collection, r.name
		FROM dovetail_owed o
		JOIN dovetail_record r ON r.id = o.record
		WHERE o.record > $1
		ORDER BY o.record
		LIMIT $2`,
		after, limit); err != nil {
		return 0, 0, wrap("find owed rows", err)
	}
	for _, key := range keys {
		h, _, err := headOf(t, key)
		if err != nil {
			return 0, 0, err
		}
		if t.store.adoption.Adopted(key.Collection) {
			t.touchRow(h)
		}
	}
	return len(keys), last, nil
}

// takeOwed takes in a row that is owed; false where it is none. Whoever wrote it saw what the row held, and not what its
// record does: what they did to it is done to the record. Where that would write over what they did not see, it is a
// change made on the version that they saw.
func (t *tx) takeOwed(h *head, r Row) (bool, error) {
	owed, err := t.debtOf(h)
	if err != nil || owed == nil {
		return false, err
	}
	own, err := t.ownColumns(h)
	if err != nil {
		return false, err
	}
	stands := h.stands().text
	if sameBut(stands, r.Fields, own) {
		return true, t.paid(h)
	}
	touched := sameBut(owed.holds.text, r.Fields, own) // and is what it was, but for what is the application's
	if touched && owed.holds.text.Equal(r.Fields) {
		return true, nil
	}
	if err := t.holdsNow(h, r.Fields); err != nil || touched {
		return touched, err
	}
	sides, err := t.sides(h, base{version: owed.madeOn, fields: owed.holds}, r.Fields)
	if err != nil {
		return false, err
	}
	sides.Server = stands
	seen := merge.Record(sides, nil)
	if seen.Outcome != merge.RecordConflict {
		r.Fields = seen.Document
		if stands.Equal(r.Fields) {
			return true, nil
		}
		return true, t.writeRow(h, r, CauseWrite)
	}
	if err := t.journalUnseen(h, r, seen, owed); err != nil || !h.stands().text.Equal(r.Fields) {
		return true, err
	}
	return true, t.paid(h)
}

// holdsNow notes what a row holds that is owed: the next edit of it, which may take this one back, was made on that.
func (t *tx) holdsNow(h *head, fields merge.Document) error {
	holds, err := t.keep(fields)
	if err != nil {
		return err
	}
	_, err = t.run(`UPDATE dovetail_owed SET holds = $1 WHERE record = $2`, null(holds.id), h.id)
	return wrap("note owed row", err)
}

// journalUnseen keeps an edit of a row that is owed, which is in the way of what its writer did not see. It is a change of
// what they saw, and holds what they did not see as what it stands on does: a counter would count it again.
func (t *tx) journalUnseen(h *head, r Row, seen merge.Result, owed *debt) error {
	e := Edit{Record: r.Record, Version: h.number, Fields: r.Fields, At: r.At}
	on, err := t.unseenBase(h, owed)
	if err != nil {
		return err
	}
	if !h.pending && on.fields.id == owed.holds.id {
		return t.journalOn(h, e, &on) // the row is that version, and this edit
	}
	mine := merge.Decisions{}
	for _, f := range seen.Fields {
		if d, ok := f.Choose(merge.TakeLocal, ""); ok && f.Outcome == merge.FieldConflict {
			mine[f.Path] = d
		}
	}
	fields, err := seen.Apply(mine)
	if err != nil {
		on = base{lost: true} // it cannot be put on top of what stands, so that nothing is to be joined by itself
		return t.journalOn(h, e, &on)
	}
	e.Fields = fields
	below, found, err := t.standsOn(h)
	switch {
	case err != nil:
		return err
	case !found:
		return t.journalOn(h, e, &on)
	case below.lost:
		return t.journalOn(h, e, &base{lost: true})
	}
	before := below.fields.text // but for what is in the way, which is as it was
	for _, f := range seen.Fields {
		if f.Outcome != merge.FieldConflict || before == nil && f.Path != "" {
			continue
		}
		was := f.Base
		if h.pending {
			was = merge.Lookup(on.fields.text, f.Path) // what waits may have it too
		}
		if before, err = merge.With(before, f.Path, was); err != nil {
			return wrap("find what an edit was made on", err)
		}
	}
	on = base{}
	if on.fields, err = t.keep(before); err != nil {
		return err
	}
	return t.journalOn(h, e, &on)
}

// standsOn is what the edits stand on that a record shows, where all of them are in one change that was not sent, or in a
// conflict; where there are none, what the hub has.
func (t *tx) standsOn(h *head) (b base, found bool, err error) {
	if !h.pending {
		return base{version: h.number, fields: h.fields}, true, nil
	}
	if d, err := t.ownDispute(h); err != nil || d != nil {
		if err == nil {
			b = d.base
		}
		return b, err == nil, err
	}
	chain, err := unsettledOf(t, h.id)
	if err != nil || len(chain) != 1 || chain[0].outbox != outboxWaiting || chain[0].resolves > 0 {
		return base{}, false, err
	}
	return chain[0].base, true, nil
}

// unseenBase is the version that a row which is owed was made on.
func (t *tx) unseenBase(h *head, owed *debt) (base, error) {
	on := base{version: owed.madeOn}
	if on.version == 0 {
		return on, nil
	}
	v, _, err := versionOf(t, h.id, on.version)
	if err == nil {
		on.fields, err = load(t, v.document)
	}
	return on, err
}
