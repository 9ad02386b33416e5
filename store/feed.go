package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"dovetail/merge"
)

// ErrWentBack says that a hub was set back to an older state: it does not know, or knows otherwise, what the replica had
// from it. ErrOtherHub says that it is another one than the replica followed.
var (
	ErrWentBack = errors.New("the hub went back")
	ErrOtherHub = errors.New("not the hub that this replica was cloned from")
)

// Place says how far a replica has followed its hub. The zero Place is the beginning.
type Place struct {
	Generation string `json:"generation,omitempty"` // of the hub
	Number     int64  `json:"number,omitzero"`      // of the newest version known, in the order of the hub's commits
	Hash       string `json:"hash,omitempty"`       // of that version; empty: it is taken for granted
	Manners    int64  `json:"manners"`              // how often the collections were changed, as far as known
	// Answered is the key of the change of the replica's that the hub answered last; empty: it is not asked about.
	Answered string `json:"answered,omitempty"`
}

// Feed is what a hub tells its replicas: a part of its versions in the order of their commits, and how its collections
// merge, where that changed.
type Feed struct {
	Place       Place            `json:"place"`  // where the next one begins
	Newest      int64            `json:"newest"` // the number of the hub's newest version
	Collections []FeedCollection `json:"collections,omitempty"`
	Versions    []FeedVersion    `json:"versions"`
}

// FeedCollection says how the records of a collection merge.
type FeedCollection struct {
	Name     string         `json:"name"`
	Strategy merge.Strategy `json:"strategy"`
	Number   int64          `json:"number,omitzero"` // of the schema
	Schema   merge.Document `json:"schema"`          // null: none
}

// FeedVersion is one version, with all that a replica keeps of it.
type FeedVersion struct {
	Place      int64           `json:"place"`
	Record     merge.Key       `json:"record"`
	Version    int64           `json:"version"`
	Fields     merge.Document  `json:"fields"` // null is a deletion
	Cause      Cause           `json:"cause"`
	By         string          `json:"by,omitempty"`
	Device     string          `json:"device,omitempty"`
	At         time.Time       `json:"at"`
	EditedAt   time.Time       `json:"edited_at,omitzero"`
	Base       int64           `json:"base,omitzero"` // the version that the change joined to it stood on
	Outside    int64           `json:"outside_version,omitzero"`
	Hash       string          `json:"hash"`
	Key        string          `json:"key,omitempty"` // of the change that made it
	Resolution *FeedResolution `json:"resolution,omitempty"`
	NotKept    []FeedSide      `json:"not_kept,omitempty"`
	Closes     []string        `json:"closes,omitempty"` // changes whose conflicts it closed, by key
	Opens      []string        `json:"opens,omitempty"`  // changes whose conflicts wait again
}

// FeedResolution is what a person, or a merge, decided to make a version.
type FeedResolution struct {
	Number    int64             `json:"number"`
	Key       string            `json:"key,omitempty"` // of the change whose conflict it is about
	MadeOn    int64             `json:"made_on"`
	Decisions merge.Decisions   `json:"decisions,omitempty"`
	Lost      []merge.LostValue `json:"lost,omitempty"`
	Note      string            `json:"note,omitempty"`
	By        string            `json:"by,omitempty"`
	Undoes    int64             `json:"undoes,omitzero"`
}

// FeedSide is a document that lost when a version was made.
type FeedSide struct {
	NotKept
	Reason string    `json:"reason"`
	At     time.Time `json:"at,omitzero"` // of the edit
}

// feedLimit is how many versions a feed holds where nobody says. feedBytes bounds what its documents take, and what was
// not kept, and what was decided, each: a feed of more than one version is cut where it would be more.
const (
	feedLimit = 1000
	feedBytes = 4 << 20
)

// Feed returns what came after a place; [ErrOtherHub] or [ErrWentBack] where the place is none of this hub's. A limit of 0 is 1000
// versions. There may be fewer where they are large, but never none while there are more.
func (s *Store) Feed(ctx context.Context, from Place, limit int) (Feed, error) {
	if limit <= 0 {
		limit = feedLimit
	}
	f := Feed{Place: from}
	f.Place.Answered = ""
	err := s.read(ctx, func(v *view) error {
		if err := s.checkPlace(v, from); err != nil {
			return err
		}
		f.Place.Generation = s.info.Generation
		if _, err := v.row([]any{&f.Newest}, `SELECT coalesce(max(id), 0) FROM dovetail_version`); err != nil {
			return err
		}
		if err := f.readCollections(v, s); err != nil {
			return err
		}
		return f.readVersions(v, from.Number, limit)
	})
	if errors.Is(err, ErrWentBack) || errors.Is(err, ErrOtherHub) {
		return f, err // which says all
	}
	return f, wrap("read feed", err)
}

