package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"dovetail/merge"
)

// Push takes in one change line, in one transaction, and says what became of it. The same line again has no effect and
// gets the same answer. A line that is not a change is a *[LineError], and nothing of it is kept. [ErrReplica] where the
// database is one.
func (s *Store) Push(ctx context.Context, text []byte) (Answer, error) {
	return s.PushAs(ctx, everybody, text)
}

// PushAs is [Store.Push] for the bearer of a token, with what [Store.DeliverAs] says.
func (s *Store) PushAs(ctx context.Context, who Token, text []byte) (Answer, error) {
	if err := s.onHub(); err != nil {
		return Answer{}, wrap("push", err)
	}
	c, err := changeOf(text, who)
	if err != nil {
		return Answer{}, err
	}
	var a Answer
	err = s.writeAround(ctx, func(t *tx) error {
		var err error
		if a, err = t.take(c); err != nil {
			return err
		}
		tally := Tally{}
		tally.add(a.Outcome)
		return t.countPush(tally)
	})
	if err == nil && a.Outcome == Refused && c.barred != "" {
		err = ErrBarred // whatever the key is of: who may not is told nothing of it
	}
	if err != nil {
		return Answer{}, wrap("push "+c.record.String(), err)
	}
	return a, nil
}

// everybody stands for whoever can write to the file itself: a change says whose it is.
var everybody = Token{Scopes: Scopes}

// changeOf reads a line that is to be a change, with what is known of who sent it. Its errors are *[LineError].
func changeOf(text []byte, who Token) (*change, error) {
	l, err := parseLineOf(text, who.Person)
	if err != nil {
		return nil, err
	}
	if l.change == nil {
		return nil, &LineError{Path: "/type", Reason: "a record, where a change is wanted"}
	}
	if l.change.resolves != "" && !who.May(ScopeResolve) {
		l.change.barred = ErrBarred.Error()
	}
	return l.change, nil
}

// receipt is a change that came in before.
type receipt struct {
	id       int64
	identity []byte
	stands   base
	local    body
	by       string
	sequence int64
	answer   Answer
	// What the system that it came from was last said to hold.
	outside       bool
	serverVersion int64
	server        body
}

// knows reports whether what a change brings of its system is what the receipt has, or older.
func (r receipt) knows(c *change) bool {
	switch {
	case !r.outside:
		return false
	case c.serverVersion > 0 && c.serverVersion != r.serverVersion:
		return c.serverVersion < r.serverVersion
	}
	return r.server.text.Equal(c.server)
}

// take gives a change its effect and its answer.
func (t *tx) take(c *change) (Answer, error) {
	if t.store.adoption != nil {
		c = c.afresh()
	}
	before, found, err := t.receipt(c.key)
	if err != nil {
		return Answer{}, err
	}
	if found {
		return t.again(before, c)
	}
	if c.barred != "" {
		return t.refuse(c, c.barred)
	}
	t.count(c.record.Collection, countIssued, 1)
	if err := c.correct(t.now); err != nil {
		return Answer{}, err
	}
	given, err := t.ownDevice(c)
	if err != nil {
		return Answer{}, err
	}
	h, err := t.record(c.record)
	if err != nil {
		return Answer{}, err
	}
	j := &joining{change: c, head: h}
	if err := t.prepare(j); err != nil {
		return Answer{}, err
	}
	if err := t.receive(j, given); err != nil {
		return Answer{}, err
	}
	a := Answer{Outcome: Parked, Error: c.unusable}
	if c.unusable == "" {
		if a, err = t.join(j); err != nil {
			return Answer{}, err
		}
	}
	a.Key, a.Record, a.Device = c.key, c.record, given
	return a, t.settleReceipt(j.id, a, c.payload)
}

