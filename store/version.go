package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"

	"dovetail/merge"
)

// head is a record with its newest version, as a transaction sees it.
type head struct {
	id      int64
	key     merge.Key
	number  int64 // 0: no version is known
	fields  body
	waiting int64 // conflicts that are not resolved
	// outsideVersion is the newest number of the system it was brought from, outsideSeen our version with what that
	// system holds; 0: never brought from outside.
	outsideVersion, outsideSeen int64

	cause  Cause
	by     string
	device string
	at     time.Time // of the edit, as far as known, else when it was accepted
	taken  time.Time // when it was accepted
	hash   []byte

	// On a replica: pending says that local, made on the version pendingBase, stands here instead of fields. revision
	// counts the edits here.
	pending     bool
	local       body
	pendingBase int64
	revision    int64
}

// stands is the record as whoever works here sees it.
func (h *head) stands() body {
	if h.pending {
		return h.local
	}
	return h.fields
}

// headOf finds a record; false where it was never heard of.
func headOf(from source, key merge.Key) (*head, bool, error) {
	h := &head{key: key}
	var outsideVersion, outsideSeen, document, local, localBase number
	var by, device, cause words
	var at, taken moment
	var sum, localSum []byte
	found, err := from.row([]any{&h.id, &h.number, &document, &h.waiting, &outsideVersion, &outsideSeen,
		&cause, &by, &device, &at, &taken, &h.hash, &sum, (*[]byte)(&h.fields.text),
		&h.pending, &local, &localBase, &h.revision, &localSum, (*[]byte)(&h.local.text)}, `
		SELECT
			r.id, r.head, r.document, r.waiting, r.outside_version, r.outside_seen,
			v.cause, v.who, v.device, coalesce(v.edited_at, v.accepted_at), v.accepted_at, v.hash, d.hash,
			d.body,
			r.pending, r.pending_document, r.pending_base, r.revision, l.hash, l.body
		FROM dovetail_record r
		LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
		LEFT JOIN dovetail_document d ON d.id = r.document
		LEFT JOIN dovetail_document l ON l.id = r.pending_document
		WHERE r.collection = $1 AND r.name = $2`,
		key.Collection, key.ID)
	if err != nil || !found {
		return h, false, wrap("read record", err)
	}
	h.fields.id = int64(document)
	h.outsideVersion, h.outsideSeen = int64(outsideVersion), int64(outsideSeen)
	h.cause, h.by, h.device, h.at = Cause(cause), string(by), string(device), at.Time
	h.taken = taken.Time
	h.local.id, h.pendingBase = int64(local), int64(localBase)
	return h, true, errors.Join(h.fields.check(sum), h.local.check(localSum))
}

// record finds a record, or begins one that has no version.
func (t *tx) record(key merge.Key) (*head, error) {
	h, found, err := headOf(t, key)
	if err != nil || found {
		return h, err
	}
	h.id, err = t.insert(`INSERT INTO dovetail_record (collection, name) VALUES ($1, $2)`, key.Collection, key.ID)
	return h, wrap("begin record", err)
}

// entry is a version to be.
type entry struct {
	number   int64 // 0: the one after the head
	fields   body
	cause    Cause
	by       string
	device   string
	editedAt time.Time
	base     int64 // the version that the change stood on, where it was joined
	change   int64 // that made it
	outside  int64 // its number in the system it was brought from
	brought  bool  // it is what that system holds
	// On a replica, where a version comes from the hub: when that accepted it, and the hash that it has there.
	accepted time.Time
	hash     []byte
}

