package store

import (
	"fmt"
)

// takeRecord takes in one version of a record from outside. known says that the line was taken in before, so that one
// without a number, which could be told from news by nothing else, is left out. A record that was taken in has no
// answer; one that contradicts what is known is refused.
func (t *tx) takeRecord(r *recordLine, known bool) (Answer, error) {
	if known && r.version == 0 {
		return Answer{}, nil
	}
	h, err := t.record(r.record)
	if err != nil {
		return Answer{}, err
	}
	switch {
	case r.version > 0 && r.version <= h.number:
		return t.knownRecord(h, r)
	case r.version == 0 && h.number > 0 && h.fields.text.Equal(r.fields):
		return Answer{}, nil
	case h.number == 0 && r.fields == nil && r.version == 0:
		return Answer{}, nil
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
func (t *tx) knownRecord(h *head, r *recordLine) (Answer, error) {
	v, found, err := versionOf(t, h.id, r.version)
	if err != nil {
		return Answer{}, err
	}
	refuse := func(reason string, args ...any) (Answer, error) {
		return Answer{Record: r.record, Outcome: Refused, Version: h.number, Error: fmt.Sprintf(reason, args...)}, nil
	}
	if !found {
		return refuse("version %d comes too late: version %d is here", r.version, h.number)
	}
	fields, err := load(t, v.document)
	if err != nil {
		return Answer{}, err
	}
	if !fields.text.Equal(r.fields) {
		return refuse("version %d is known with other fields", r.version)
	}
	return Answer{}, nil
}
