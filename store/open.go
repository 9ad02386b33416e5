package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Store is one open database. Its methods may be called from several goroutines at once.
type Store struct {
	info  Info
	own   bool        // the file is dovetail's alone
	fresh bool        // and was just made: its tables are still to be
	file  os.FileInfo // what the path stood for when it was opened
	now   func() time.Time
	newID func() string
	// rowWait is how long a row of an application's may take to be written.
	rowWait time.Duration
	// adoption is of the tables of the application in whose file it stands; nil: none.
	adoption Adoption

	readers *sql.DB
	lookout lookout
	schemas sync.Map // by collection, a parsedSchema: reading one takes longer than most transactions

	someNames atomic.Pointer[nameSample]
	written   bell

	// turn is held by whoever writes, and guards what stands below.
	turn     chan struct{}
	writer   *sql.DB
	conn     *sql.Conn // nil: none, or the last one was dropped
	prepared map[string]*sql.Stmt
	seals    seals // of the transaction that is under way
	session  int64 // the exchange that pushes are counted in; 0: none yet

	closing sync.Once
}

// Options are what a store would otherwise take from the world.
type Options struct {
	Now   func() time.Time // nil: time.Now
	NewID func() string    // nil: random ids that sort by time
	// Adoption is how the tables of the application in whose file the store stands are read and written; nil: not at all.
	Adoption Adoption
	// RowWait is how long a row of that application may take to be written, with all that its triggers do; 0: a minute.
	RowWait time.Duration
}

// Info says which database this is.
func (s *Store) Info() Info { return s.info }

// Create makes a new database in a file of its own, a hub without records, readable by its owner alone. A file that
// stands there already is [fs.ErrExist], what another database of that name left beside it [ErrLeftover], and both are
// untouched. Errors are *[PathError] where they are about the file.
func Create(ctx context.Context, path string, opts Options) (*Store, error) {
	return create(ctx, path, opts, func(*tx) error { return nil })
}

// create makes a new database, and runs begin on it before anybody else finds it.
func create(ctx context.Context, path string, opts Options, begin func(*tx) error) (*Store, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	// Nothing is looked up before: of two that create at once, one must fail here.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, pathError(path, err)
	}
	if err := f.Close(); err != nil {
		return nil, pathError(path, err)
	}
	if err := noJournal(path); err != nil {
		os.Remove(path)
		return nil, err
	}
	s, err := fill(ctx, path, opts, begin)
	if err != nil {
		os.Remove(path)
		for _, end := range journals {
			os.Remove(path + end)
		}
		return nil, err
	}
	return s, nil
}

// journals are what the names of the files that SQLite keeps beside a database end with.
var journals = []string{"-wal", "-shm", "-journal"}

// noJournal refuses a new database beside what an older one of its name left, which may hold all that was written last.
func noJournal(path string) error {
	for _, end := range journals {
		_, err := os.Lstat(path + end)
		if err == nil {
			return &PathError{Path: path, Err: ErrLeftover, More: fmt.Sprintf("%q", filepath.Base(path)+end)}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return pathError(path, err)
		}
	}
	return nil
}

// fill makes a database of a file that was just created.
func fill(ctx context.Context, path string, opts Options, begin func(*tx) error) (*Store, error) {
	if err := process(); err != nil {
		return nil, err
	}
	// The page size counts only before anything is written, so before the journal's mode is.
	db, err := pool(path, "rw", 1, []setting{{"page_size", fmt.Sprint(pageSize), fmt.Sprint(pageSize)}})
	if err != nil {
		return nil, pathError(path, err)
	}
	_, err = db.ExecContext(ctx, `PRAGMA journal_mode = WAL`)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, pathError(path, err)
	}
	s, err := start(ctx, path, true, true, opts)
	if err != nil {
		return nil, err
	}
	// The tables must stand in the file itself before anyone looks into it without its log.
	err = s.write(ctx, begin)
	if err == nil {
		err = s.identify(ctx)
	}
	if err == nil {
		_, err = s.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(pathError(path, err), s.Close())
	}
	return s, nil
}

// Open opens a database that is there, and brings it to this version's schema. It creates nothing. What is wrong with
// the file is told by a *[PathError] that unwraps to [fs.ErrNotExist], [ErrNotDatabase], [ErrForeign], [ErrNewer] or
// [ErrReadOnly]; nothing was changed then.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	if err := process(); err != nil {
		return nil, err
	}
	own, err := probe(ctx, path)
	if err != nil {
		return nil, err
	}
	return start(ctx, path, own, false, opts)
}

// start opens both pools of a file that is known to be a database of ours, or is about to become one.
func start(ctx context.Context, path string, own, fresh bool, opts Options) (*Store, error) {
	s, err := prepare(path, own, opts)
	if err != nil {
		return nil, err
	}
	s.fresh = fresh
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(pathError(path, err), s.Close())
	}
	return s, nil
}

// prepare opens both pools of a file, and looks at nothing in it.
func prepare(path string, own bool, opts Options) (*Store, error) {
	s := &Store{
		info:     Info{Path: path},
		own:      own,
		now:      opts.Now,
		newID:    opts.NewID,
		rowWait:  cmp.Or(opts.RowWait, rowWait),
		adoption: opts.Adoption,
		turn:     make(chan struct{}, 1),
	}
	if own {
		s.adoption = nil // there is nothing to adopt
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.newID == nil {
		s.newID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	var err error
	if s.file, err = os.Stat(path); err != nil {
		return nil, pathError(path, err)
	}
	settings := append([]setting{}, safe...)
	if own {
		settings = append(settings, logged...)
	}
	if s.writer, err = pool(path, "rw", 1, append(settings, writing...)); err != nil {
		return nil, pathError(path, err)
	}
	if s.readers, err = poolToRead(path, own); err != nil {
		return nil, errors.Join(pathError(path, err), s.Close())
	}
	return s, nil
}

// begin brings the schema up to date and reads which database this is.
func (s *Store) begin(ctx context.Context) error {
	steps, err := stepsFor(s.own)
	if err != nil {
		return err
	}
	if !s.fresh {
		if err := s.unmixed(ctx); err != nil {
			return err
		}
	}
	if s.info.Schema, err = s.migrate(ctx, steps); err != nil {
		return err
	}
	if err := s.identify(ctx); err != nil || s.own || s.adoption != nil {
		return err
	}
	return s.read(ctx, func(v *view) error {
		var one int
		adopted, err := v.row([]any{&one}, `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'dovetail_adopted'`)
		if adopted {
			err = ErrAdopted
		}
		return err
	})
}

// identify reads which database this is.
func (s *Store) identify(ctx context.Context) error {
	return s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&s.info.Role, &s.info.Generation}, `SELECT role, generation FROM dovetail_meta`)
		return err
	})
}

// Close closes the database. Whatever was committed stays; whoever still writes is waited for.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		// Those that read go first: only a connection that writes can clear the log away.
		if s.readers != nil {
			s.lookout.mu.Lock()
			s.lookout.close()
			s.lookout.mu.Unlock()
			err = s.readers.Close()
		}
		if s.conn != nil {
			for _, statement := range s.prepared {
				err = errors.Join(err, statement.Close())
			}
			err = errors.Join(err, s.conn.Close())
			s.conn, s.prepared = nil, nil
		}
		if s.writer != nil {
			err = errors.Join(err, s.writer.Close())
		}
	})
	return err
}

func absolute(path string) (string, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return "", pathError(path, fs.ErrInvalid)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", pathError(path, err)
	}
	return full, nil
}
