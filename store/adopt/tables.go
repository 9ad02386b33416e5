package adopt

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"dovetail/merge"
)

// Tables are the adopted tables of one database, as known so far. Its methods may be called from several goroutines, those
// that take [Statements] only in a transaction that writes.
type Tables struct {
	reading sync.Mutex
	known   atomic.Pointer[known]
	follows bool       // the store is a replica: fields are called as its hub calls them
	loose   *[]*putter // the rows that were put, while their foreign keys are not looked at; see Together
}

// known is what was read last of the adopted tables. It is never changed.
type known struct {
	schema       int64 // PRAGMA schema_version
	byNumber     map[int64]*table
	byCollection map[string]*table
	width        int // columns of the log
}

// table is an adopted table: what it was when it was adopted, and what it is now.
type table struct {
	number     int64
	collection string
	shape      Shape
	triggers   []trigger // as they were made

	current  string // its name now; "" where it is gone
	columns  []Column
	now      map[string]string // our triggers as they are, by name
	logs     []logColumn
	key      []int // places in logs
	document []int // places in logs, by the name of the member
	up, down []link
	live     map[string]*logColumn
}

// logColumn is a column of the log and the column of the table that is logged there.
type logColumn struct {
	member merge.Value // its name in documents, as a JSON string
	name   string      // the same
	column string      // what it was called when it was adopted
	now    string      // what it is called now
	mixed  bool        // see Encode
	gone   bool
	kept   bool        // it is gone, but what is logged there was logged while it was not
	given  merge.Value // see Column
}

// Load reads which tables of a database are adopted; none where it has no table of ours.
func Load(s Statements) (*Tables, error) {
	t := new(Tables)
	_, err := t.refresh(s)
	return t, err
}

// Adopted reports whether a collection is an adopted table that is there: of one that is gone the records stay alone.
func (t *Tables) Adopted(collection string) bool {
	k := t.known.Load()
	return k != nil && k.byCollection[collection] != nil && k.byCollection[collection].current != ""
}

