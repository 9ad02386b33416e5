package store

import (
	"database/sql"
	"time"

	"dovetail/merge"
)

// ownChange is a change that was made on this replica.
type ownChange struct {
	id       int64
	key      string
	outbox   int64
	answer   Outcome
	outcome  Outcome
	base     base
	local    int64 // document
	version  int64 // that it was answered with
	buildsOn int64
	resolves int64
	conflict int64
	device   string
	sequence int64
	by       string
	at       time.Time // of the edit
	decided  bool
	said     string // with the answer
	// decisions are those by which it settles a conflict.
	decisions merge.Decisions
}

const ownChangeColumns = `
	id, key, outbox, answer, outcome, base_version, base_document, base_lost, local_document, version, builds_on, resolves,
	conflict, device, sequence, local_by, local_at, decided, decisions, error
	FROM dovetail_change`

// ownChanges reads changes of this replica, with the documents they stand on.
func ownChanges(from source, where string, args ...any) ([]*ownChange, error) {
	var all []*ownChange
	err := from.rows(func(rows *sql.Rows) error {
		c := &ownChange{}
		var answer, outcome, device, by, decisions, said words
		var baseVersion, baseDocument, local, version, buildsOn, resolves, conflict, sequence number
		var at moment
		if err := rows.Scan(&c.id, &c.key, &c.outbox, &answer, &outcome, &baseVersion, &baseDocument, &c.base.lost, &local,
			&version, &buildsOn, &resolves, &conflict, &device, &sequence, &by, &at, &c.decided, &decisions, &said); err != nil {
			return err
		}
		c.answer, c.outcome, c.device, c.by, c.at, c.said = Outcome(answer), Outcome(outcome), string(device), string(by), at.Time, string(said)
		c.base.version, c.base.fields.id, c.local, c.version = int64(baseVersion), int64(baseDocument), int64(local), int64(version)
		c.buildsOn, c.resolves, c.conflict, c.sequence = int64(buildsOn), int64(resolves), int64(conflict), int64(sequence)
		all = append(all, c)
		return decode(decisions, &c.decisions)
	}, `SELECT`+ownChangeColumns+` `+where, args...)
	for _, c := range all {
		if err == nil {
			c.base.fields, err = load(from, c.base.fields.id)
		}
	}
	return all, wrap("read changes", err)
}