// prepare finds out what a change that was not seen before stands on.
func (t *tx) prepare(j *joining) error {
	c := j.change
	if c.unusable != "" {
		return nil
	}
	if c.outside {
		if err := t.bring(j.head, c); err != nil {
			return err
		}
	}
	var err error
	if j.buildsOn, err = t.earlierChange(c.buildsOn, j.head); err != nil {
		return err
	}
	if j.resolves, err = t.earlierChange(c.resolves, j.head); err != nil {
		return err
	}
	if j.base, err = t.baseOf(j); err != nil {
		return err
	}
	if len(c.decisions) > 0 {
		j.base.apart, err = decidedApart(t, j.head, j.base, c.decisions, c.local)
	}
	return err
}

// again answers a change whose key is known.
func (t *tx) again(before receipt, c *change) (Answer, error) {
	if before.answer.Outcome == Parked && bytes.Equal(before.identity, c.whole()) {
		return before.answer, nil // also where it could be used by now: that is for a retry
	}
	if !bytes.Equal(before.identity, c.identity) {
		if same, err := t.carried(before, c); err != nil {
			return Answer{}, err
		} else if same {
			return before.answer, t.adopt(before, c)
		}
		return t.refuse(c, "the key was already used for another change")
	}
	if !c.outside || before.knows(c) {
		return before.answer, nil
	}
	h, err := t.record(c.record)
	if err != nil || h.older(c) {
		return before.answer, err
	}
	if err := t.bring(h, c); err != nil {
		return Answer{}, err
	}
	if err := t.noteServer(before.id, c); err != nil {
		return Answer{}, err
	}
	if before.answer.Conflict > 0 {
		return t.conflictAgain(before, c, h)
	}
	return t.mergeAgain(before, c, h)
}

// refuse counts a change of which nothing is kept.
func (t *tx) refuse(c *change, reason string) (Answer, error) {
	t.count(c.record.Collection, countIssued, 1)
	t.count(c.record.Collection, string(Refused), 1)
	return Answer{Key: c.key, Record: c.record, Outcome: Refused, Error: reason}, nil
}

// carried reports whether a change came both from its replica and in a file that the replica wrote for any hub, which names
// the base otherwise. One by which a conflict was decided is told apart: the file does not say what it decides.
func (t *tx) carried(before receipt, c *change) (bool, error) {
	if before.answer.Outcome == Parked || c.unusable != "" || before.outside || c.outside || c.resolves != "" || c.decided ||
		(before.sequence == 0) == (c.sequence == 0) || before.answer.Record != c.record || before.by != c.localBy ||
		!before.local.text.Equal(c.local) {
		return false, nil
	}
	stands := base{fields: body{text: c.base}}
	if !c.hasBase || c.hasVersion {
		h, err := t.record(c.record)
		if err != nil || c.hasBase {
			return false, err
		}
		j := &joining{change: c, head: h}
		if j.buildsOn, err = t.earlierChange(c.buildsOn, h); err != nil {
			return false, err
		}
		if stands, err = t.baseOf(j); err != nil {
			return false, err
		}
	}
	return before.stands.lost == stands.lost && before.stands.fields.text.Equal(stands.fields.text), nil
}

// adopt notes which device a change is of that came in a file, once the device sends it itself: what it changes next builds
// on that, also where it waits for a person.
func (t *tx) adopt(before receipt, c *change) error {
	if before.sequence > 0 || c.device == "" {
		return nil
	}
	used, err := t.sequenceUsed(c.device, c.sequence)
	if err != nil || used {
		return err
	}
	if _, err := t.run(`UPDATE dovetail_change SET device = $1, sequence = $2 WHERE id = $3`,
		c.device, c.sequence, before.id); err != nil {
		return wrap("adopt change", err)
	}
	_, err = t.run(`UPDATE dovetail_conflict SET replica = $1, device = $1 WHERE change = $2 AND id = $3 AND replica IS NULL`,
		c.device, before.id, before.answer.Conflict)
	if err != nil {
		return wrap("adopt conflict", err)
	}
	_, err = t.run(`
		UPDATE dovetail_conflict_field
		SET device = (SELECT device FROM dovetail_conflict WHERE id = $1)
		WHERE conflict = $1`,
		before.answer.Conflict)
	return wrap("adopt conflict", err)
}