// Collections lists the adopted tables, sorted.
func (t *Tables) Collections() []string {
	var list []string
	if k := t.known.Load(); k != nil {
		for name := range k.byCollection {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// Shape is what a table was made of when it was adopted; false for any other collection.
func (t *Tables) Shape(collection string) (Shape, bool) {
	if k := t.known.Load(); k != nil && k.byCollection[collection] != nil {
		return k.byCollection[collection].shape, true
	}
	return Shape{}, false
}

// forget makes the next use read everything anew: a transaction that changed the schema may be rolled back, and another
// one reach the same number.
func (t *Tables) forget() {
	if k := t.known.Load(); k != nil {
		stale := *k
		stale.schema = -1
		t.known.Store(&stale)
	}
}

// refresh reads what is adopted, if the schema changed since it was read last.
func (t *Tables) refresh(s Statements) (*known, error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	var version int64
	if _, err := one(s, []any{&version}, `PRAGMA schema_version`); err != nil {
		return nil, fmt.Errorf("read the schema's number: %w", err)
	}
	if k := t.known.Load(); k != nil && k.schema == version {
		return k, nil
	}
	k, err := read(s)
	if err != nil {
		return nil, fmt.Errorf("read which tables are adopted: %w", err)
	}
	k.schema = version
	t.known.Store(k)
	return k, nil
}

func read(s Statements) (*known, error) {
	k := &known{byNumber: map[int64]*table{}, byCollection: map[string]*table{}}
	there := 0
	_, err := one(s, []any{&there}, `
		SELECT count(*)
		FROM sqlite_schema
		WHERE type = 'table' AND name IN ('dovetail_adopted', 'dovetail_adopted_trigger', 'dovetail_row', 'dovetail_row_field')`)
	if err != nil || there < 4 {
		return k, err
	}
	if _, err := one(s, []any{&k.width}, `SELECT count(*) - 3 FROM pragma_table_xinfo('dovetail_row', 'main')`); err != nil {
		return nil, err
	}
	err = s.Rows(func(rows *sql.Rows) error {
		t := &table{now: map[string]string{}}
		var shape string
		if err := rows.Scan(&t.number, &t.collection, &shape); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(shape), &t.shape); err != nil {
			return fmt.Errorf("shape of %q: %w", t.collection, err)
		}
		k.byNumber[t.number], k.byCollection[t.collection] = t, t
		return nil
	}, `SELECT number, collection, shape FROM dovetail_adopted ORDER BY number`)
	if err != nil {
		return nil, err
	}
	if err := k.readTriggers(s); err != nil {
		return nil, err
	}
	for _, t := range k.byNumber {
		if err := t.look(s); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// readTriggers reads our triggers, as they were made and as they are.
func (k *known) readTriggers(s Statements) error {
	return s.Rows(func(rows *sql.Rows) error {
		var number int64
		var made trigger
		var text, on sql.NullString
		if err := rows.Scan(&number, &made.name, &made.sql, &text, &on); err != nil {
			return err
		}
		t := k.byNumber[number]
		if t == nil {
			return nil
		}
		t.triggers = append(t.triggers, made)
		if text.Valid {
			t.now[made.name] = text.String
			t.current = on.String
		}
		return nil
	}, `
		SELECT made.number, made.name, made.sql, now.sql, now.tbl_name
		FROM dovetail_adopted_trigger AS made
		LEFT JOIN sqlite_schema AS now ON now.type = 'trigger' AND now.name = made.name
		ORDER BY made.number, made.name`)
}

// look finds out what became of the table.
func (t *table) look(s Statements) error {
	if t.current == "" {
		if _, err := one(s, []any{&t.current}, `
			SELECT name
			FROM sqlite_schema
			WHERE type = 'table' AND name = ?1 COLLATE NOCASE`, t.shape.Table); err != nil {
			return err
		}
	}
	var err error
	if t.columns, err = readColumns(s, t.current, t.shape.Strict); err != nil {
		return err
	}
	if t.up, t.down, err = readLinks(s, t.current); err != nil {
		return err
	}
	stored := t.shape.stored()
	// SQLite writes a new name of a column into the triggers.
	text, list := t.now[t.triggerName("insert")], []string(nil)
	if _, rest, ok := strings.Cut(text, ") SELECT "); ok {
		list = names(rest)
	}
	untouched := text == "" || text == t.made("insert")
	for place, i := range stored {
		c := t.shape.Columns[i]
		member, _ := merge.StringValue(c.field())
		log := logColumn{member: member, name: c.field(), column: c.Name, now: c.Name, mixed: c.Affinity == None, given: c.Given}
		if len(list) == len(stored) {
			log.now = list[place]
		}
		if !slices.ContainsFunc(t.columns, func(c Column) bool { return strings.EqualFold(c.Name, log.now) }) {
			log.gone, log.kept = true, untouched
		}
		t.logs = append(t.logs, log)
		t.document = append(t.document, place)
	}
	for _, k := range t.shape.Key {
		t.key = append(t.key, slices.Index(stored, k.Column))
	}
	t.live = map[string]*logColumn{}
	for i := range t.logs {
		if log := &t.logs[i]; !log.gone {
			t.live[log.name] = log
		}
	}
	slices.SortFunc(t.document, func(a, b int) int { return strings.Compare(t.logs[a].name, t.logs[b].name) })
	return nil
}

func (t *table) triggerName(event string) string {
	return fmt.Sprintf("dovetail_%d_%s", t.number, event)
}

// made is the text of a trigger as it was made.
func (t *table) made(event string) string {
	for _, made := range t.triggers {
		if made.name == t.triggerName(event) {
			return made.sql
		}
	}
	return ""
}

// cells makes a place for each column of the log to be scanned into.
func cells(n int) (values []any, into []any) {
	values, into = make([]any, n), make([]any, n)
	for i := range values {
		into[i] = &values[i]
	}
	return values, into
}

// scan reads a row into values, by way of into. The driver reads an empty BLOB as one that it would write as NULL.
func scan(rows *sql.Rows, values, into []any) error {
	if err := rows.Scan(into...); err != nil {
		return err
	}
	for i, v := range values {
		if b, blob := v.([]byte); blob && b == nil {
			values[i] = []byte{}
		}
	}
	return nil
}

// makeDocument makes a document of a row of the log.
func (t *table) makeDocument(row []any) (merge.Document, error) {
	out := []byte{'{'}
	for _, place := range t.document {
		log := &t.logs[place]
		if log.gone && (!log.kept || row[place] == nil && t.current != "") {
			continue
		}
		value, err := Encode(row[place], log.mixed)
		if err != nil {
			return nil, fmt.Errorf("column %q of %q: %w", log.name, t.shape.Table, err)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, log.member...), ':'), value...)
	}
	return append(out, '}'), nil
}

// keyOf are the cells of a row's key.
func (t *table) keyOf(row []any) []any {
	list := make([]any, len(t.key))
	for i, place := range t.key {
		list[i] = row[place]
	}
	return list
}

// record names a row; false where its key names nothing.
func (t *table) record(row []any) (merge.Key, bool) {
	id, ok := makeID(t.keyOf(row), t.shape.Key)
	return merge.Key{Collection: t.collection, ID: id}, ok
}

// selectList reads the columns in the order of the log. An expression has no declared type, of which the driver would
// make times.
func (t *table) selectList() string {
	var list []string
	for _, log := range t.logs {
		if log.gone {
			list = append(list, "NULL")
			continue
		}
		list = append(list, "+dovetail."+quote(log.now))
	}
	return strings.Join(list, ", ")
}

// findable reports whether rows can be found by their keys: neither the table nor a column of the key is gone.
func (t *table) findable() bool {
	return t.current != "" && !slices.ContainsFunc(t.key, func(place int) bool { return t.logs[place].gone })
}

// find reads the row with exactly this key; nil where there is none.
func (t *table) find(s Statements, key []any) ([]any, error) {
	if !t.findable() {
		return nil, nil
	}
	var where []string
	for i, place := range t.key {
		where = append(where, fmt.Sprintf("dovetail.%s = ?%d COLLATE %s", quote(t.logs[place].now), i+1, quote(t.shape.Key[i].Collation)))
	}
	want, _ := makeID(key, t.shape.Key)
	var found []any
	err := s.Rows(func(rows *sql.Rows) error {
		row, into := cells(len(t.logs))
		if err := scan(rows, row, into); err != nil {
			return err
		}
		// The key's collation, or type, may take others for equal.
		if id, _ := makeID(t.keyOf(row), t.shape.Key); id == want {
			found = row
		}
		return nil
	}, `SELECT `+t.selectList()+` FROM `+quote(t.current)+` AS dovetail WHERE `+strings.Join(where, ` AND `), key...)
	return found, err
}
