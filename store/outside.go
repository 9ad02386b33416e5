package store

import (
	"crypto/sha256"
	"encoding/hex"
)

// bring takes in what the system that a change comes from holds now. news is false where that is what it was already
// known to hold, or older. Where it is news and not what stands here, it becomes the next version.
func (t *tx) bring(h *head, c *change) (news bool, err error) {
	known := h.outsideSeen > 0
	if known && c.serverVersion > 0 && c.serverVersion < h.outsideVersion {
		return false, nil
	}
	if known && (c.serverVersion == 0 || c.serverVersion == h.outsideVersion) {
		v, _, err := versionOf(t, h.id, h.outsideSeen)
		if err != nil {
			return false, err
		}
		held, err := load(t, v.document)
		if err != nil || held.text.Equal(c.server) {
			return false, err
		}
	}
	if !known && c.serverVersion > 0 && c.serverVersion < h.number {
		// Versions that came in by other ways may be that system's as well.
		if theirs, err := t.isOurs(h, c); err != nil || theirs {
			return false, err
		}
	}
	if h.number == 0 && c.server == nil && c.serverVersion == 0 {
		return false, nil
	}
	if h.number > 0 && h.fields.text.Equal(c.server) {
		return true, t.sawOutside(h, c.serverVersion)
	}
	e := entry{cause: CauseImport, by: c.serverBy, editedAt: c.serverAt, outside: c.serverVersion, brought: true}
	if c.serverVersion > h.number {
		e.number = c.serverVersion
	}
	if e.fields, err = t.keep(c.server); err != nil {
		return false, err
	}
	if err := t.add(h, e); err != nil {
		return false, err
	}
	return true, t.catchUp(h, 0)
}

// isOurs reports whether one of our older versions is the one that the system holds, by number and document.
func (t *tx) isOurs(h *head, c *change) (bool, error) {
	v, found, err := versionOf(t, h.id, c.serverVersion)
	if err != nil || !found {
		return false, err
	}
	fields, err := load(t, v.document)
	return fields.text.Equal(c.server), err
}

// sawOutside notes that the system holds what stands here.
func (t *tx) sawOutside(h *head, version int64) error {
	h.outsideSeen, h.outsideVersion = h.number, max(h.outsideVersion, version)
	_, err := t.run(`
		UPDATE dovetail_record
		SET outside_version = $1, outside_seen = $2
		WHERE id = $3`,
		null(h.outsideVersion), h.outsideSeen, h.id)
	return wrap("note outside version", err)
}

// matches reports whether a hash that a change names is the version's: of its document, or of the whole chain.
func (v stored) matches(fields body, hash string) bool {
	sum := sha256.Sum256(fields.text)
	return hash == hex.EncodeToString(v.hash) || fields.id > 0 && hash == hex.EncodeToString(sum[:])
}