// mergeAgain joins a change once more where what came of it was taken out by what its system holds now.
func (t *tx) mergeAgain(before receipt, c *change, h *head) (Answer, error) {
	a := before.answer
	if out, err := t.takenOut(h, a.Version); err != nil || !out {
		return a, err
	}
	t.count(c.record.Collection, string(a.Outcome), -1)
	if err := t.takenBack(before.id, c.steps); err != nil {
		return Answer{}, err
	}
	local, err := t.keep(c.local)
	if err != nil {
		return Answer{}, err
	}
	again, err := t.join(&joining{id: before.id, change: c, head: h, base: before.stands, local: local})
	if err != nil {
		return Answer{}, err
	}
	again.Key, again.Record, again.Device = a.Key, a.Record, a.Device
	return again, t.settleReceipt(before.id, again, c.payload)
}

// conflictAgain is mergeAgain for a change that waits, or waited, for a person.
func (t *tx) conflictAgain(before receipt, c *change, h *head) (Answer, error) {
	d, err := disputeOf(t, before.answer.Conflict)
	if err != nil {
		return Answer{}, err
	}
	if d.state == merge.Resolved {
		stays, err := t.staysClosed(d, h)
		if err != nil || stays {
			return before.answer, err
		}
	}
	a := before.answer
	a.Version, a.Outcome, a.Fields = h.number, Conflicted, d.fields
	if d.state == merge.Resolved {
		a.Outcome, a.Fields = Converged, nil
	}
	return a, t.settleReceipt(before.id, a, c.payload)
}

// staysClosed opens a conflict again where what came of it was taken out. A conflict that nobody resolved was closed by
// the version that was the same as its local side; true means that it is as it was answered before.
func (t *tx) staysClosed(d *dispute, h *head) (bool, error) {
	made := made{Resolution: Resolution{Version: d.serverVersion}}
	if d.resolution > 0 {
		var err error
		if made, err = resolutionOf(t, d.resolution); err != nil {
			return false, err
		}
	}
	out, err := t.takenOut(h, made.Version)
	if err == nil && out {
		return false, t.reopen(d, h, made.decisions, made.Note, made.By)
	}
	return d.resolution > 0 || d.serverVersion != h.outsideSeen, err
}

// ownDevice gives a device another id if its sequence number was used for another change: then there are two copies
// of it. It returns the new id, empty where none was needed.
func (t *tx) ownDevice(c *change) (string, error) {
	if c.device == "" || c.sequence == 0 {
		return "", nil
	}
	used, err := t.sequenceUsed(c.device, c.sequence)
	if err != nil || !used {
		return "", err
	}
	var given string
	found, err := t.row([]any{&given}, `SELECT new_device FROM dovetail_copied_device WHERE device = $1`, c.device)
	if err != nil {
		return "", err
	}
	if found {
		if used, err = t.sequenceUsed(given, c.sequence); err != nil {
			return "", err
		}
	}
	if !found || used {
		if given, err = t.nameCopy(c.device); err != nil {
			return "", err
		}
		if _, err := t.run(`
			INSERT INTO dovetail_copied_device (device, new_device, given_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (device) DO UPDATE SET new_device = excluded.new_device, given_at = excluded.given_at`,
			c.device, given, micros(t.now)); err != nil {
			return "", wrap("name a copied device", err)
		}
	}
	c.device = given
	return given, nil
}

// nameCopy makes an id for a copy of a device that people can tell, and that nobody has.
func (t *tx) nameCopy(device string) (string, error) {
	id := t.store.newID()
	given := tailed(device, id)
	if len(given) > maxWord {
		return id, nil
	}
	var one int
	taken, err := t.row([]any{&one}, `
		SELECT 1 FROM dovetail_copied_device WHERE new_device = $1
		UNION
		SELECT 1 FROM dovetail_change WHERE device = $1 AND sequence IS NOT NULL`,
		given)
	if taken {
		given = id
	}
	return given, wrap("name a copied device", err)
}

func (t *tx) sequenceUsed(device string, sequence int64) (bool, error) {
	var one int
	return t.row([]any{&one}, `SELECT 1 FROM dovetail_change WHERE device = $1 AND sequence = $2`, device, sequence)
}