// ownChangeOf finds a change by its id.
func ownChangeOf(from source, id int64) (*ownChange, error) {
	all, err := ownChanges(from, `WHERE id = $1`, id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// unsettledOf returns the changes to a record that are not done with, oldest first.
func unsettledOf(from source, record int64) ([]*ownChange, error) {
	return ownChanges(from, `WHERE record = $1 AND outbox > 0 ORDER BY id`, record)
}

// journal keeps an edit on a replica until it can be sent. It goes into the record's last change while that is unsent,
// else it is a change of its own, which builds on the last. One beside a conflict takes the place of what waits in it.
func (t *tx) journal(h *head, e Edit) error { return t.journalOn(h, e, nil) }

// journalOn is journal for an edit that was made on something else than what stands here; nil: on that.
func (t *tx) journalOn(h *head, e Edit, on *base) error {
	local, err := t.keep(e.Fields)
	if err != nil {
		return err
	}
	d, err := t.ownDispute(h)
	if err != nil {
		return err
	}
	if d != nil {
		return t.journalBeside(d, h, local, e, on)
	}
	chain, err := unsettledOf(t, h.id)
	if err != nil {
		return err
	}
	c := &ownChange{outcome: outcomePending, local: local.id, by: e.By, at: e.At}
	if len(chain) == 0 {
		if c.base = (base{version: h.number, fields: h.fields}); on != nil {
			c.base = *on
		}
		return t.begun(h, c, e)
	}
	last := chain[len(chain)-1]
	switch {
	case local.id == 0 && len(chain) == 1 && last.cancels():
		if err := t.cancel(h, last); err != nil {
			return err
		}
		return t.edited(h)
	case last.outbox == outboxWaiting && last.resolves == 0:
		if err := t.amend(last, local, e); err != nil {
			return err
		}
		if err := t.setBase(last, on); err != nil {
			return err
		}
		return t.edited(h)
	case last.outbox == outboxHeld:
		if err := t.takesAlong(h, last, c, e); err != nil {
			return err
		}
		return t.edited(h)
	case on != nil:
		c.base = *on
	default:
		was, err := load(t, last.local)
		if err != nil {
			return err
		}
		c.buildsOn, c.base = last.id, base{version: last.version, fields: was}
	}
	return t.begun(h, c, e)
}

// cancels reports whether a deletion leaves nothing of a change: it made the record, and nobody but this journal knows of it.
func (c *ownChange) cancels() bool {
	return c.outbox == outboxWaiting && c.outcome == outcomePending && c.base.fields.id == 0 && !c.base.lost &&
		c.buildsOn == 0 && c.resolves == 0 && c.conflict == 0
}

// cancel takes a change that was not sent out of the journal.
func (t *tx) cancel(h *head, c *ownChange) error {
	t.count(h.key.Collection, countIssued, -1)
	t.count(h.key.Collection, string(outcomePending), -1)
	if _, err := t.run(`DELETE FROM dovetail_operation WHERE change = $1`, c.id); err != nil {
		return wrap("cancel steps", err)
	}
	if _, err := t.run(`DELETE FROM dovetail_change WHERE id = $1 AND outbox = 1`, c.id); err != nil {
		return wrap("cancel change", err)
	}
	t.proof = proof{`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM dovetail_change WHERE id = $1)`, []any{c.id}}
	return nil
}

// outcomePending is of a change that has no answer yet.
const outcomePending Outcome = "pending"

// ownDispute returns the conflict in which this replica's changes to a record wait; nil where none do.
func (t *tx) ownDispute(h *head) (*dispute, error) {
	if h.waiting == 0 {
		return nil, nil
	}
	waiting, err := waitingOf(t, h.id)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	return disputeOf(t, waiting[len(waiting)-1])
}

// journalBeside keeps an edit of a record that waits for a person. One that was made on something else brings that along
// without a number: the hub would else leave its conflict on what is newer.
func (t *tx) journalBeside(d *dispute, h *head, local body, e Edit, on *base) error {
	c, err := ownChangeOf(t, d.change)
	if err != nil {
		return err
	}
	if on != nil {
		apart := d.base.apart
		if d.base = *on; on.fields.id > 0 {
			d.base.version = 0
		}
		on, d.base.apart = &d.base, apart
	}
	if c.outbox == outboxWaiting && c.resolves == 0 {
		if err := t.amend(c, local, e); err != nil {
			return err
		}
		if err := t.setBase(c, on); err != nil {
			return err
		}
		d.local, d.localBy, d.localAt = local.id, e.By, e.At
	} else {
		next := &ownChange{outcome: Conflicted, base: d.base, local: local.id, buildsOn: c.id, conflict: d.id, by: e.By, at: e.At}
		switch {
		case on != nil:
			next.buildsOn = 0
		case c.outbox == outboxHeld:
			next.buildsOn = c.buildsOn
		}
		if err := t.beginChange(h, next, e); err != nil {
			return err
		}
		if c.outbox == outboxHeld {
			if err := t.goesAlong(c, next.id); err != nil {
				return err
			}
		}
		if err := t.replaceLocal(d, h, next); err != nil {
			return err
		}
	}
	if err := t.renewOwn(d, h); err != nil {
		return err
	}
	return t.edited(h)
}

// renewOwn merges a conflict again on the head, and keeps the count of those that wait.
func (t *tx) renewOwn(d *dispute, h *head) error {
	was := d.state
	err := t.renew(d, h)
	if err == nil && was != merge.Resolved && d.state == merge.Resolved {
		h.waiting--
	}
	return err
}

// replaceLocal puts a newer change of the same record into a conflict; the older one is kept aside.
func (t *tx) replaceLocal(d *dispute, h *head, next *ownChange) error {
	if err := t.aside(aside{head: h, side: "local", document: d.local, reason: reasonReplaced, conflict: d.id,
		change: d.change, by: d.localBy, device: d.device, at: d.localAt}); err != nil {
		return err
	}
	if err := t.markReplaced(h, d.change, d.id); err != nil {
		return err
	}
	d.change, d.local, d.localBy, d.localAt = next.id, next.local, next.by, next.at
	return nil
}

// markReplaced notes that a change went into a newer one in a conflict.
func (t *tx) markReplaced(h *head, change, conflict int64) error {
	t.count(h.key.Collection, countReplaced, 1)
	_, err := t.run(`
		UPDATE dovetail_change
		SET replaced = 1, outcome = 'conflict', conflict = $1
		WHERE id = $2`,
		conflict, change)
	return wrap("replace change", err)
}

// begun makes a change of an edit, and the record shows it.
func (t *tx) begun(h *head, c *ownChange, e Edit) error {
	if err := t.beginChange(h, c, e); err != nil {
		return err
	}
	return t.edited(h)
}

// beginChange writes a change that is to be sent, with the steps of an edit.
func (t *tx) beginChange(h *head, c *ownChange, e Edit) error {
	c.outbox, c.key = outboxWaiting, t.store.newID()
	t.count(h.key.Collection, countIssued, 1)
	if c.outcome == outcomePending {
		t.count(h.key.Collection, string(outcomePending), 1)
	}
	var err error
	c.id, err = t.insert(`
		INSERT INTO dovetail_change (key, identity, record, base_version, base_document, base_lost, local_document, local_by,
			local_at, received_at, outcome, outbox, builds_on, resolves, conflict, seen)
		VALUES ($1, zeroblob(0), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, (SELECT place FROM dovetail_replica))`,
		c.key, h.id, null(c.base.version), null(c.base.fields.id), c.base.lost, null(c.local), text(c.by),
		micros(c.at), micros(t.now), string(c.outcome), c.outbox, null(c.buildsOn), null(c.resolves), null(c.conflict))
	if err != nil {
		return wrap("keep change", err)
	}
	t.proof = proof{`SELECT 1 FROM dovetail_change WHERE key = $1`, []any{c.key}}
	return t.addSteps(c.id, e)
}

// amend puts an edit into a change that was not sent. It gets another key, since a copy of this replica may send the
// change as it was.
func (t *tx) amend(c *ownChange, local body, e Edit) error {
	c.key, c.local = t.store.newID(), local.id
	if _, err := t.run(`
		UPDATE dovetail_change
		SET key = $1, local_document = $2, local_by = $3, local_at = $4, received_at = $5
		WHERE id = $6 AND outbox = 1`,
		c.key, null(local.id), text(e.By), micros(e.At), micros(t.now), c.id); err != nil {
		return wrap("add to change", err)
	}
	t.proof = proof{`SELECT 1 FROM dovetail_change WHERE key = $1`, []any{c.key}}
	return t.addSteps(c.id, e)
}

// setBase has a change that was not sent stand on something else, where that is said.
func (t *tx) setBase(c *ownChange, on *base) error {
	if on == nil {
		return nil
	}
	_, err := t.run(`
		UPDATE dovetail_change
		SET base_version = $1, base_document = $2, base_lost = $3, builds_on = NULL
		WHERE id = $4 AND outbox = 1`,
		null(on.version), null(on.fields.id), on.lost, c.id)
	return wrap("set base", err)
}

// addSteps keeps the steps of an edit, each under an id of its own.
func (t *tx) addSteps(change int64, e Edit) error {
	for _, op := range e.Steps {
		if op.ID == "" {
			op.ID = t.store.newID()
		}
		if op.At.IsZero() {
			op.At = e.At
		}
		if _, err := t.run(`
			INSERT INTO dovetail_operation (operation, change, verb, path, value, was, done_by, done_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			op.ID, change, op.Verb.String(), op.Path, text(op.Value), text(op.Was), text(e.By), micros(op.At)); err != nil {
			return wrap("keep step", err)
		}
	}
	return nil
}

// stepsOf reads the steps of a change.
func stepsOf(from source, change int64) ([]merge.Operation, error) {
	var steps []merge.Operation
	err := from.rows(func(rows *sql.Rows) error {
		var op merge.Operation
		var verb string
		var value, was words
		var at moment
		if err := rows.Scan(&op.ID, &verb, &op.Path, &value, &was, &at); err != nil {
			return err
		}
		op.Value, op.Was, op.At = merge.Value(value), merge.Value(was), at.Time
		steps = append(steps, op)
		return steps[len(steps)-1].Verb.UnmarshalText([]byte(verb))
	}, `
		SELECT operation, verb, path, value, was, done_at
		FROM dovetail_operation
		WHERE change = $1
		ORDER BY id`,
		change)
	return steps, wrap("read steps", err)
}

func (t *tx) moveOutbox(change int64, to int) error {
	_, err := t.run(`UPDATE dovetail_change SET outbox = $1 WHERE id = $2`, to, change)
	return wrap("move change", err)
}

// edited counts an edit, and has the record show what stands here.
func (t *tx) edited(h *head) error {
	h.revision++
	return t.showLocal(h)
}

// showLocal has a record show the last change to it that is not done with, or waits in a conflict; where there is none,
// what the hub has.
func (t *tx) showLocal(h *head) error {
	var local, baseVersion number
	found, err := t.row([]any{&local, &baseVersion}, `
		SELECT c.local_document, c.base_version
		FROM dovetail_change c
		WHERE c.record = $1 AND c.outbox > 0
		ORDER BY c.id DESC
		LIMIT 1`,
		h.id)
	if err != nil {
		return wrap("find change", err)
	}
	if d, e := t.ownDispute(h); e != nil {
		return e
	} else if d != nil && !found {
		found, local, baseVersion = true, number(d.local), number(d.base.version)
	}
	t.touch(h)
	h.pending, h.pendingBase = found, int64(baseVersion)
	if h.local, err = load(t, int64(local)); err != nil {
		return err
	}
	_, err = t.run(`
		UPDATE dovetail_record
		SET pending = $1, pending_document = $2, pending_base = $3, revision = $4
		WHERE id = $5`,
		h.pending, null(h.local.id), null(h.pendingBase), h.revision, h.id)
	return wrap("show change", err)
}
