package adopt

import (
	"fmt"
	"strings"
)

// What the log says happened to a row.
const (
	arrived = 1 // it was not there under this key
	updated = 2
	left    = 3 // only the key is logged
	// looked: a row stood in the way of one that was about to be written, which REPLACE removes without a trigger, or it was
	// about to get another key. It was removed if the next that is logged of its key is that it arrived or left, or if it is
	// not there any more.
	looked = 4
)

// The tables of this package. The log has no constraint and no type: an application's OR IGNORE or OR REPLACE, which
// holds in triggers too, has nothing to bite on, and a value stays what it is. There is no AUTOINCREMENT, which would
// leave a trace in sqlite_sequence.
const (
	createAdopted = `CREATE TABLE dovetail_adopted (
	number     INTEGER PRIMARY KEY,
	collection TEXT NOT NULL UNIQUE CHECK (typeof(collection) = 'text'),
	shape      TEXT NOT NULL CHECK (typeof(shape) = 'text')
)`
	createTrigger = `CREATE TABLE dovetail_adopted_trigger (
	name   TEXT PRIMARY KEY NOT NULL CHECK (typeof(name) = 'text'),
	number INTEGER NOT NULL CHECK (typeof(number) = 'integer'),
	sql    TEXT NOT NULL CHECK (typeof(sql) = 'text')
)`
	// The fields of records that a table has no column for. It is written among the rows of the application, where dovetail
	// writes to no table but one of such a name.
	createField = `CREATE TABLE dovetail_row_field (
	adopted,
	field
)`
	createLog = `CREATE TABLE dovetail_row (
	seq   INTEGER PRIMARY KEY,
	adopted,
	event`
)

// createRow is the log with so many columns for values.
func createRow(columns int) string {
	var out strings.Builder
	out.WriteString(createLog)
	for i := range columns {
		fmt.Fprintf(&out, ",\n\tc%d", i)
	}
	out.WriteString("\n)")
	return out.String()
}

// trigger is one of ours.
type trigger struct{ name, sql string }

// writer writes the triggers of one table.
//
// They name the columns that they read, so that a new one does no harm. For the columns that are read back, an empty
// table of the same names is joined: where a column was dropped since, its name means that one's, and is NULL. Else
// SQLite would refuse to drop it.
type writer struct {
	shape  *Shape
	number int64
	stored []int
}

// triggers are those that log what is done to a table.
func (shape *Shape) triggers(number int64) []trigger {
	w := writer{shape: shape, number: number, stored: shape.stored()}
	list := []trigger{
		w.trigger("insert", "AFTER INSERT", w.readBack(fmt.Sprint(arrived))),
		w.trigger("update", "AFTER UPDATE",
			w.note(left, "OLD", ` WHERE `+w.moved("OLD", "NEW")),
			w.readBack(fmt.Sprintf("CASE WHEN %s THEN %d ELSE %d END", w.moved("OLD", "NEW"), arrived, updated))),
		w.trigger("delete", "AFTER DELETE", w.note(left, "OLD", "")),
	}
	var insert, update []string
	for _, u := range shape.Uniques {
		insert = append(insert, w.look(u, "NEW"))
		update = append(update, w.look(u, "OLD"))
	}
	if len(insert) > 0 {
		// What cascades from a change of the key is logged before the change itself, and may take a unique value over.
		update = append(update, w.note(looked, "OLD", ` WHERE `+w.moved("OLD", "NEW")))
		list = append(list, w.trigger("before_insert", "BEFORE INSERT", insert...), w.trigger("before_update", "BEFORE UPDATE", update...))
	}
	return list
}

func (w *writer) trigger(name, when string, statements ...string) trigger {
	name = fmt.Sprintf("dovetail_%d_%s", w.number, name)
	return trigger{name, fmt.Sprintf("CREATE TRIGGER %s %s ON %s FOR EACH ROW BEGIN\n\t%s;\nEND",
		name, when, quote(w.shape.Table), strings.Join(statements, ";\n\t"))}
}

// column is a column of the row of a trigger, or of the table, which is called dovetail in what is read.
func (w *writer) column(of string, i int) string { return of + "." + quote(w.shape.Columns[i].Name) }

// rowid is the rowid of a row.
func (w *writer) rowid(of string) string { return of + "." + quote(w.shape.RowID) }

// logged are the columns of the log that hold the key.
func (w *writer) logged() string {
	var list []string
	for _, k := range w.shape.Key {
		list = append(list, fmt.Sprintf("c%d", w.place(k.Column)))
	}
	return strings.Join(list, ", ")
}

// place is where the log has a column.
func (w *writer) place(column int) int {
	for place, i := range w.stored {
		if i == column {
			return place
		}
	}
	return -1
}

// key lists the columns of the key.
func (w *writer) key(of string) string {
	var list []string
	for _, k := range w.shape.Key {
		list = append(list, w.column(of, k.Column))
	}
	return strings.Join(list, ", ")
}