// checkPlace makes sure that what a replica has seen is what stands here.
func (s *Store) checkPlace(v *view, p Place) error {
	if s.info.Role != roleHub {
		return fmt.Errorf("%q is a %s, not a hub", s.info.Path, s.info.Role)
	}
	if seen := p.Generation != "" || p.Number > 0; seen && p.Generation != s.info.Generation {
		return fmt.Errorf("%s is %w", s.info.Path, ErrOtherHub)
	}
	if err := checkNewest(v, p); err != nil || p.Answered == "" {
		return err
	}
	// A conflict makes no version, and a version that a change made may not have come back: only its receipt tells.
	var one int
	known, err := v.row([]any{&one}, `SELECT 1 FROM dovetail_change WHERE key = $1`, p.Answered)
	if err == nil && !known {
		err = fmt.Errorf("%w: it has forgotten a change of this replica that it answered", ErrWentBack)
	}
	return err
}

// checkNewest makes sure that the newest version that a replica has seen is here.
func checkNewest(v *view, p Place) error {
	if p.Number == 0 {
		return nil
	}
	var hash []byte
	found, err := v.row([]any{&hash}, `SELECT hash FROM dovetail_version WHERE id = $1`, p.Number)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%w: its newest version is older than what this replica has from it", ErrWentBack)
	case p.Hash != "" && hex.EncodeToString(hash) != p.Hash:
		return fmt.Errorf("%w: version %d of its log is not the one that this replica has from it", ErrWentBack, p.Number)
	}
	return nil
}

// readCollections tells of all collections where one changed.
func (f *Feed) readCollections(v *view, s *Store) error {
	var manners int64
	if _, err := v.row([]any{&manners}, `SELECT manners FROM dovetail_meta`); err != nil || manners == f.Place.Manners {
		return err
	}
	f.Place.Manners = manners
	var names []string
	if err := v.rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT name FROM dovetail_collection ORDER BY name`); err != nil {
		return err
	}
	for _, name := range names {
		m, err := s.mannerOf(v, name)
		if err != nil {
			return err
		}
		f.Collections = append(f.Collections, FeedCollection{Name: name, Strategy: m.strategy, Number: m.number, Schema: m.text})
	}
	return nil
}

// errPage ends a part of a feed that is large enough.
var errPage = errors.New("the page is full")

// feedPage is a part of a feed while it is read.
type feedPage struct {
	*Feed
	size int // of what was read of one kind
}

// fits counts something that belongs to the version at a place; false where the feed ends before that version.
func (p *feedPage) fits(place int64, size int) bool {
	p.size += size
	return p.size <= feedBytes || len(p.Versions) == 0 || place == p.Versions[0].Place
}

// at is the version at a place.
func (p *feedPage) at(place int64) *FeedVersion {
	i, _ := slices.BinarySearchFunc(p.Versions, place, func(v FeedVersion, place int64) int { return cmp.Compare(v.Place, place) })
	return &p.Versions[i]
}

// cut leaves the versions from a place on to the next part.
func (p *feedPage) cut(place int64) error {
	p.Versions = p.Versions[:slices.IndexFunc(p.Versions, func(v FeedVersion) bool { return v.Place >= place })]
	return errPage
}

func (f *Feed) readVersions(v *view, after int64, limit int) error {
	p := &feedPage{Feed: f}
	err := v.rows(func(rows *sql.Rows) error {
		one, err := scanFeedVersion(rows)
		if err == nil && !p.fits(one.Place, len(one.Fields)) {
			return errPage
		}
		f.Versions = append(f.Versions, one)
		return err
	}, `
		SELECT v.id, r.collection, r.name, v.number, v.cause, v.who, v.device, v.accepted_at, v.edited_at, v.base, v.outside,
			v.hash, c.key, d.id, d.hash, d.body
		FROM dovetail_version v
		JOIN dovetail_record r ON r.id = v.record
		LEFT JOIN dovetail_change c ON c.id = v.change
		LEFT JOIN dovetail_document d ON d.id = v.document
		WHERE v.id > $1
		ORDER BY v.id
		LIMIT $2`,
		after, limit)
	if err != nil && !errors.Is(err, errPage) || len(f.Versions) == 0 {
		return err
	}
	for _, read := range []func(*view, *feedPage, int64, int64) error{readSides, readResolutions, readClosed} {
		p.size = 0
		if err := read(v, p, after, f.Versions[len(f.Versions)-1].Place); err != nil && !errors.Is(err, errPage) {
			return err
		}
	}
	last := f.Versions[len(f.Versions)-1]
	f.Place.Number, f.Place.Hash = last.Place, last.Hash
	return nil
}

func scanFeedVersion(rows *sql.Rows) (FeedVersion, error) {
	var one FeedVersion
	var cause, who, device, key words
	var accepted, edited moment
	var base, outside, document number
	var sum, hash []byte
	if err := rows.Scan(&one.Place, &one.Record.Collection, &one.Record.ID, &one.Version, &cause, &who, &device, &accepted,
		&edited, &base, &outside, &sum, &key, &document, &hash, (*[]byte)(&one.Fields)); err != nil {
		return one, err
	}
	one.Cause, one.By, one.Device, one.Key = Cause(cause), string(who), string(device), string(key)
	one.At, one.EditedAt, one.Base, one.Outside = accepted.Time, edited.Time, int64(base), int64(outside)
	one.Hash = hex.EncodeToString(sum)
	return one, body{id: int64(document), text: one.Fields}.check(hash)
}
