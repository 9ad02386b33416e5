package store

import (
	"database/sql"
	"fmt"
	"slices"

	"dovetail/merge"
)

// Reference is what a foreign key of a row names: a row of an adopted table.
type Reference struct {
	Record merge.Key
	Fields []string // of the row that names it
	Names  []string // what those are in the row that is named
	InKey  bool     // one of Fields is in the key of the row
}

// Referrer is an [Adoption] that knows which rows a row names.
type Referrer interface {
	// Refers lists the rows of adopted tables that a row names which holds a document. Several goroutines may call it.
	Refers(s Statements, record merge.Key, fields merge.Document) ([]Reference, error)
}

// DisputedError says that a row names another one by a key under which both sides have made one: the local row, which it
// means, does not stand there.
type DisputedError struct {
	Of merge.Key // that is named
	As merge.Key // where the local one stands now; zero: that is not decided
}

func (e *DisputedError) Error() string {
	if e.As != (merge.Key{}) {
		return fmt.Sprintf("the row that it refers to is kept as %s now: %s is another one", e.As, e.Of)
	}
	return fmt.Sprintf("the row that it refers to is in dispute: both sides made a %s, and this refers to the local one", e.Of)
}

// settledWords are those of a reference that was in dispute.
func settledWords(of merge.Key) string {
	return fmt.Sprintf("the row that it refers to was in dispute, and %s is one row now: taking local writes this one as it is", of)
}

// joinMeaning is joinIn, but for a change by which a row would come to name another one than its author meant.
func (t *tx) joinMeaning(j *joining, m manner) (Answer, error) {
	before := j.head.fields.text
	a, err := t.joinIn(j, m)
	if err == nil && j.change.resolves == "" && (a.Outcome == Applied || a.Outcome == Merged) {
		err = t.meansWhatItNames(j, before)
	}
	return a, err
}

