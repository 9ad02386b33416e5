package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dovetail/merge"
)

// body is a document that is stored, with the id that everything else points to; 0 and nil for a record that is
// absent or deleted.
type body struct {
	id   int64
	text merge.Document
}

// keep stores a document, once, and returns where it stands.
func (t *tx) keep(d merge.Document) (body, error) {
	if d == nil {
		return body{}, nil
	}
	return t.keepHashed(d, sha256.Sum256(d))
}

// keepHashed is keep for a document whose hash is known.
func (t *tx) keepHashed(d merge.Document, hash [sha256.Size]byte) (body, error) {
	result, err := t.run(`
		INSERT INTO dovetail_document (hash, body)
		VALUES ($1, $2)
		ON CONFLICT (hash) DO NOTHING`,
		hash[:], string(d))
	if err != nil {
		return body{}, fmt.Errorf("keep document: %w", err)
	}
	if made, err := result.RowsAffected(); err != nil || made == 1 {
		id, _ := result.LastInsertId()
		return body{id: id, text: d}, err
	}
	kept := body{text: d}
	if _, err := t.row([]any{&kept.id}, `SELECT id FROM dovetail_document WHERE hash = $1`, hash[:]); err != nil {
		return body{}, fmt.Errorf("find document: %w", err)
	}
	return kept, nil
}

// affected reports whether a statement changed a row.
func affected(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// load reads a document, and makes sure that it is the one that was stored.
func load(from source, id int64) (body, error) {
	if id == 0 {
		return body{}, nil
	}
	var hash []byte
	b := body{id: id}
	found, err := from.row([]any{&hash, (*[]byte)(&b.text)}, `SELECT hash, body FROM dovetail_document WHERE id = $1`, id)
	if err != nil {
		return body{}, fmt.Errorf("load document: %w", err)
	}
	if !found {
		return body{}, fmt.Errorf("%w: document %d is gone", ErrCorrupt, id)
	}
	return b, b.check(hash)
}

// check makes sure that the text is what was stored: a flipped bit in a value is nothing that SQLite would notice.
func (b body) check(hash []byte) error {
	if b.id == 0 {
		return nil
	}
	if sum := sha256.Sum256(b.text); !bytes.Equal(sum[:], hash) {
		return fmt.Errorf("%w: document %d does not match its hash", ErrCorrupt, b.id)
	}
	return nil
}

// null binds 0 as NULL.
func null(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// text binds an empty text as NULL.
func text[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// micros binds a time as the whole microseconds since 1970; an unknown one as NULL.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// moment is a column that micros bound.
type moment struct{ time.Time }

// Scan reads the column.
func (m *moment) Scan(v any) error {
	var n sql.NullInt64
	if err := n.Scan(v); err != nil || !n.Valid {
		m.Time = time.Time{}
		return err
	}
	m.Time = time.UnixMicro(n.Int64).UTC()
	return nil
}

// number is a column that null bound.
type number int64

// Scan reads the column.
func (n *number) Scan(v any) error {
	var i sql.NullInt64
	err := i.Scan(v)
	*n = number(i.Int64)
	return err
}

// words is a column that text bound.
type words string

// Scan reads the column.
func (w *words) Scan(v any) error {
	var s sql.NullString
	err := s.Scan(v)
	*w = words(s.String)
	return err
}

// encode writes a value as JSON whose strings keep their text.
func encode(v any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), err
}

// decode reads what encode wrote; an empty text leaves the value alone.
func decode(text words, into any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return nil
}
