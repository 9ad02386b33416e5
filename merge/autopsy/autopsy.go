// Package autopsy reads the log that an application keeps of its edits, and finds those that were overwritten by somebody
// who had not seen them.
//
// [Read] reads a log, in JSON lines or CSV, whose columns [Names] tell; an [Examiner] is given its edits one by one, in the
// order in which they were written. What somebody had seen is told, in this order, by the version that he names, by the
// time at which he read the record, or by the old value that he names. Where the log says none of these of an edit that
// overwrote another one, nobody can tell, and that is counted too. Everybody has seen what he wrote himself.
//
// An application may log whole records, also what nobody touched: a value that is the one its author had seen is no edit of
// his. It may overwrite one all the same.
//
// The memory that it takes grows with records and fields, and not with edits.
package autopsy

import (
	"slices"
	"time"

	"dovetail/merge"
)

// Edit is what one person wrote to one record at once.
type Edit struct {
	Line    int64  // of the log
	Record  string // of whatever form
	By      string // empty: not told
	At      time.Time
	Seen    *int64    // the version of the record that it was made on; nil: not told
	SeenAt  time.Time // when the record was read; zero: not told
	Version int64     // that it made; 0: not told, and then they are counted
	Deleted bool      // the record went
	Writes  []Write
}

// Write is what became of one field. A value that is absent is a field that went, or was not there.
type Write struct {
	Field string
	Value merge.Value
	Old   *merge.Value // that the author had before him; nil: not told
}

// Lost is an edit that was overwritten unseen.
type Lost struct {
	Record string
	Field  string
	Value  merge.Value
	By     string
	At     time.Time
	Line   int64
	Over   Over
}

// Over is what overwrote it.
type Over struct {
	Value   merge.Value // absent where the field went, or the record
	Deleted bool        // the record went
	By      string
	At      time.Time
	Line    int64
	// What he had seen instead, as far as it is told: one of these.
	Seen   *int64
	SeenAt time.Time
	Old    *merge.Value
}

// Summary counts what was found.
type Summary struct {
	Edits      int64     // values that somebody changed
	Lost       int64     // of these, those that were overwritten unseen
	CannotTell int64     // those that were overwritten by somebody of whom nobody knows what he had seen, and the inherited
	Inherited  int64     // values that were overwritten unseen, and may be no edits: they were the first of a log of whole records
	People     int64     // who lost some
	Records    int64     // in the log
	From, To   time.Time // the first and the last edit; zero where no time is told
	Backwards  int64     // edits that are older than the one before them in the same record
	// OldOnly counts edits of which nothing but an old value tells what was seen, and OldStale those of them whose old value
	// was not the one in the record. Old values that are never stale may be of a database, which sees everything.
	OldOnly, OldStale int64
	Fields            map[string]int64 // lost edits by their field
}

// Examiner goes through a log. It is for one goroutine.
type Examiner struct {
	records map[string]*record
	losers  map[string]bool
	names   map[string]string // one copy of each
	sum     Summary
}

// NewExaminer returns one that has seen nothing.
func NewExaminer() *Examiner {
	return &Examiner{records: map[string]*record{}, losers: map[string]bool{}, names: map[string]string{},
		sum: Summary{Fields: map[string]int64{}}}
}

// Summary returns what was found so far.
func (x *Examiner) Summary() Summary {
	s := x.sum
	s.People, s.Records = int64(len(x.losers)), int64(len(x.records))
	return s
}

// record is what is known of one record.
type record struct {
	version int64
	last    Edit // without what it wrote
	fields  map[string]*field
	order   []string // of the fields, as they turned up
}

// field is what is known of one field: its last values, oldest first.
type field struct {
	values []value
	cut    bool // there were more
}

// value is what somebody wrote.
type value struct {
	merge.Value
	by      string
	at      time.Time
	line    int64
	version int64
	old     *merge.Value
	echo    bool // it was no edit of his
	// among is how many fields were written with it, where it is the first that is known of the field: then it may have
	// been there before. 0: it was not, or it is not the first.
	among int
}

// maxValues is how many values of a field are known at once, and so how far back is told what somebody had seen.
const maxValues = 16

// Add takes the next edit, and tells of each that it overwrote unseen. Edits of one record by the same person at the same
// moment, who had seen the same, are one.
func (x *Examiner) Add(e Edit, lost func(Lost) error) error {
	r := x.records[e.Record]
	if r == nil {
		r = &record{fields: map[string]*field{}}
		x.records[e.Record] = r
	}
	e.By = x.name(e.By)
	x.time(r, e)
	if !r.last.sameAs(e) {
		r.version = r.next(e)
	}
	r.last = e
	r.last.Writes = nil
	writes := e.Writes
	if e.Deleted {
		writes = nil
		for _, name := range r.order {
			writes = append(writes, Write{Field: name})
		}
	}
	for _, w := range writes {
		if err := x.write(r, e, w, lost); err != nil {
			return err
		}
	}
	return nil
}

// name keeps one copy of a name that comes again and again.
func (x *Examiner) name(s string) string {
	if kept, ok := x.names[s]; ok {
		return kept
	}
	x.names[s] = s
	return s
}

// time notes when an edit was made.
func (x *Examiner) time(r *record, e Edit) {
	if e.At.IsZero() {
		return
	}
	if x.sum.From.IsZero() || e.At.Before(x.sum.From) {
		x.sum.From = e.At
	}
	if e.At.After(x.sum.To) {
		x.sum.To = e.At
	}
	if e.At.Before(r.last.At) {
		x.sum.Backwards++
	}
}

