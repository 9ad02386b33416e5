package store

import (
	"time"

	"dovetail/merge"
)

// Why a document is kept aside.
const (
	reasonResolution = "resolution"
	reasonPolicy     = "policy"
	reasonLastWrite  = "last-write-wins"
	reasonReplaced   = "replaced"
)

// aside is a document that lost, or was replaced while it waited.
type aside struct {
	head     *head
	side     string // local or server
	document int64  // 0: a deletion
	reason   string
	version  int64 // that won
	conflict int64
	change   int64
	by       string
	device   string
	at       time.Time
	lost     []merge.LostValue // those of its values that are not in the version
}

func (t *tx) aside(a aside) error {
	var lost any
	if len(a.lost) > 0 {
		list, err := encode(a.lost)
		if err != nil {
			return err
		}
		lost = list
	}
	_, err := t.run(`
		INSERT INTO dovetail_side (record, side, document, reason, version, conflict, change, who, device, edited_at,
			not_kept, kept_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.head.id, a.side, null(a.document), a.reason, null(a.version), null(a.conflict), null(a.change),
		text(a.by), text(a.device), micros(a.at), lost, micros(t.now))
	return wrap("keep side", err)
}

// ofSide picks the values that one side lost.
func ofSide(lost []merge.LostValue, side string) []merge.LostValue {
	var out []merge.LostValue
	for _, l := range lost {
		if l.Side == side {
			out = append(out, l)
		}
	}
	return out
}

func paths(lost []merge.LostValue) []string {
	var out []string
	for _, l := range lost {
		out = append(out, l.Path)
	}
	return out
}
