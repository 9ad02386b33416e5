package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"

	"dovetail/merge"
)

// documents compares every document with its hash.
func (c *checkup) documents(n *notes) error {
	var count int64
	err := c.view.rows(func(rows *sql.Rows) error {
		var hash, text sql.RawBytes
		var id int64
		if err := rows.Scan(&id, &hash, &text); err != nil {
			return err
		}
		if sum := sha256.Sum256(text); !bytes.Equal(sum[:], hash) {
			n.wrong("document %d does not match its hash", id)
		}
		count++
		c.tick(1)
		return nil
	}, `
		SELECT id, hash, body
		FROM dovetail_document
		ORDER BY id`)
	n.looked("%s, each as its hash says", several(count, "document"))
	return err
}

// chain makes every version's hash again, of what the version says and the hash of the one before it.
func (c *checkup) chain(n *notes) error {
	var count int64
	var last link
	err := c.view.rows(func(rows *sql.Rows) error {
		l, err := scanLink(rows)
		if err != nil {
			return err
		}
		if l.record != last.record {
			last = link{record: l.record}
		}
		l.compare(last, c.store.info.Role == "replica", n)
		last = l
		count++
		c.tick(1)
		return nil
	}, `
		SELECT v.record, r.collection, r.name, v.number, v.cause, v.who, v.device, v.accepted_at, v.edited_at, v.parent, v.base,
			v.outside, v.hash, v.document, d.hash
		FROM dovetail_version v
		JOIN dovetail_record r ON r.id = v.record
		LEFT JOIN dovetail_document d ON d.id = v.document
		ORDER BY v.record, v.number`)
	n.looked("%s, each on the one before it", several(count, "version"))
	return err
}

// link is a version as the chain sees it.
type link struct {
	record   int64
	key      merge.Key
	entry    entry
	parent   int64
	document int64
	digest   []byte // of the document
	hash     []byte
}

func scanLink(rows *sql.Rows) (link, error) {
	var l link
	var cause, by, device words
	var parent, base, outside, document number
	var accepted, edited moment
	if err := rows.Scan(&l.record, &l.key.Collection, &l.key.ID, &l.entry.number, &cause, &by, &device, &accepted, &edited,
		&parent, &base, &outside, &l.hash, &document, &l.digest); err != nil {
		return l, err
	}
	l.entry.cause, l.entry.by, l.entry.device = Cause(cause), string(by), string(device)
	l.entry.editedAt, l.entry.base, l.entry.outside = edited.Time, int64(base), int64(outside)
	l.entry.accepted, l.parent, l.document = accepted.Time, int64(parent), int64(document)
	if document == 0 {
		l.digest = make([]byte, sha256.Size)
	}
	return l, nil
}

// compare notes where a version does not follow the one before it in its record, the zero link where there is none. A
// replica may know a record from a later version on, whose parent it never saw.
func (l link) compare(last link, replica bool, n *notes) {
	number := l.entry.number
	if last.entry.number == 0 && l.parent > 0 && replica {
		return
	}
	jumps := l.entry.cause == CauseImport || l.entry.cause == CauseAdopt
	switch {
	case l.parent != last.entry.number:
		n.wrong("%s: version %d says that it was made on %d, but version %d is the one before it", l.key, number, l.parent, last.entry.number)
	case number != l.parent+1 && !jumps:
		n.wrong("%s: version %d does not follow version %d", l.key, number, l.parent)
	case !bytes.Equal(l.hash, l.entry.link(&head{hash: last.hash, key: l.key, number: l.parent}, l.digest)):
		n.wrong("%s: version %d does not match its hash", l.key, number)
	}
}

// heads looks for records that do not stand at their newest version.
func (c *checkup) heads(n *notes) error {
	err := c.view.rows(func(rows *sql.Rows) error {
		var k merge.Key
		var head, newest int64
		if err := rows.Scan(&k.Collection, &k.ID, &head, &newest); err != nil {
			return err
		}
		if head != newest {
			n.wrong("%s stands at version %d, but its newest is %d", k, head, newest)
		} else {
			n.wrong("%s holds another document than its version %d", k, head)
		}
		return nil
	}, `
		SELECT r.collection, r.name, r.head, coalesce(v.number, 0)
		FROM dovetail_record r
		LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = (SELECT max(number) FROM dovetail_version WHERE record = r.id)
		WHERE r.head <> coalesce(v.number, 0) OR r.document IS NOT v.document
		ORDER BY r.id`)
	if err != nil {
		return err
	}
	var count int64
	_, err = c.view.row([]any{&count}, `SELECT count(*) FROM dovetail_record`)
	n.looked("%s, each at its newest version", several(count, "record"))
	return err
}