// sameAs reports whether a line goes on with the edit of the line before, as where each field has a line of its own. Two
// saves that name the same version are taken for one: to count fewer versions than there were tells of fewer losses.
func (e Edit) sameAs(next Edit) bool {
	if e.Line == 0 || e.By != next.By || e.Version != next.Version || (e.Seen == nil) != (next.Seen == nil) {
		return false
	}
	if e.Seen != nil {
		return *e.Seen == *next.Seen
	}
	return !e.At.IsZero() && e.At.Equal(next.At) && e.SeenAt.Equal(next.SeenAt)
}

// next is the version that an edit makes. A log that leaves edits out shows by what the later ones had seen.
func (r *record) next(e Edit) int64 {
	if e.Version > 0 {
		return e.Version
	}
	version := r.version
	if e.Seen != nil {
		version = max(version, *e.Seen)
	}
	return version + 1
}

// write does one write, and tells what it overwrote unseen.
func (x *Examiner) write(r *record, e Edit, w Write, lost func(Lost) error) error {
	f := r.fields[w.Field]
	if f == nil {
		f = &field{}
		w.Field = x.name(w.Field)
		r.fields[w.Field] = f
		r.order = append(r.order, w.Field)
	}
	now := value{Value: w.Value, by: e.By, at: e.At, line: e.Line, version: r.version, old: w.Old}
	if base, known := f.base(e, w); known {
		now.echo = merge.Equal(base, w.Value)
	}
	if len(f.values) == 0 {
		if now.echo {
			return nil
		}
		x.sum.Edits++
		if w.Old == nil && !e.creates() {
			now.among = len(e.Writes)
		}
		f.values = append(f.values, now)
		return nil
	}
	was := &f.values[len(f.values)-1]
	if merge.Equal(was.Value, w.Value) {
		return nil
	}
	if !now.echo && !e.Deleted {
		x.sum.Edits++
	}
	sight := x.sight(f, was, e, w)
	found := Lost{Record: e.Record, Field: w.Field, Value: was.Value, By: was.by, At: was.at, Line: was.line,
		Over: Over{Value: w.Value, Deleted: e.Deleted, By: e.By, At: e.At, Line: e.Line, Seen: e.Seen, SeenAt: e.SeenAt, Old: w.Old}}
	mine := was.echo || was.by == e.By && e.By != ""
	now.echo = now.echo || e.Deleted
	f.push(now)
	switch {
	case mine || sight == seen:
		return nil
	case sight == unknown:
		x.sum.CannotTell++
		return nil
	case was.inherited(e):
		x.sum.CannotTell++
		x.sum.Inherited++
		return nil
	}
	x.sum.Lost++
	x.sum.Fields[w.Field]++
	if found.By != "" {
		x.losers[found.By] = true
	}
	return lost(found)
}

// creates reports whether an edit is known to have made its record.
func (e Edit) creates() bool { return e.Version == 1 || e.Seen != nil && *e.Seen == 0 }

// inherited reports whether nobody can tell that a value was an edit: it is the first that is known of its field, and the
// log seems to hold whole records, since what overwrites it names as many fields.
func (v *value) inherited(e Edit) bool { return v.among > 1 && v.among == len(e.Writes) }

func (f *field) push(v value) {
	if len(f.values) == maxValues {
		f.values = slices.Delete(f.values, 0, 1)
		f.cut = true
	}
	f.values = append(f.values, v)
}

// base is the value that an author had before him, where that is known.
func (f *field) base(e Edit, w Write) (merge.Value, bool) {
	if w.Old != nil {
		return *w.Old, true
	}
	if e.Seen == nil && e.SeenAt.IsZero() {
		return merge.Absent, false
	}
	for _, v := range slices.Backward(f.values) {
		if v.seenBy(e) == seen {
			return v.Value, true
		}
	}
	if len(f.values) > 0 && !f.cut && f.values[0].old != nil {
		return *f.values[0].old, true
	}
	return merge.Absent, false
}

// sight says whether somebody had seen something.
type sight uint8

const (
	unknown sight = iota
	seen
	unseen
)

// seenBy says whether the author of an edit had seen a value, by the version or the time that he names.
func (v *value) seenBy(e Edit) sight {
	told := seen
	switch {
	case e.Seen != nil && v.version > *e.Seen:
		told = unseen
	case e.Seen != nil:
	case e.SeenAt.IsZero() || v.at.IsZero():
		return unknown
	case v.at.After(e.SeenAt):
		told = unseen
	}
	return told
}

// sight says whether the author of an edit had seen the value that it overwrites.
func (x *Examiner) sight(f *field, was *value, e Edit, w Write) sight {
	if told := was.seenBy(e); told != unknown || w.Old == nil {
		return told
	}
	x.sum.OldOnly++
	if merge.Equal(*w.Old, was.Value) {
		return seen
	}
	x.sum.OldStale++
	for _, v := range f.values {
		if merge.Equal(*w.Old, v.Value) || v.old != nil && merge.Equal(*w.Old, *v.old) {
			return unseen
		}
	}
	if !f.cut && f.values[0].old == nil {
		return unseen // it is older than the log
	}
	return unknown // something that the log leaves out came in between
}
