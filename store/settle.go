package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Where a database may stand.
const (
	homeOwn         = "own"
	homeApplication = "application"
)

func (s *Store) home() string {
	if s.own {
		return homeOwn
	}
	return homeApplication
}

// stepsFor are the steps of the schema in a file that is dovetail's own, or in an application's.
func stepsFor(own bool) ([]migration, error) {
	steps, err := readMigrations(migrations)
	if err != nil || own {
		return steps, err
	}
	return plainSteps(steps)
}

// Settle makes a hub without records in an application's database, and has begin adopt tables there, all in one
// transaction. Nothing that is the application's changes: neither its tables nor application_id, user_version, journal
// mode, page size or encoding. Where dovetail's tables stand in the file already, it is opened, and begin is run there
// as [Store.Adopt] does.
//
// What is wrong with the file is told by a *[PathError] that unwraps as those of [Open] do, or to [ErrUnfit] or
// [ErrOwnHome]; nothing was changed then.
func Settle(ctx context.Context, path string, opts Options, begin func(Adopting) error) (*Store, error) {
	return settle(ctx, path, opts, begin, func(*tx) error { return nil })
}

// SettleReplica is [Settle] for a replica that will follow a hub, as [CreateReplica] says.
func SettleReplica(ctx context.Context, path, hub, owner string, opts Options, begin func(Adopting) error) (*Store, error) {
	return settle(ctx, path, opts, begin, func(t *tx) error { return t.followHub(hub, owner) })
}

// ErrUnfit says that dovetail's tables cannot stand in an application's database.
var ErrUnfit = errors.New("dovetail cannot keep its tables in it")

func settle(ctx context.Context, path string, opts Options, begin func(Adopting) error, first func(*tx) error) (*Store, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	if err := process(); err != nil {
		return nil, err
	}
	own, err := probe(ctx, path)
	switch {
	case err == nil && own:
		return nil, &PathError{Path: path, Err: ErrOwnHome}
	case err != nil && !foreign(err), errors.Is(err, ErrNotDatabase):
		return nil, err
	}
	s, err := prepare(path, false, opts)
	if err != nil {
		return nil, err
	}
	made := false
	if err = s.write(ctx, func(t *tx) error {
		var err error
		if made, err = t.moveIn(first); err != nil || !made {
			return err
		}
		return begin(Adopting{t: t, Fresh: true})
	}); err == nil && !made { // else all is known, and nothing may fail any more once it is written
		err = s.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(pathError(path, err), s.Close())
	}
	if !made {
		if err := s.Adopt(ctx, begin); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// moveIn makes our tables in an application's database; false where they are there.
func (t *tx) moveIn(first func(*tx) error) (bool, error) {
	if number, err := schemaNumber(t); err != nil || number > 0 {
		return false, err
	}
	if err := t.fit(); err != nil {
		return false, err
	}
	steps, err := stepsFor(false)
	if err != nil {
		return false, err
	}
	for _, step := range steps {
		if err := t.step(step); err != nil {
			return false, wrap(fmt.Sprintf("make schema %d", step.number), err)
		}
	}
	if err := first(t); err != nil {
		return false, err
	}
	// What begin does depends on it already.
	info := &t.store.info
	_, err = t.row([]any{&info.Schema, &info.Role, &info.Generation}, `SELECT schema, role, generation FROM dovetail_meta`)
	t.proof = proof{`SELECT 1 FROM dovetail_meta WHERE schema >= $1`, []any{len(steps)}}
	return true, err
}

// fit refuses a database in which our tables would not work, or that has something by their names.
func (t *tx) fit() error {
	var encoding, taken string
	if _, err := t.row([]any{&encoding}, `PRAGMA encoding`); err != nil {
		return err
	}
	if encoding != "UTF-8" {
		return fmt.Errorf("%w: its texts are %s, and must be UTF-8", ErrUnfit, encoding)
	}
	// SQLite takes small letters for capitals in names.
	there, err := t.row([]any{&taken}, `
		SELECT name
		FROM sqlite_master
		WHERE lower(substr(name, 1, 9)) = 'dovetail_' OR lower(substr(tbl_name, 1, 9)) = 'dovetail_'
		ORDER BY name
		LIMIT 1`)
	if err == nil && there {
		err = fmt.Errorf("%w: it holds %q, which is none of dovetail's", ErrUnfit, strings.ToValidUTF8(taken, "\uFFFD"))
	}
	return err
}
