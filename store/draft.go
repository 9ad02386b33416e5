package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"dovetail/merge"
)

// Draft returns a person's draft on a conflict. Where there is none it is empty, but for whose and on what it is;
// [merge.ErrNotFound] where there is no such conflict.
func (s *Store) Draft(ctx context.Context, conflict int64, person string) (merge.Draft, error) {
	var d merge.Draft
	err := s.read(ctx, func(v *view) error {
		var one int
		found, err := v.row([]any{&one}, `SELECT 1 FROM dovetail_conflict WHERE id = $1`, conflict)
		if err != nil {
			return wrap("read conflict", err)
		}
		if !found {
			return fmt.Errorf("conflict %d: %w", conflict, merge.ErrNotFound)
		}
		d, err = draftOf(v, conflict, person)
		return err
	})
	return d, err
}

func draftOf(from source, conflict int64, person string) (merge.Draft, error) {
	d := merge.Draft{}
	var body words
	_, err := from.row([]any{&body}, `SELECT body FROM dovetail_draft WHERE conflict = $1 AND person = $2`, conflict, person)
	if err == nil {
		err = decode(body, &d)
	}
	d.Conflict, d.Person = conflict, person
	return d, wrap("read draft", err)
}

// SaveDraft keeps a person's draft in place of the one before. It may be on a conflict that somebody else has resolved
// meanwhile: nobody's work is thrown away.
func (s *Store) SaveDraft(ctx context.Context, d merge.Draft) error {
	if d.Person == "" {
		return fmt.Errorf("save draft on conflict %d: no person", d.Conflict)
	}
	return s.write(ctx, func(t *tx) error {
		on, err := disputeOf(t, d.Conflict)
		if err != nil {
			return err
		}
		return t.saveDraft(on, d)
	})
}

func (t *tx) saveDraft(on *dispute, d merge.Draft) error {
	d.SavedAt = t.now
	body, err := encode(d)
	if err != nil {
		return wrap("save draft", err)
	}
	_, err = t.run(`
		INSERT INTO dovetail_draft (conflict, person, revision, server_version, decided, body, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (conflict, person) DO UPDATE SET revision = excluded.revision, server_version = excluded.server_version,
			decided = excluded.decided, body = excluded.body, saved_at = excluded.saved_at`,
		on.id, d.Person, d.Revision, d.ServerVersion, decided(on.fields, d, d.Decisions), body, micros(t.now))
	t.proof = proof{`SELECT 1 FROM dovetail_draft WHERE conflict = $1 AND person = $2 AND body = $3`, []any{on.id, d.Person, body}}
	return wrap("save draft", err)
}

// recount counts anew how much of a conflict each draft on it decides, after the conflict was merged again: a decision
// on what has changed since does not stand, and lists tell how much is left.
func (t *tx) recount(d *dispute, r merge.Result) error {
	var drafts []merge.Draft
	err := t.rows(func(rows *sql.Rows) error {
		var draft merge.Draft
		var person, body string
		if err := rows.Scan(&person, &body); err != nil {
			return err
		}
		err := decode(words(body), &draft)
		draft.Person = person
		drafts = append(drafts, draft)
		return err
	}, `SELECT person, body FROM dovetail_draft WHERE conflict = $1 ORDER BY person`, d.id)
	if err != nil {
		return wrap("read drafts", err)
	}
	for _, draft := range drafts {
		standing, _ := r.Standing(draft.Decisions)
		if _, err := t.run(`UPDATE dovetail_draft SET decided = $1 WHERE conflict = $2 AND person = $3`,
			decided(d.fields, draft, standing), d.id, draft.Person); err != nil {
			return wrap("count decisions", err)
		}
	}
	return nil
}

// begun is the condition that a row of dovetail_draft, by the name that it has in a statement, is a draft for whoever asks:
// one that was discarded is kept for those alone who take that back.
func begun(row string) string { return row + ".decided >= 0" }

// decided counts the fields in conflict that have a decision among those of a draft; -1 where the draft is empty.
func decided(fields []string, of merge.Draft, decisions merge.Decisions) int {
	if of.Empty() {
		return -1
	}
	n := 0
	for path, d := range decisions {
		if d.Choice != merge.Undecided && slices.Contains(fields, path) {
			n++
		}
	}
	return n
}

// DiscardDraft throws a person's draft away; that there is none is no error.
func (s *Store) DiscardDraft(ctx context.Context, conflict int64, person string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.run(`DELETE FROM dovetail_draft WHERE conflict = $1 AND person = $2`, conflict, person)
		t.proof = proof{`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM dovetail_draft WHERE conflict = $1 AND person = $2)`,
			[]any{conflict, person}}
		return wrap("discard draft", err)
	})
}
