package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// pageSize is given to a file when it is made: documents of a few hundred bytes read and write fastest with it.
const pageSize = 16384

// readerCount is how many connections read at once.
const readerCount = 4

// process sets what counts for every connection in the process, and must come before the first of them.
var process = sync.OnceValue(func() error {
	sqlite.StrictPragmas(true)
	// Without it, any other handle that this process closes on the file would drop its locks. Where the system has no
	// such locks, or another package was first, dovetail lives without, since it never opens the file itself.
	_, err := sqlite.OFDLocking(true)
	if errors.Is(err, sqlite.ErrOFDLockingUnavailable) || errors.Is(err, sqlite.ErrOFDLockingTooLate) {
		return nil
	}
	return err
})

// setting is one pragma: what is asked for, and what SQLite says when it took it.
type setting struct {
	name, value, reads string
}

// safe are the settings of every connection. synchronous EXTRA is what keeps an acknowledged write through a power
// cut; the lesser values lose some.
var safe = []setting{
	{"synchronous", "EXTRA", "3"},
	{"foreign_keys", "1", "1"},
	{"trusted_schema", "0", "0"},
	{"cell_size_check", "1", "1"},
	{"mmap_size", "0", "0"},
	{"fullfsync", "1", "1"},
	{"checkpoint_fullfsync", "1", "1"},
	{"cache_size", "-16384", "-16384"},
}

// writing and reading are the settings that only one kind of connection has.
var (
	writing = []setting{{"journal_size_limit", "67108864", "67108864"}, {"query_only", "0", "0"}}
	reading = []setting{{"query_only", "1", "1"}}
	// logged is for a file that is dovetail's own. An application's keeps the journal that it has.
	logged = []setting{{"journal_mode", "WAL", "wal"}}
)

// fileURI names a file to SQLite. A plain path would be cut at `?` and `#`, decoded at `%`, and opened for writing
// whatever the mode says.
func fileURI(path string, parameters url.Values) string {
	path = filepath.ToSlash(path)
	switch {
	case strings.HasPrefix(path, "//"):
		path = "//" + path // a share on Windows, or `\\?\C:`: without it the share's machine would be the URI's, and refused
	case !strings.HasPrefix(path, "/"):
		path = "/" + path
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}

func parameters(mode string, settings []setting) url.Values {
	v := url.Values{
		"mode":          {mode},
		"_busy_timeout": {strconv.Itoa(busyMilliseconds)},
		"_defensive":    {"1"},
		"_dqs":          {"0"},
		"_error_rc":     {"1"},
	}
	for _, s := range settings {
		v.Add("_pragma", s.name+"("+s.value+")")
	}
	return v
}

// busyMilliseconds is how long a connection waits for another one's lock.
const busyMilliseconds = 5000

// pool opens connections with the settings, each read back before it is used.
func pool(path, mode string, connections int, settings []setting) (*sql.DB, error) {
	return poolOf(path, mode, connections, settings, false)
}

// poolToRead opens the connections that read. In an application's database they are such as could write: it may keep no
// log, and what another process left half written there is taken back by whoever finds it, if he can write.
func poolToRead(path string, own bool) (*sql.DB, error) {
	mode := "ro"
	if !own {
		mode = "rw"
	}
	return poolOf(path, mode, readerCount, append(append([]setting{}, safe...), reading...), true)
}

func poolOf(path, mode string, connections int, settings []setting, reads bool) (*sql.DB, error) {
	base, err := sqlite.NewConnector(fileURI(path, parameters(mode, settings)))
	if err != nil {
		return nil, err
	}
	settings = append([]setting{{name: "busy_timeout", reads: strconv.Itoa(busyMilliseconds)}}, settings...)
	db := sql.OpenDB(checked{Connector: base, settings: settings, reads: reads})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// checked is a connector that hands out no connection on which a setting did not take: SQLite ignores a pragma that
// it does not know, or will not follow, without a word.
type checked struct {
	driver.Connector
	settings []setting
	reads    bool // hand out a reader
}

func (c checked) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range c.settings {
		got, err := pragma(ctx, conn, s.name)
		if err == nil && got != s.reads {
			err = fmt.Errorf("%w: %s is %s, not %s", ErrSettings, s.name, got, s.reads)
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	if c.reads {
		conn = &reader{Conn: conn, kept: map[string]*kept{}}
	}
	return conn, nil
}

// pragma reads one setting of a connection.
func pragma(ctx context.Context, conn driver.Conn, name string) (string, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return "", fmt.Errorf("read pragma %s: %w", name, err)
	}
	return fmt.Sprint(row[0]), nil
}
