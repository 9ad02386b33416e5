package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sealMask keeps a seal small enough for SQL to add two of them.
const sealMask = 1<<62 - 1

// sealed reports whether a table has a seal: the sum of the digests of its rows. A document has a hash of its own, and
// the list of the fields of conflicts says nothing that the conflicts do not.
func sealed(table string) bool {
	switch table {
	case "dovetail_document", "dovetail_conflict_field", "dovetail_seal":
		return false
	}
	if logsRows(table) {
		return false
	}
	// The index of names says nothing that the conflicts do not say, and SQLite looks it over by itself.
	return strings.HasPrefix(table, "dovetail_") && !strings.HasPrefix(table, "dovetail_conflict_word")
}

// logsRows reports whether the triggers on adopted tables write to a table, at whatever time.
func logsRows(table string) bool {
	return strings.HasPrefix(table, "dovetail_row")
}

// seals are what the rows that a transaction wrote so far add to the seal of each table. SQLite shows each row as it
// was and as it will be, whichever statement writes it, so that no write can be left out.
type seals struct {
	sums map[string]uint64
	row  []any
	text []byte
	err  error
	// guarded: statements on an application's tables are run, and whatever else they write comes of its triggers.
	guarded bool
}

// begin forgets the transaction before, which was committed or taken back.
func (s *seals) begin() { s.sums, s.err, s.guarded = map[string]uint64{}, nil, false }

// watch has SQLite show what is written on a connection.
func (s *seals) watch(conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		hooks, ok := c.(sqlite.HookRegisterer)
		if !ok {
			return fmt.Errorf("%w: the driver does not show what is written", ErrSettings)
		}
		hooks.RegisterPreUpdateHook(s.note)
		return nil
	})
}

// note takes in one row that is about to be written.
func (s *seals) note(d sqlite.SQLitePreUpdateData) {
	if s.guarded && s.err == nil && strings.HasPrefix(d.TableName, "dovetail_") && !logsRows(d.TableName) {
		s.err = fmt.Errorf("%w: a trigger of the application writes to %s", ErrCorrupt, d.TableName)
	}
	if !sealed(d.TableName) || s.err != nil {
		return
	}
	n := d.Count()
	for len(s.row) < n {
		s.row = append(s.row, nil)
	}
	row := s.row[:n]
	if d.Op != sqlite3.SQLITE_INSERT {
		s.err = d.Old(row...)
		s.sums[d.TableName] -= s.digest(row)
	}
	if d.Op != sqlite3.SQLITE_DELETE && s.err == nil {
		s.err = d.New(row...)
		s.sums[d.TableName] += s.digest(row)
	}
}

// digest is a number for a row by which no two rows that differ are taken for the same: its values with their types.
// The driver shows a text only up to its first NUL, so what is behind one counts nowhere.
func (s *seals) digest(row []any) uint64 {
	b := s.text[:0]
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			b = append(b, 'n')
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, 'f'), math.Float64bits(v))
		case string:
			v, _, _ = strings.Cut(v, "\x00")
			b = append(binary.BigEndian.AppendUint64(append(b, 't'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		default:
			s.err = fmt.Errorf("seal a row: a value of type %T", v)
		}
	}
	s.text = b
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:8])
}

// flushSeals adds what was written to the seals.
func (t *tx) flushSeals() error {
	s := &t.store.seals
	if s.err != nil {
		return wrap("seal rows", s.err)
	}
	var tables, rows []string
	var args []any
	for _, table := range slices.Sorted(maps.Keys(s.sums)) {
		if by := int64(s.sums[table] & sealMask); by != 0 {
			tables = append(tables, table)
			args = append(args, table, by)
			rows = append(rows, fmt.Sprintf("($%d, $%d)", len(args)-1, len(args)))
		}
	}
	if len(tables) == 0 {
		return nil
	}
	result, err := t.run(fmt.Sprintf(`
		UPDATE dovetail_seal
		SET digest = (digest + s.column2) & %d
		FROM (VALUES %s) AS s
		WHERE name = s.column1`,
		int64(sealMask), strings.Join(rows, ", ")), args...)
	if err != nil {
		return wrap("seal rows", err)
	}
	if there, err := result.RowsAffected(); err != nil || there == int64(len(tables)) {
		return wrap("seal rows", err)
	}
	return wrap("seal tables", t.sealMissing(tables))
}

// sealMissing makes the seals of those tables that have none.
func (t *tx) sealMissing(tables []string) error {
	there, err := names(t, `SELECT name FROM dovetail_seal`)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(there, table) {
			continue
		}
		if err := t.seal(table); err != nil {
			return err
		}
	}
	return nil
}

// seal makes the seal of a table of what it holds now.
func (t *tx) seal(table string) error {
	digest, err := digestOf(t, table, func() {})
	if err != nil {
		return err
	}
	_, err = t.run(`INSERT INTO dovetail_seal (name, digest) VALUES ($1, $2)`, table, digest)
	return err
}

// sealAnew makes the seals of all tables: a step of the schema may have changed any of them, and has no seals at all
// before the step that brings them.
func (t *tx) sealAnew() error {
	t.store.seals.begin()
	tables, err := tableNames(t)
	if err != nil || !slices.Contains(tables, "dovetail_seal") {
		return err
	}
	if _, err := t.run(`DELETE FROM dovetail_seal`); err != nil {
		return wrap("seal tables", err)
	}
	for _, table := range tables {
		if !sealed(table) {
			continue
		}
		if err := t.seal(table); err != nil {
			return wrap("seal tables", err)
		}
	}
	return nil
}

// tableNames lists our tables, sorted.
func tableNames(from source) ([]string, error) {
	return names(from, `
		SELECT name
		FROM sqlite_master
		WHERE type = 'table' AND substr(name, 1, 9) = 'dovetail_'
		ORDER BY name`)
}

// names reads a query of one column of texts.
func names(from source, query string, args ...any) ([]string, error) {
	var all []string
	err := from.rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		all = append(all, name)
		return err
	}, query, args...)
	return all, err
}

// digestOf adds a table up anew; tick is called for every row.
func digestOf(from source, table string, tick func()) (int64, error) {
	columns, err := names(from, `SELECT name FROM pragma_table_info($1) ORDER BY cid`, table)
	if err != nil || len(columns) == 0 {
		return 0, wrap("read columns of "+table, err)
	}
	for i, c := range columns {
		columns[i] = quoteName(c)
	}
	var s seals
	s.begin()
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	var sum uint64
	err = from.rows(func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		sum += s.digest(row)
		tick()
		return s.err
	}, `SELECT `+strings.Join(columns, ", ")+` FROM `+quoteName(table))
	return int64(sum & sealMask), wrap("add up "+table, err)
}

// quoteName writes the name of a table or column for SQL.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
