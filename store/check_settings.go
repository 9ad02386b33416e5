package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// oldestSQLite is the first version without the faults that are known to lose what was written, or to let a hostile
// file in.
const oldestSQLite = "3.54.1"

// versions looks at what reads the file, and at what the file says of itself.
func (c *checkup) versions(n *notes) error {
	var version, role, generation string
	var schema int
	if _, err := c.view.row([]any{&version}, `SELECT sqlite_version()`); err != nil {
		return err
	}
	if older(version, oldestSQLite) {
		n.wrong("SQLite is %s; before %s it may lose what was written", version, oldestSQLite)
	}
	if _, err := c.view.row([]any{&schema, &role, &generation}, `SELECT schema, role, generation FROM dovetail_meta`); err != nil {
		return err
	}
	is := c.store.info
	if schema != is.Schema || role != is.Role || generation != is.Generation {
		n.wrong("it is the %s %q with the schema %d now, and was the %s %q with the schema %d when it was opened",
			role, generation, schema, is.Role, is.Generation, is.Schema)
	}
	n.looked("SQLite %s, driver %s, schema %d, %s %s", version, driverVersion(), schema, role, generation)
	return nil
}

// older compares versions by their numbers.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

func driverVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "modernc.org/sqlite" {
				return m.Version
			}
		}
	}
	return "unknown"
}

// settings reads back how a connection of each kind is set.
func (c *checkup) settings(n *notes) error {
	own, err := c.store.isOwn(c.ctx)
	if err != nil {
		return err
	}
	writes, reads := settingsOf(own)
	if err := c.store.onWriter(c.ctx, func(conn *sql.Conn) error { return n.compare(c.ctx, "that writes", conn, writes) }); err != nil {
		return fmt.Errorf("on the connection that writes: %w", err)
	}
	conn, err := c.store.readers.Conn(c.ctx)
	if err != nil {
		return fmt.Errorf("on a connection that reads: %w", err)
	}
	defer conn.Close()
	if err := n.compare(c.ctx, "that reads", conn, reads); err != nil {
		return err
	}
	locks := "locks that any other handle of this process on the file would drop"
	if sqlite.OFDLockingEnabled() || runtime.GOOS == "windows" { // where a lock is its handle's
		locks = "locks that other handles on the file do not drop"
	}
	n.looked("%d where it is written and %d where it is read, as asked; %s", len(writes), len(reads), locks)
	return nil
}

// settingsOf are all settings of a connection that writes and of one that reads.
func settingsOf(own bool) (writes, reads []setting) {
	all := append([]setting{{name: "busy_timeout", reads: strconv.Itoa(busyMilliseconds)}}, safe...)
	if own {
		all = append(all, logged...)
	}
	return append(append([]setting{}, all...), writing...), append(append([]setting{}, all...), reading...)
}

func (n *notes) compare(ctx context.Context, which string, conn *sql.Conn, want []setting) error {
	for _, s := range want {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+s.name).Scan(&got); err != nil {
			return fmt.Errorf("read %s: %w", s.name, err)
		}
		if got != s.reads {
			n.wrong("%s is %s on a connection %s, not %s", s.name, got, which, s.reads)
		}
	}
	return nil
}

// isOwn reports whether the file is dovetail's alone.
func (s *Store) isOwn(ctx context.Context) (bool, error) {
	var home string
	err := s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&home}, `SELECT home FROM dovetail_meta`)
		return err
	})
	return home == homeOwn, err
}

// onWriter lends out the connection that writes, outside of a transaction.
func (s *Store) onWriter(ctx context.Context, fn func(*sql.Conn) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	return fn(s.conn)
}
