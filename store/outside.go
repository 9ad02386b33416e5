package store

import (
	"crypto/sha256"
	"encoding/hex"
)

// older reports whether a change brings a version that its system is known to have left behind.
func (h *head) older(c *change) bool {
	return h.outsideSeen > 0 && c.serverVersion > 0 && c.serverVersion < h.outsideVersion
}

// bring takes in what the system that a change comes from holds now. Where it is news and not what stands here, or
// stood here since that system was last heard of, it becomes the next version.
func (t *tx) bring(h *head, c *change) error {
	known := h.outsideSeen > 0
	if h.older(c) || h.number == 0 && c.server == nil && c.serverVersion == 0 {
		return nil
	}
	if known && (c.serverVersion == 0 || c.serverVersion == h.outsideVersion) {
		v, _, err := versionOf(t, h.id, h.outsideSeen)
		if err != nil {
			return err
		}
		held, err := load(t, v.document)
		if err != nil || held.text.Equal(c.server) {
			return err
		}
	}
	if h.number > 0 && h.fields.text.Equal(c.server) {
		return t.sawOutside(h, h.number, c.serverVersion)
	}
	if c.serverVersion > 0 && c.serverVersion < h.number {
		// It took one of the lines that were made here; or versions that came in by other ways are that system's as well.
		ours, err := t.isOurs(h, c)
		if err != nil {
			return err
		}
		if ours && known {
			return t.sawOutside(h, c.serverVersion, c.serverVersion)
		}
		if ours {
			return nil
		}
	}
	e := entry{cause: CauseImport, by: c.serverBy, editedAt: c.serverAt, outside: c.serverVersion, brought: true}
	if c.serverVersion > h.number {
		e.number = c.serverVersion
	}
	var err error
	if e.fields, err = t.keep(c.server); err != nil {
		return err
	}
	if err := t.add(h, e); err != nil {
		return err
	}
	return t.catchUp(h, 0)
}

// isOurs reports whether one of our older versions is the one that the system holds, by number and document.
func (t *tx) isOurs(h *head, c *change) (bool, error) {
	if c.serverVersion <= h.outsideSeen {
		return false, nil
	}
	v, found, err := versionOf(t, h.id, c.serverVersion)
	if err != nil || !found {
		return false, err
	}
	fields, err := load(t, v.document)
	return fields.text.Equal(c.server), err
}

// sawOutside notes that the system holds one of our versions, and by what number.
func (t *tx) sawOutside(h *head, ours, theirs int64) error {
	h.outsideSeen, h.outsideVersion = ours, max(h.outsideVersion, theirs)
	if _, err := t.run(`
		INSERT INTO dovetail_taken (record, number, outside)
		VALUES ($1, $2, $3)
		ON CONFLICT (record, number) DO UPDATE SET outside = coalesce(excluded.outside, outside)`,
		h.id, ours, null(theirs)); err != nil {
		return wrap("note taken version", err)
	}
	_, err := t.run(`
		UPDATE dovetail_record
		SET outside_version = $1, outside_seen = $2
		WHERE id = $3`,
		null(h.outsideVersion), h.outsideSeen, h.id)
	return wrap("note outside version", err)
}

// noteServer keeps with a change what its system was last said to hold.
func (t *tx) noteServer(id int64, c *change) error {
	server, err := t.keep(c.server)
	if err != nil {
		return err
	}
	_, err = t.run(`
		UPDATE dovetail_change
		SET server_version = $1, server_document = $2, server_ref = $3
		WHERE id = $4`,
		c.serverVersion, null(server.id), text(c.serverRef), id)
	return wrap("note what a system holds", err)
}

// takenOut reports whether a version has gone under: what the system brought later took its place, and was not built
// on it, because the system was never seen to hold it.
func (t *tx) takenOut(h *head, version int64) (bool, error) {
	var one int
	return t.row([]any{&one}, `
		SELECT 1
		FROM dovetail_version b
		WHERE b.record = $1 AND b.number > $2 AND b.cause = 'import'
			AND NOT EXISTS (
				SELECT 1
				FROM dovetail_version v
				WHERE v.record = $1 AND v.number = $2 AND v.cause = 'import')
			AND NOT EXISTS (
				SELECT 1
				FROM dovetail_taken n
				WHERE n.record = $1 AND n.number >= $2 AND NOT EXISTS (
					SELECT 1
					FROM dovetail_version v
					WHERE v.record = $1 AND v.number > $2 AND v.number <= n.number AND v.cause = 'import'))
		LIMIT 1`,
		h.id, version)
}

// matches reports whether a hash that a change names is the version's: of its document, or of the whole chain.
func (v stored) matches(fields body, hash string) bool {
	sum := sha256.Sum256(fields.text)
	return hash == hex.EncodeToString(v.hash) || fields.id > 0 && hash == hex.EncodeToString(sum[:])
}