// moved is whether two rows have another key, to the byte.
func (w *writer) moved(a, b string) string {
	var list []string
	for _, k := range w.shape.Key {
		x, y := w.column(a, k.Column), w.column(b, k.Column)
		list = append(list, fmt.Sprintf("%s IS NOT %s COLLATE BINARY", x, y))
		if k.Affinity == None { // the only one in which 1 and 1.0 are two values
			list = append(list, fmt.Sprintf("typeof(%s) <> typeof(%s)", x, y))
		}
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

// note logs the key of a row.
func (w *writer) note(event int, of, where string) string {
	return fmt.Sprintf("INSERT INTO dovetail_row (adopted, event, %s) SELECT %d, %d, %s%s", w.logged(), w.number, event, w.key(of), where)
}

// readBack logs the row as it is in the table: NEW does not have what another trigger made of it.
func (w *writer) readBack(event string) string {
	var logged, list, absent []string
	for place, i := range w.stored {
		name := quote(w.shape.Columns[i].Name)
		logged = append(logged, fmt.Sprintf("c%d", place))
		list = append(list, name)
		absent = append(absent, "NULL AS "+name)
	}
	var row []string
	if w.shape.Bare {
		for _, k := range w.shape.Key {
			row = append(row, fmt.Sprintf("%s = %s COLLATE %s", w.column("dovetail", k.Column), w.column("NEW", k.Column), quote(k.Collation)))
		}
	} else {
		row = []string{w.rowid("dovetail") + " = " + w.rowid("NEW")}
	}
	const text = "INSERT INTO dovetail_row (%s, adopted, event) SELECT %s, %d, %s FROM %s AS dovetail" +
		" NATURAL LEFT JOIN (SELECT %s WHERE 0) WHERE %s"
	return fmt.Sprintf(text,
		strings.Join(logged, ", "), strings.Join(list, ", "), w.number, event, quote(w.shape.Table), strings.Join(absent, ", "), strings.Join(row, " AND "))
}

// look logs the keys of the rows that share the values of an index with the row that is about to be written, but for the
// row that has the key of self.
func (w *writer) look(u Unique, self string) string {
	var where []string
	for _, t := range u.Terms {
		switch t.Column {
		case rowID:
			where = append(where, w.rowid("dovetail")+" = "+w.rowid("NEW"))
			if self == "OLD" {
				where = append(where, w.rowid("NEW")+" <> "+w.rowid("OLD"))
			}
		case expression:
			where = append(where, fmt.Sprintf("(%s) = (SELECT %s FROM (SELECT %s)) COLLATE %s", t.SQL, t.SQL, w.proposed(), quote(t.Collation)))
		default:
			where = append(where, fmt.Sprintf("%s = %s COLLATE %s", w.column("dovetail", t.Column), w.wanted(t.Column), quote(t.Collation)))
		}
	}
	if u.Where != "" {
		where = append(where, "("+u.Where+")")
	}
	other := w.moved("dovetail", self)
	if w.shape.Alias && self == "NEW" { // a rowid that is still to be given is -1
		other = fmt.Sprintf("(%s OR %s = -1)", other, w.rowid("NEW"))
	}
	where = append(where, other)
	return fmt.Sprintf("INSERT INTO dovetail_row (adopted, event, %s) SELECT %d, %d, %s FROM %s AS dovetail WHERE %s",
		w.logged(), w.number, looked, w.key("dovetail"), quote(w.shape.Table), strings.Join(where, " AND "))
}

// wanted is what a column is about to hold. REPLACE puts the default where NULL may not be, after this trigger has run.
func (w *writer) wanted(i int) string {
	c, value := w.shape.Columns[i], w.column("NEW", i)
	if c.NotNull && c.Default != "" && !c.Generated {
		return fmt.Sprintf("coalesce(%s, %s)", value, defaultSQL(c.Default))
	}
	return value
}

// defaultSQL makes an expression of a default: there, and only there, a bare or quoted name is a text.
func defaultSQL(text string) string {
	list := tokens(text)
	if len(list) != 1 || text[list[0].start] >= '0' && text[list[0].start] <= '9' {
		return "(" + text + ")"
	}
	word := text[list[0].start:list[0].end]
	switch strings.ToUpper(word) {
	case "NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP":
		return word
	}
	switch word[0] {
	case '\'':
		return word
	case '"', '`':
		quote := word[:1]
		word = strings.ReplaceAll(strings.TrimSuffix(word[1:], quote), quote+quote, quote)
	case '[':
		word = strings.Trim(word, "[]")
	}
	return "'" + strings.ReplaceAll(word, "'", "''") + "'"
}

// proposed lists what all columns are about to hold, by their names.
func (w *writer) proposed() string {
	var list []string
	for i, c := range w.shape.Columns {
		list = append(list, w.wanted(i)+" AS "+quote(c.Name))
	}
	return strings.Join(list, ", ")
}
