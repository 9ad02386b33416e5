package store

import (
	"context"
	"fmt"
)

// InApplication reports whether the store stands in an application's database.
func (s *Store) InApplication() bool { return !s.own }

// Duplicate copies the application's database in which the store stands, as it is at one moment, to a new file that only
// its owner can read. finish makes of the copy what it is to be, and it gets its name only then. Nobody who writes has to
// wait.
//
// What stands at path already is [fs.ErrExist] and stays as it is; a directory that is not there is [fs.ErrNotExist], a
// full disk [ErrFull], a database of dovetail's own [ErrOwnHome]. Nothing is left behind then.
func (s *Store) Duplicate(ctx context.Context, path string, finish func(draft string) error) error {
	if s.own {
		return &PathError{Path: s.info.Path, Err: ErrOwnHome}
	}
	to, err := absolute(path)
	if err != nil {
		return err
	}
	err = s.draft(to, func(draft string) error {
		if _, err := s.copyTo(ctx, draft); err != nil {
			return err
		}
		return finish(draft)
	})
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return wrap(fmt.Sprintf("copy to \"%s\"", path), err)
}
