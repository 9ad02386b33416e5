package store

import (
	"context"
)

// The numbers that are kept for each collection: the changes that came in, what became of them, and the conflicts in
// each state, by the words of [Outcome] and [merge.State] and these.
const (
	countIssued   = "issued"
	countReplaced = "replaced" // in a conflict, by a newer change of the same replica
)

// exchange is what came in together.
type exchange struct {
	id       int64 // 0: a new one
	kind     string
	source   []byte // the hash of a whole input
	lines    int64  // how far the input was read
	finished bool
	tally    Tally // what is to be added
}

// exchanged adds to an exchange, or begins it, and returns its id.
func (t *tx) exchanged(e exchange) (int64, error) {
	n := e.tally
	if e.id == 0 {
		id, err := t.insert(`
			INSERT INTO dovetail_exchange (kind, source, lines, finished, records, applied, converged, merged, superseded,
				conflicts, parked, refused, bad, started_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`,
			e.kind, e.source, e.lines, e.finished, n.Records, n.Applied, n.Converged, n.Merged, n.Superseded,
			n.Conflicts, n.Parked, n.Refused, n.Bad, micros(t.now))
		return id, wrap("count what came in", err)
	}
	_, err := t.run(`
		UPDATE dovetail_exchange
		SET lines = $1, finished = $2, records = records + $3, applied = applied + $4, converged = converged + $5,
			merged = merged + $6, superseded = superseded + $7, conflicts = conflicts + $8, parked = parked + $9,
			refused = refused + $10, bad = bad + $11, changed_at = $12
		WHERE id = $13`,
		e.lines, e.finished, n.Records, n.Applied, n.Converged, n.Merged, n.Superseded, n.Conflicts, n.Parked,
		n.Refused, n.Bad, micros(t.now), e.id)
	return e.id, wrap("count what came in", err)
}

// lastExchange returns what came in last; nil where nothing did.
func lastExchange(from source) (*Exchange, error) {
	var e Exchange
	var at moment
	n := &e.Tally
	found, err := from.row([]any{&e.Kind, &at, &n.Records, &n.Applied, &n.Converged, &n.Merged, &n.Superseded,
		&n.Conflicts, &n.Parked, &n.Refused, &n.Bad}, `
		SELECT kind, changed_at, records, applied, converged, merged, superseded, conflicts, parked, refused, bad
		FROM dovetail_exchange
		ORDER BY id DESC
		LIMIT 1`)
	if err != nil || !found {
		return nil, wrap("read what came in last", err)
	}
	e.At = at.Time
	return &e, nil
}

// Synced notes what an exchange with the hub came to, for the line that [Status] has.
func (s *Store) Synced(ctx context.Context, tally Tally, finished bool) error {
	return wrap("note exchange", s.write(ctx, func(t *tx) error {
		e := exchange{kind: "sync", finished: finished, tally: tally}
		if tally == (Tally{}) {
			// One that looks every minute and finds nothing keeps one row for all of that.
			if _, err := t.row([]any{&e.id}, `
				SELECT id
				FROM dovetail_exchange
				WHERE id = (SELECT max(id) FROM dovetail_exchange) AND kind = 'sync'
					AND records + applied + converged + merged + superseded + conflicts + parked + refused = 0`); err != nil {
				return err
			}
		}
		id, err := t.exchanged(e)
		t.proof = proof{`SELECT 1 FROM dovetail_exchange WHERE id = $1 AND changed_at = $2`, []any{id, micros(t.now)}}
		return err
	}))
}
