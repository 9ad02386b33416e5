package store

import (
	"context"
	"database/sql"
	"sync"
)

// lookout is the one connection that is asked whether something was written: SQLite tells a connection of the writings of
// others, and each counts for itself.
type lookout struct {
	mu    sync.Mutex
	conn  *sql.Conn
	epoch int64 // of the connection: another one begins to count anew
}

// Moment is a number that is another one after each writing, by whomever, in this process or in others. It tells nothing
// beyond this handle, and reads next to nothing: whoever shows the queue may ask it again and again.
func (s *Store) Moment(ctx context.Context) (int64, error) {
	s.lookout.mu.Lock()
	defer s.lookout.mu.Unlock()
	if s.lookout.conn == nil {
		conn, err := s.readers.Conn(ctx)
		if err != nil {
			return 0, classify(err)
		}
		s.lookout.conn = conn
	}
	var number int64
	if err := s.lookout.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&number); err != nil {
		s.lookout.close()
		return 0, classify(wrap("look for what was written", err))
	}
	return s.lookout.epoch<<32 + number, nil
}

// close gives the connection back.
func (l *lookout) close() {
	if l.conn != nil {
		_ = l.conn.Close() // it only read
		l.conn = nil
		l.epoch++
	}
}