// receipt finds a change by its key.
func (t *tx) receipt(key string) (receipt, bool, error) {
	r := receipt{answer: Answer{Key: key}}
	var name string
	var version, conflict, baseVersion, baseDocument, server, local, sequence number
	var serverVersion sql.NullInt64
	var outcome, fields, reason, device, by words
	found, err := t.row([]any{&r.id, &r.identity, &r.answer.Record.Collection, &name, &outcome, &version, &conflict,
		&fields, &reason, &device, &baseVersion, &baseDocument, &r.stands.lost,
		&serverVersion, &server, &local, &by, &sequence}, `
		SELECT
			c.id, c.identity, r.collection, r.name, c.outcome, c.version, c.conflict, c.fields, c.error, c.new_device,
			c.base_version, c.base_document, c.base_lost,
			c.server_version, c.server_document, c.local_document, c.local_by, c.sequence
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		WHERE c.key = $1`,
		key)
	if err != nil || !found {
		return r, false, wrap("find change", err)
	}
	r.answer.Record.ID, r.answer.Outcome = name, Outcome(outcome)
	r.answer.Version, r.answer.Conflict = int64(version), int64(conflict)
	r.answer.Error, r.answer.Device = string(reason), string(device)
	r.stands.version = int64(baseVersion)
	r.outside, r.serverVersion = serverVersion.Valid, serverVersion.Int64
	r.by, r.sequence = string(by), int64(sequence)
	if r.local, err = load(t, int64(local)); err != nil {
		return r, true, err
	}
	if r.server, err = load(t, int64(server)); err != nil {
		return r, true, err
	}
	r.stands.fields, err = load(t, int64(baseDocument))
	if err == nil {
		err = decode(fields, &r.answer.Fields)
	}
	return r, true, err
}

// receive writes the receipt of a change, which all that comes of it points to; its answer is still to come.
func (t *tx) receive(j *joining, given string) error {
	c := j.change
	local, err := t.keep(c.local)
	if err != nil {
		return err
	}
	j.local = local
	if j.id, err = t.insert(`
		INSERT INTO dovetail_change (key, identity, record, device, sequence, base_version, base_document, base_lost,
			local_document, operations, local_by, local_at, local_ref, server_ref, received_at, outcome, new_device,
			builds_on, resolves, decided, seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'pending', $16, $17, $18, $19, $20)`,
		c.key, c.identity, j.head.id, text(c.device), null(c.sequence), null(j.base.version), null(j.base.fields.id), j.base.lost,
		null(local.id), text(c.operations), text(c.localBy), micros(c.localAt), text(c.localRef), text(c.serverRef),
		micros(t.now), text(given), null(j.buildsOn.id), null(j.resolves.id), c.decided, null(c.seen)); err != nil {
		return wrap("receive change", err)
	}
	if c.outside {
		if err := t.noteServer(j.id, c); err != nil {
			return err
		}
	}
	t.proof = proof{`SELECT 1 FROM dovetail_change WHERE key = $1 AND identity = $2 AND received_at = $3`,
		[]any{c.key, c.identity, micros(t.now)}}
	return nil
}

// settleReceipt writes the answer of a change. A parked line is kept whole.
func (t *tx) settleReceipt(id int64, a Answer, payload []byte) error {
	fields, err := fieldList(a.Fields)
	if err != nil {
		return err
	}
	if a.Conflict == 0 {
		t.count(a.Record.Collection, string(a.Outcome), 1)
	}
	if a.Outcome != Parked {
		payload = nil
	}
	_, err = t.run(`
		UPDATE dovetail_change
		SET outcome = $1, version = $2, conflict = $3, fields = $4, error = $5, payload = $6
		WHERE id = $7`,
		string(a.Outcome), null(a.Version), null(a.Conflict), fields, text(a.Error), text(string(payload)), id)
	return wrap("answer change", err)
}

// fieldList binds paths as a JSON list; none as NULL.
func fieldList(paths []string) (any, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	list, err := encode(paths)
	if err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	return list, nil
}
