package store

import (
	"context"
	"io"
	"time"

	"dovetail/merge"
)

// Store is one open database. Its methods may be called from several goroutines at once.
type Store struct {
	info Info
}

// Options are what a store would otherwise take from the world.
type Options struct {
	Now   func() time.Time // nil: time.Now
	NewID func() string    // nil: random ids that sort by time
}

// Info says which database this is.
func (s *Store) Info() Info { return s.info }

var errSoon = ErrUnsupported

func Create(ctx context.Context, path string, opts Options) (*Store, error) { return nil, errSoon }
func Open(ctx context.Context, path string, opts Options) (*Store, error)   { return nil, errSoon }
func (s *Store) Close() error                                               { return errSoon }
func (s *Store) Get(ctx context.Context, key merge.Key) (Record, error)     { return Record{}, errSoon }
func (s *Store) List(ctx context.Context, collection, text, after string, limit int) ([]Record, error) {
	return nil, errSoon
}
func (s *Store) Log(ctx context.Context, key merge.Key) ([]Version, error) { return nil, errSoon }
func (s *Store) Write(ctx context.Context, e Edit) (Record, error)         { return Record{}, errSoon }
func (s *Store) Push(ctx context.Context, line []byte) (Answer, error)     { return Answer{}, errSoon }
func (s *Store) Import(ctx context.Context, from io.Reader, opts ImportOptions, answer func(Answer) error) (Tally, error) {
	return Tally{}, errSoon
}

// ImportOptions change how an import treats its input.
type ImportOptions struct {
	SkipBad  io.Writer                         // takes the lines that cannot be read, as they are; nil: one of them refuses all
	Progress func(doneBytes, totalBytes int64) // nil: nobody asks
}

func (s *Store) Status(ctx context.Context, person string) (Status, error) { return Status{}, errSoon }
func (s *Store) SetStrategy(ctx context.Context, collection string, strategy merge.Strategy) error {
	return errSoon
}
func (s *Store) Conflicts(ctx context.Context, q merge.Query) (merge.Page, error) {
	return merge.Page{}, errSoon
}
func (s *Store) Counts(ctx context.Context, person string) (merge.Counts, error) {
	return merge.Counts{}, errSoon
}
func (s *Store) Case(ctx context.Context, conflict int64) (merge.Case, error) {
	return merge.Case{}, errSoon
}
func (s *Store) ConflictsOf(ctx context.Context, key merge.Key) ([]int64, error) { return nil, errSoon }
func (s *Store) Draft(ctx context.Context, conflict int64, person string) (merge.Draft, error) {
	return merge.Draft{}, errSoon
}
func (s *Store) SaveDraft(ctx context.Context, d merge.Draft) error { return errSoon }
func (s *Store) DiscardDraft(ctx context.Context, conflict int64, person string) error {
	return errSoon
}
func (s *Store) Resolve(ctx context.Context, w merge.Writing) (merge.Written, error) {
	return merge.Written{}, errSoon
}
func (s *Store) Undo(ctx context.Context, resolution int64, person string) (merge.Written, error) {
	return merge.Written{}, errSoon
}
func (s *Store) LastResolution(ctx context.Context, key merge.Key) (int64, error) { return 0, errSoon }
func (s *Store) EachResolution(ctx context.Context, after int64, fn func(Resolution) error) error {
	return errSoon
}
func (s *Store) EachRecord(ctx context.Context, fn func(RecordLine) error) error { return errSoon }
