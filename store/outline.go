package store

import (
	"encoding/hex"
	"fmt"
	"time"

	"dovetail/merge"
)

// outLine is a change line as a replica writes it.
type outLine struct {
	Type        string            `json:"type"`
	Key         string            `json:"key"`
	Record      merge.Key         `json:"record"`
	BaseVersion *int64            `json:"base_version,omitempty"`
	BaseHash    string            `json:"base_hash,omitempty"`
	Base        *merge.Document   `json:"base,omitempty"`
	BuildsOn    string            `json:"builds_on,omitempty"`
	Local       merge.Document    `json:"local"`
	Operations  []merge.Operation `json:"operations,omitempty"`
	LocalBy     string            `json:"local_by,omitempty"`
	LocalAt     time.Time         `json:"local_at,omitzero"`
	Device      string            `json:"device"`
	Sequence    int64             `json:"sequence"`
	SentAt      time.Time         `json:"sent_at"`
	Resolves    string            `json:"resolves,omitempty"`
	Decisions   merge.Decisions   `json:"decisions,omitempty"`
	Note        string            `json:"note,omitempty"`
	Decided     bool              `json:"decided,omitempty"`
	Seen        int64             `json:"seen,omitzero"`
}

// lineOf writes the line of a change, and fixes the change first where it was not sent before. A *[LineError] says that no
// line can hold it.
func (t *tx) lineOf(c *ownChange) ([]byte, error) {
	fresh := c.outbox == outboxWaiting
	if fresh {
		if err := t.number(c); err != nil {
			return nil, err
		}
	}
	l := outLine{Type: "change", Key: c.key, LocalBy: c.by, LocalAt: c.at, Device: c.device, Sequence: c.sequence,
		SentAt: t.now, Decided: c.decided}
	var decisions, note, buildsOn, resolves words
	var record int64
	var stepless bool
	if _, err := t.row([]any{&record, &l.Record.Collection, &l.Record.ID, &decisions, &note, &buildsOn, &resolves, &stepless, (*number)(&l.Seen)}, `
		SELECT r.id, r.collection, r.name, c.decisions, c.note, b.key, o.key, c.operations IS NULL, c.seen
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		LEFT JOIN dovetail_change b ON b.id = c.builds_on
		LEFT JOIN dovetail_change o ON o.id = c.resolves
		WHERE c.id = $1`,
		c.id); err != nil {
		return nil, wrap("read change", err)
	}
	l.BuildsOn, l.Resolves, l.Note = string(buildsOn), string(resolves), string(note)
	if t.store.adoption == nil {
		l.Seen = 0 // only what rows refer to is judged by it
	}
	if err := decode(decisions, &l.Decisions); err != nil {
		return nil, err
	}
	local, err := load(t, c.local)
	if err != nil {
		return nil, err
	}
	l.Local = local.text
	if fresh || !stepless {
		if l.Operations, err = stepsOf(t, c.id); err != nil {
			return nil, err
		}
	}
	if err := t.writeBase(&l, c, record); err != nil {
		return nil, err
	}
	line, read, err := fitting(&l, func() { l.Operations = nil }, func() { l.Decisions = nil })
	if err != nil || !fresh {
		return line, err
	}
	return line, t.fix(c, read)
}

// fitting writes a line so that it can be read: where it is too long or too deep, with what each of these takes out of it.
// Without its steps a change is merged by its documents, which at worst asks a person more.
func fitting(l any, without ...func()) ([]byte, *change, error) {
	for {
		text, err := encode(l)
		if err != nil {
			return nil, nil, err
		}
		read, err := parseLine([]byte(text))
		if err == nil || len(without) == 0 {
			return []byte(text), read.change, err
		}
		without[0]()
		without = without[1:]
	}
}

// writeBase says what a change was made on.
func (t *tx) writeBase(l *outLine, c *ownChange, record int64) error {
	switch {
	case c.buildsOn > 0:
		return nil
	case c.base.version == 0 && c.base.fields.id > 0:
		l.Base = &c.base.fields.text
		return nil
	case c.base.lost:
		l.BaseHash = "lost"
		return nil
	}
	l.BaseVersion = &c.base.version
	if c.base.version == 0 {
		return nil
	}
	v, found, err := versionOf(t, record, c.base.version)
	if err != nil {
		return err
	}
	if !found || v.document != c.base.fields.id {
		return fmt.Errorf("%w: change %d of %s stands on version %d, which is not here as it was", ErrCorrupt, c.id, l.Record,
			c.base.version)
	}
	l.BaseHash = hex.EncodeToString(v.hash)
	return nil
}

// number gives a change its place among those of this device.
func (t *tx) number(c *ownChange) error {
	_, err := t.row([]any{&c.device, &c.sequence}, `
		UPDATE dovetail_replica
		SET sequence = sequence + 1
		RETURNING device, sequence`)
	return wrap("number change", err)
}

// fix notes that a change is being sent: nothing of it changes from now on.
func (t *tx) fix(c *ownChange, line *change) error {
	c.outbox = outboxSent
	_, err := t.run(`
		UPDATE dovetail_change
		SET outbox = $1, device = $2, sequence = $3, identity = $4, operations = $5
		WHERE id = $6`,
		c.outbox, c.device, c.sequence, line.identity, text(line.operations), c.id)
	return wrap("fix change", err)
}