// meansWhatItNames refuses what a change came to where a row names, otherwise than before, one that the same device made too
// and that is another one here. One whose change is still to come with this one is waited for.
func (t *tx) meansWhatItNames(j *joining, before merge.Document) error {
	fields := j.head.fields.text
	names, err := t.store.refersTo(t.foreign(t.ctx), j.head.key, fields)
	if err != nil {
		return err
	}
	c := j.change
	for _, name := range names {
		if name.Record == j.head.key || name.same(before, fields) {
			continue
		}
		if parent := t.coming[name.Record]; parent != nil && parent.device == c.device {
			h, _, err := headOf(t, name.Record)
			switch there := h.fields.text; {
			case err != nil:
				return err
			case there == nil || there.Equal(parent.local):
				continue
			case t.patient:
				return errEarly
			}
			return &DisputedError{Of: name.Record}
		}
		what, err := fateOf(t, name.Record, maker{device: c.device, by: c.localBy, sequence: c.sequence, seen: c.seen})
		if err == nil && (what.disputed || what.as != "" && !what.known) {
			err = what.refuse(name.Record)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refersTo lists what a row names; nothing where no table of an application holds it.
func (s *Store) refersTo(from Statements, record merge.Key, fields merge.Document) ([]Reference, error) {
	refers, ok := s.adoption.(Referrer)
	if !ok || fields == nil || !s.adoption.Adopted(record.Collection) {
		return nil, nil
	}
	names, err := refers.Refers(from, record, fields)
	return names, wrap("find what "+record.String()+" refers to", err)
}

// same reports whether two documents name the same by it.
func (r *Reference) same(a, b merge.Document) bool {
	return a != nil && !slices.ContainsFunc(r.Fields, func(field string) bool {
		return !merge.Equal(merge.Lookup(a, memberPath(field)), merge.Lookup(b, memberPath(field)))
	})
}

// maker is who made a row that names another one: a device, or where none is known a person.
type maker struct {
	device, by string
	sequence   int64 // of the change
	seen       int64 // the place in the feed that the device had come to; 0: nobody knows
	own        bool  // it is this replica
}

// fate is what became of a row that a device made where the hub has another one under the same key.
type fate struct {
	disputed bool
	as       string // the id that it is kept under; "": it is none of its own
	known    bool   // the device knew of that
}

func (f fate) refuse(of merge.Key) error {
	e := &DisputedError{Of: of}
	if !f.disputed {
		e.As = merge.Key{Collection: of.Collection, ID: f.as}
	}
	return e
}

// fateOf finds out what became of a row that was made under the key of a record.
func fateOf(from source, record merge.Key, who maker) (fate, error) {
	type made struct {
		id, record, change int64
		state              string
	}
	var all []made
	err := from.rows(func(rows *sql.Rows) error {
		var m made
		err := rows.Scan(&m.id, &m.record, &m.change, &m.state)
		all = append(all, m)
		return err
	}, `
		SELECT o.id, o.record, o.change, o.state
		FROM dovetail_record r
		JOIN dovetail_conflict o ON o.record = r.id
		WHERE r.collection = $1 AND r.name = $2 AND o.base_document IS NULL AND o.base_lost = 0 AND o.local_document IS NOT NULL
			AND ($3 OR o.device = $4 OR o.device IS NULL AND $4 = '' AND o.local_by = $5
				OR EXISTS (SELECT 1 FROM dovetail_copied_device d WHERE $4 IN (d.device, d.new_device) AND o.device IN (d.device, d.new_device)))
		ORDER BY o.id`,
		record.Collection, record.ID, who.own, who.device, who.by)
	if err != nil {
		return fate{}, wrap("find what became of "+record.String(), err)
	}
	var f fate
	for _, m := range all {
		if m.state != merge.Resolved.String() {
			return fate{disputed: true}, nil
		}
		as, known, err := keptAs(from, m.id, m.record, m.change, who)
		if err != nil {
			return f, err
		}
		if as != "" {
			f.as, f.known = as, known
		}
	}
	return f, nil
}

// keptAs is the id that the local row of a conflict got by its resolution, and whether whoever made a change knew of it: by
// the hub's feed, or because it was they who decided so before.
func keptAs(from source, conflict, record, change int64, who maker) (as string, known bool, err error) {
	var list words
	var place, sequence number
	var device words
	var decided bool
	found, err := from.row([]any{&list, &place, &device, &sequence, &decided}, `
		SELECT n.decisions, v.id, c.device, c.sequence, c.resolves IS NOT NULL
		FROM dovetail_resolution n
		JOIN dovetail_version v ON v.record = n.record AND v.number = n.version
		LEFT JOIN dovetail_change c ON c.id = v.change
		WHERE n.record = $1 AND n.conflict = $2 AND n.undoes IS NULL
		ORDER BY n.id DESC
		LIMIT 1`,
		record, conflict)
	if err == nil && !found { // on a replica it may be on its way to the hub
		_, err = from.row([]any{&list}, `
			SELECT decisions
			FROM dovetail_change
			WHERE record = $1 AND outbox > 0 AND resolves = $2
			ORDER BY id DESC
			LIMIT 1`,
			record, change)
	}
	var decisions merge.Decisions
	if err == nil {
		err = decode(list, &decisions)
	}
	known = who.seen >= int64(place) && place > 0 ||
		decided && string(device) == who.device && int64(sequence) < who.sequence
	return decisions.Both(), known, wrap("find what was decided", err)
}

// naming finds out whether the local side of a conflict names a row of which there are two, and says it in words in place of
// those that were said when the change came in.
func (d *dispute) naming(v *view, sides merge.Sides, said string) (*merge.Naming, string, error) {
	if d.state == merge.Resolved {
		return nil, said, nil
	}
	names, err := v.store.refersTo(inView{v}, d.key, sides.Local)
	if err != nil || len(names) == 0 {
		return nil, said, err
	}
	who := maker{device: d.device, by: d.localBy, own: v.store.info.Replica()}
	var sequence, seen number
	if _, err := v.row([]any{&sequence, &seen}, `SELECT sequence, seen FROM dovetail_change WHERE id = $1`, d.change); err != nil {
		return nil, said, wrap("read change", err)
	}
	who.sequence, who.seen = int64(sequence), int64(seen)
	for _, name := range names {
		if name.Record == d.key || name.same(sides.Server, sides.Local) {
			continue
		}
		what, err := fateOf(v, name.Record, who)
		if err != nil {
			return nil, said, err
		}
		open := (&DisputedError{Of: name.Record}).Error()
		told := said == open || what.as != "" && said == what.refuse(name.Record).Error()
		switch {
		case what.disputed:
			return &merge.Naming{Record: name.Record}, open, nil
		case what.as != "" && (told || !who.own && !what.known):
			n, err := name.movedTo(v, what.as, sides.Local)
			return n, what.refuse(name.Record).Error(), err
		case told:
			return &merge.Naming{Record: name.Record, One: true}, settledWords(name.Record), nil
		}
	}
	return nil, said, nil
}

// movedTo says what a row would hold that named the row which is kept under another id now.
func (r *Reference) movedTo(v *view, as string, local merge.Document) (*merge.Naming, error) {
	n := &merge.Naming{Record: r.Record, As: merge.Key{Collection: r.Record.Collection, ID: as}, Set: map[string]merge.Value{}, InKey: r.InKey}
	h, _, err := headOf(v, n.As)
	if err != nil {
		return nil, err
	}
	for i, field := range r.Fields {
		value := merge.Lookup(h.stands().text, memberPath(r.Names[i]))
		if path := memberPath(field); value != merge.Absent && !merge.Equal(value, merge.Lookup(local, path)) {
			n.Set[path] = value
		}
	}
	return n, nil
}

// memberPath is the path of a member of a document.
func memberPath(name string) string { return "/" + escapePointer(name) }
