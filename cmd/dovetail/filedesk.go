package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"dovetail/merge"
)

// What the one conflict of three files goes by. The file as it was is version 1, as it is written 2.
const (
	fileConflict   = 1
	fileResolution = 1
	fileVersion    = 1
)

// fileDesk is a queue and a desk with one conflict, that of three files. The draft is in memory; only a resolution
// writes, and only the merged file.
type fileDesk struct {
	files threeFiles
	path  string // of the merged file

	mu      sync.Mutex
	kase    merge.Case
	draft   merge.Draft
	before  []byte // the merged file as it was shown; nil: it was not there
	written []byte // nil: not resolved
}

func newFileDesk(files threeFiles, rules *merge.Rules, path string) (*fileDesk, error) {
	before, err := readIfThere(path)
	if err != nil {
		return nil, err
	}
	d := &fileDesk{files: files, path: path, before: before}
	d.kase = merge.Case{Sides: files.sides, Rules: rules}
	r := d.kase.Merge()
	d.kase.Conflict = merge.Conflict{Number: fileConflict, Record: fileKey(path), Kind: r.Kind, Fields: r.Conflicts(),
		ServerVersion: fileVersion, Revision: 1, OpenedAt: files.times[1]}
	d.kase.Server.Version = fileVersion
	return d, nil
}

func readIfThere(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, misuseError{err}
	}
	return text, nil
}

// done reports whether the merged file is written.
func (d *fileDesk) done() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.written != nil
}

// Conflicts returns the one conflict until it is resolved.
func (d *fileDesk) Conflicts(context.Context, merge.Query) (merge.Page, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written != nil {
		return merge.Page{}, nil
	}
	return merge.Page{Conflicts: []merge.Conflict{d.kase.Conflict}, First: "1", Last: "1"}, nil
}

// Groups returns none: one conflict is decided as it is.
func (d *fileDesk) Groups(context.Context, merge.Query) ([]merge.Group, error) { return nil, nil }

// Counts counts it.
func (d *fileDesk) Counts(context.Context, string) (merge.Counts, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written != nil {
		return merge.Counts{Resolved: 1}, nil
	}
	return merge.Counts{Open: 1}, nil
}

// Case returns the three files as they were read, and notes how the merged file stands now.
func (d *fileDesk) Case(_ context.Context, conflict int64) (merge.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if conflict != fileConflict {
		return merge.Case{}, merge.ErrNotFound
	}
	if d.written == nil {
		before, err := readIfThere(d.path)
		if err != nil {
			return merge.Case{}, err
		}
		d.before = before
	}
	return d.kase, nil
}

// Draft returns the decisions so far.
func (d *fileDesk) Draft(_ context.Context, _ int64, person string) (merge.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	draft := d.draft
	draft.Conflict, draft.Person = fileConflict, person
	return draft, nil
}

// SaveDraft keeps them for as long as the screen is open.
func (d *fileDesk) SaveDraft(_ context.Context, draft merge.Draft) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.draft = draft
	return nil
}

// Resolve writes the merged file, if all is decided, comes to what was reviewed, and nobody wrote the file meanwhile.
func (d *fileDesk) Resolve(_ context.Context, w merge.Writing) (merge.Written, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written != nil {
		return merge.Written{}, merge.ErrClosed
	}
	doc, err := d.kase.Merge().Apply(w.Decisions)
	if err != nil {
		return merge.Written{}, err
	}
	if !doc.Equal(w.Result) {
		return merge.Written{}, errors.New("the decisions do not make what the review showed")
	}
	now, err := readIfThere(d.path)
	if err != nil {
		return merge.Written{}, err
	}
	if !bytes.Equal(now, d.before) {
		return merge.Written{}, fmt.Errorf("%s was written by somebody else: %w", d.path, merge.ErrStale)
	}
	text := d.files.settled(doc, d.kase.Rules)
	if err := writeFile(d.path, text); err != nil {
		return merge.Written{}, err
	}
	d.written = text
	d.kase.Conflict.State = merge.Resolved
	return merge.Written{Conflict: fileConflict, Record: d.kase.Conflict.Record, Version: fileVersion + 1,
		Resolution: fileResolution, Result: doc}, nil
}

// Undo puts the merged file back as it was, if it is still what was written.
func (d *fileDesk) Undo(context.Context, merge.Written, string) (merge.Written, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, err := readIfThere(d.path)
	if err != nil {
		return merge.Written{}, err
	}
	if d.written == nil || !bytes.Equal(now, d.written) {
		return merge.Written{}, fmt.Errorf("%s is not what was written here: %w", d.path, merge.ErrStale)
	}
	if d.before == nil {
		err = os.Remove(d.path)
	} else {
		err = writeFile(d.path, d.before)
	}
	if err != nil {
		return merge.Written{}, err
	}
	d.written = nil
	d.kase.Conflict.State = merge.Open
	return merge.Written{Conflict: fileConflict, Record: d.kase.Conflict.Record, Version: fileVersion}, nil
}
