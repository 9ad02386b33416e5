package store

import (
	"slices"
	"strings"
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

// notKept lists what is not in the document that a merge made, fields that it does not compare included.
func notKept(r merge.Result) []merge.LostValue {
	lost, s := r.NotKept(r.Document), r.Sides()
	if !r.Dropped || s.BaseLost {
		return lost
	}
	told := map[string]time.Time{}
	for _, l := range lost {
		told[l.Path] = time.Time{}
	}
	for _, path := range changedFields(nil, s.Base, s.Local) {
		v := merge.Lookup(s.Local, path)
		if !touches(told, path) && !merge.Equal(v, merge.Lookup(r.Document, path)) {
			lost = append(lost, merge.LostValue{Path: path, Side: "local", Value: v})
		}
	}
	slices.SortStableFunc(lost, func(a, b merge.LostValue) int { return strings.Compare(a.Path, b.Path) })
	return lost
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
