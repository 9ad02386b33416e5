package store

import (
	"fmt"

	"dovetail/merge"
)

// takeRecord takes in one version of a record from outside. known says that the line was taken in before, so that one
// without a number, which could be told from news by nothing else, is left out. A record that was taken in has no
// answer; one that contradicts what is known is refused, and what follows it in the same input: that builds on versions
// which are not here. apart are the records with such lines so far.
func (t *tx) takeRecord(r *recordLine, known bool, apart map[merge.Key]bool) (Answer, error) {
	if known && r.version == 0 && !apart[r.record] {
		return Answer{}, nil
	}
	h, err := t.record(r.record)
	if err != nil {
		return Answer{}, err
	}
	switch {
	case r.version > 0 && r.version <= h.number:
		return t.knownRecord(h, r, apart)
	case r.version == 0 && h.number > 0 && h.fields.text.Equal(r.fields):
		return Answer{}, nil
	case h.number == 0 && r.fields == nil && r.version == 0:
		return Answer{}, nil
	case apart[r.record]:
		return h.refuse("it follows a version that is known with other fields"), nil
	}
	fields, err := t.keep(r.fields)
	if err != nil {
		return Answer{}, err
	}
	if err := t.add(h, entry{number: r.version, fields: fields, cause: CauseImport, by: r.by, editedAt: r.at,
		outside: r.version, brought: true}); err != nil {
		return Answer{}, err
	}
	return Answer{}, t.catchUp(h, 0)
}

// knownRecord is for a version whose number is not new.
func (t *tx) knownRecord(h *head, r *recordLine, apart map[merge.Key]bool) (Answer, error) {
	v, found, err := versionOf(t, h.id, r.version)
	if err != nil {
		return Answer{}, err
	}
	if !found {
		return h.refuse("version %d comes too late: version %d is here", r.version, h.number), nil
	}
	fields, err := load(t, v.document)
	if err != nil {
		return Answer{}, err
	}
	if !fields.text.Equal(r.fields) {
		apart[r.record] = true
		return h.refuse("version %d is known with other fields", r.version), nil
	}
	return Answer{}, nil
}

// refuse answers a record line that has no effect.
func (h *head) refuse(reason string, args ...any) Answer {
	return Answer{Record: h.key, Outcome: Refused, Version: h.number, Error: fmt.Sprintf(reason, args...)}
}
