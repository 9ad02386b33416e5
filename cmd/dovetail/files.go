package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dovetail/store"
)

// refuseDatabase is the error where a file that a command writes to is one of the open database's: it would be
// destroyed. The files beside it may not be there yet, so that names count too.
func refuseDatabase(s *store.Store, path string) error {
	target, missing := os.Stat(path)
	name, _ := filepath.Abs(path)
	database := s.Info().Path
	if real, err := filepath.EvalSymlinks(database); err == nil {
		database = real
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		own := database + suffix
		info, err := os.Stat(own)
		ownName, _ := filepath.Abs(own)
		if ownName == name || missing == nil && err == nil && os.SameFile(info, target) {
			return hint(misuse("%s belongs to the open database", path), "nothing was written; name another file")
		}
	}
	return nil
}

// writeFile replaces a file at once: whoever reads it sees the old content or all of the new one, and an error leaves
// the old one as it was.
func writeFile(path string, content []byte) error {
	f, err := newReplacement(path)
	if err != nil {
		return err
	}
	defer f.discard()
	if _, err := f.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.commit()
}

// replacement is a file in the making, beside the one whose place it takes.
type replacement struct {
	*os.File
	path string
	done bool
}

func newReplacement(path string) (*replacement, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, misuse("write %s: it is a folder", path)
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return nil, misuse("write %s: there is no folder %s", path, filepath.Dir(path))
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &replacement{File: f, path: path}, nil
}

// commit puts the file in place. The one it replaces keeps its rights.
func (f *replacement) commit() error {
	if info, err := os.Stat(f.path); err == nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.done = true
	return nil
}

// discard removes what was not committed; after commit it does nothing.
func (f *replacement) discard() {
	if f.done {
		return
	}
	f.Close()
	os.Remove(f.Name())
}
