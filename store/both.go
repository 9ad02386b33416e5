package store

import (
	"fmt"
	"maps"

	"dovetail/merge"
)

// KeepBothError says why local's record cannot be kept under an id of its own. Nothing was written.
type KeepBothError struct {
	Record merge.Key
	As     string // the id that was asked for
	Reason string
}

func (e *KeepBothError) Error() string {
	return fmt.Sprintf("%s cannot be kept as %q too: %s", e.Record, e.As, e.Reason)
}

// Renamer is an [Adoption] that knows what a row is under another key.
type Renamer interface {
	// Rename returns the document of a row with the key columns that an id stands for. The error says in words that the id
	// is no key of the table.
	Rename(collection string, document merge.Document, id string) (merge.Document, error)
}

// lostTo is what a resolution does not keep: nothing, where both records are.
func lostTo(r merge.Result, result merge.Document, d merge.Decisions) []merge.LostValue {
	if d.Both() != "" {
		return nil
	}
	return r.NotKept(result)
}

// bothFree refuses an id that a record stands under.
func (t *tx) bothFree(d *dispute, decisions merge.Decisions) error {
	as := decisions.Both()
	if as == "" {
		return nil
	}
	free, err := t.isFree(merge.Key{Collection: d.key.Collection, ID: as})
	if err == nil && !free {
		err = &KeepBothError{Record: d.key, As: as, Reason: "there is such a record already"}
	}
	return err
}

func (t *tx) isFree(key merge.Key) (bool, error) {
	h, found, err := headOf(t, key)
	return !found || h.stands().text == nil && h.waiting == 0, err
}

// keepBoth makes local's record of a conflict one of its own, where that was decided, and returns the decisions with the
// id that it got. If another is to do where the id is taken, one that is free is found: whoever decided on a replica
// could not know.
func (t *tx) keepBoth(d *dispute, decisions merge.Decisions, by string, another bool) (merge.Decisions, error) {
	as := decisions.Both()
	if as == "" {
		return decisions, nil
	}
	key := merge.Key{Collection: d.key.Collection, ID: as}
	for free, err := t.isFree(key); another && !free; free, err = t.isFree(key) {
		if err != nil {
			return nil, err
		}
		key.ID = merge.Aside(key.ID)
	}
	whole := decisions[""]
	whole.As = key.ID
	decisions = maps.Clone(decisions)
	decisions[""] = whole
	if err := t.bothFree(d, decisions); err != nil {
		return nil, err
	}
	local, err := load(t, d.local)
	if err != nil {
		return nil, err
	}
	return decisions, t.begin(d, key, local.text, by)
}

// begin writes a record of its own that holds what a conflict's local side did.
func (t *tx) begin(d *dispute, key merge.Key, text merge.Document, by string) error {
	if t.store.adoption != nil && t.store.adoption.Adopted(key.Collection) {
		renamer, ok := t.store.adoption.(Renamer)
		if !ok {
			return &KeepBothError{Record: d.key, As: key.ID, Reason: "the table gives its rows their keys itself"}
		}
		var err error
		if text, err = renamer.Rename(key.Collection, text, key.ID); err != nil {
			return &KeepBothError{Record: d.key, As: key.ID, Reason: err.Error()}
		}
	}
	h, _, err := headOf(t, key)
	if err != nil {
		return err
	}
	if err := t.keepsRules(h, text); err != nil {
		return err
	}
	if h, err = t.record(key); err != nil {
		return err
	}
	fields, err := t.keep(text)
	if err != nil {
		return err
	}
	if err := t.add(h, entry{fields: fields, cause: CauseResolution, by: by, device: d.device, editedAt: d.localAt,
		change: d.change}); err != nil {
		return err
	}
	if err := t.readBack(h); err != nil {
		return err
	}
	return t.catchUp(h, 0)
}

// undoBoth deletes the record that was made of local's, if nobody changed it since.
func (t *tx) undoBoth(m made, d *dispute, by string) error {
	as := m.decisions.Both()
	if as == "" {
		return nil
	}
	key := merge.Key{Collection: m.Record.Collection, ID: as}
	h, found, err := headOf(t, key)
	if err != nil {
		return err
	}
	var change number
	if found {
		if _, err := t.row([]any{&change}, `SELECT change FROM dovetail_version WHERE record = $1 AND number = $2`,
			h.id, h.number); err != nil {
			return wrap("find version", err)
		}
	}
	if !found || int64(change) != d.change || h.cause != CauseResolution || h.waiting > 0 {
		return &MovedOnError{Record: m.Record, Version: m.Version, Head: m.Version,
			Reason: fmt.Sprintf("%s, which local's record became, has moved on since", key)}
	}
	if err := t.add(h, entry{cause: CauseUndo, by: by, editedAt: t.now, change: d.change}); err != nil {
		return err
	}
	return t.catchUp(h, 0)
}