// add makes a version the head of its record, if the head is still the one that h tells of: [merge.ErrStale] else.
// Whoever calls brings the record's conflicts to the new head.
func (t *tx) add(h *head, e entry) error {
	if e.number == 0 {
		e.number = h.number + 1
	}
	if e.number <= h.number {
		return fmt.Errorf("version %d of %s does not follow %d", e.number, h.key, h.number)
	}
	if e.accepted.IsZero() {
		e.accepted = t.now
	}
	sum := e.chain(h)
	if e.hash != nil && !bytes.Equal(sum, e.hash) {
		return fmt.Errorf("%w: its version %d of %s does not follow version %d that is known here", ErrWentBack, e.number,
			h.key, h.number)
	}
	t.touch(h)
	outsideVersion, outsideSeen := h.outsideVersion, h.outsideSeen
	if e.brought {
		outsideVersion, outsideSeen = max(outsideVersion, e.outside), e.number
	}
	result, err := t.run(`
		UPDATE dovetail_record
		SET head = $1, document = $2, outside_version = $3, outside_seen = $4
		WHERE id = $5 AND head = $6`,
		e.number, null(e.fields.id), null(outsideVersion), null(outsideSeen), h.id, h.number)
	if err != nil {
		return fmt.Errorf("move record: %w", err)
	}
	if moved, err := result.RowsAffected(); err != nil || moved != 1 {
		return errors.Join(merge.ErrStale, err)
	}
	if _, err := t.run(`
		INSERT INTO dovetail_version (record, number, document, cause, who, device, accepted_at, edited_at, parent, base,
			change, outside, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		h.id, e.number, null(e.fields.id), string(e.cause), text(e.by), text(e.device), micros(e.accepted), micros(e.editedAt),
		null(h.number), null(e.base), null(e.change), null(e.outside), sum); err != nil {
		return fmt.Errorf("add version: %w", err)
	}
	h.number, h.fields, h.cause, h.by, h.device, h.hash = e.number, e.fields, e.cause, e.by, e.device, sum
	h.outsideVersion, h.outsideSeen = outsideVersion, outsideSeen
	h.taken = e.accepted
	if h.at = e.editedAt; h.at.IsZero() {
		h.at = e.accepted
	}
	t.proof = proof{`SELECT 1 FROM dovetail_version WHERE record = $1 AND number = $2 AND hash = $3`, []any{h.id, e.number, sum}}
	return nil
}

// chain is the hash of the version, over all that it says and the hash of the one before it.
func (e entry) chain(h *head) []byte {
	digest := sha256.Sum256(e.fields.text)
	if e.fields.id == 0 {
		digest = [sha256.Size]byte{}
	}
	return e.link(h, digest[:])
}

// link is chain where the hash of the document is known; that of no document is all zeros.
func (e entry) link(h *head, digest []byte) []byte {
	sum := sha256.New()
	parts(sum, h.hash, []byte(h.key.String()), digest, []byte(e.cause), []byte(e.by), []byte(e.device))
	for _, n := range []int64{e.number, h.number, e.accepted.UnixMicro(), unixMicro(e.editedAt), e.base, e.outside} {
		integer(sum, n)
	}
	return sum.Sum(nil)
}

// parts adds texts to a hash so that no two lists of them look alike.
func parts(sum hash.Hash, texts ...[]byte) {
	for _, text := range texts {
		integer(sum, int64(len(text)))
		sum.Write(text)
	}
}

func integer(sum hash.Hash, n int64) {
	var room [8]byte
	sum.Write(binary.BigEndian.AppendUint64(room[:0], uint64(n)))
}

// unixMicro is what a column holds for a time, 0 for an unknown one.
func unixMicro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// stored is a version that was read back.
type stored struct {
	number   int64
	document int64
	by       string
	device   string
	at       time.Time
	outside  int64
	hash     []byte
}

// versionOf finds a version by its number; false where it is not known.
func versionOf(from source, record, n int64) (stored, bool, error) {
	return scanVersion(from, `
		SELECT number, document, who, device, coalesce(edited_at, accepted_at), outside, hash
		FROM dovetail_version
		WHERE record = $1 AND number = $2`,
		record, n)
}

// outsideVersion finds the newest version that has a number in the system it was brought from.
func outsideVersion(from source, h *head, n int64) (stored, bool, error) {
	if n == h.outsideVersion && h.outsideSeen > 0 {
		return versionOf(from, h.id, h.outsideSeen)
	}
	return scanVersion(from, `
		SELECT number, document, who, device, coalesce(edited_at, accepted_at), outside, hash
		FROM dovetail_version
		WHERE record = $1 AND (outside = $2 OR number IN (
			SELECT number
			FROM dovetail_taken
			WHERE record = $1 AND outside = $2))
		ORDER BY number DESC
		LIMIT 1`,
		h.id, n)
}

func scanVersion(from source, query string, args ...any) (stored, bool, error) {
	var v stored
	var document, outside number
	var by, device words
	var at moment
	found, err := from.row([]any{&v.number, &document, &by, &device, &at, &outside, &v.hash}, query, args...)
	v.document, v.outside, v.by, v.device, v.at = int64(document), int64(outside), string(by), string(device), at.Time
	return v, found, wrap("read version", err)
}

// wrap says what failed.
func wrap(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, err)
}
