package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// hostile are parts of names and words that mean something to a language of queries, or look like something else.
var hostile = []string{`"`, `""`, `'`, `%`, `_`, `*`, `^`, `-`, `+`, `(`, `)`, `{`, `:`, `,`, `\`, `/`, `//`, ` `, `  `, `AND`, `OR`, `NOT`, `NEAR(`, `a* b`,
	`\0`, `\x00`, `␀`, `%00`, `'; DROP TABLE dovetail_conflict; --`, `É`, `é`, `ß`, `ſ`, `K`, `İ`, `ı`, `日本`, `本`, `語`, `👩`, `ﬁ`, `e\u0301`, `�`, `616263`, `pieces`, `R-1`, `r-10`, `Zz`}

// unsteady is a clock that mostly goes on, now fast and now slowly, stands still at times, and goes back, by little or by
// much, as often as it is told.
type unsteady struct {
	r    *rand.Rand
	back float64
	at   time.Time
	read int
	held bool
}

func (c *unsteady) now() time.Time {
	c.read++
	step := time.Duration(c.r.IntN(700)) * time.Millisecond
	if c.read/100%2 == 0 {
		step /= 300
	}
	switch {
	case c.held:
	case c.r.Float64() < c.back/2:
		c.at = c.at.Add(-5000 * step)
	case c.r.Float64() < c.back:
		c.at = c.at.Add(-step)
	case c.r.IntN(3) > 0:
		c.at = c.at.Add(step)
	}
	return c.at
}

// randomLines are what opens so many conflicts of records with hostile names.
func randomLines(t *testing.T, r *rand.Rand, conflicts int) []string {
	t.Helper()
	var lines []string
	for i := 1; i <= conflicts; i++ {
		name := fmt.Sprintf("%s/%s%d", []string{"deal", "a", "account_2"}[r.IntN(3)], hostile[r.IntN(len(hostile))], i)
		for range r.IntN(3) {
			name += hostile[r.IntN(len(hostile))]
		}
		if r.IntN(400) == 0 {
			name += "ůnique"
		}
		record, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		base, server, local := sides(r)
		lines = append(lines,
			fmt.Sprintf(`{"type":"record","record":%s,"version":1,"fields":%s}`, record, base),
			fmt.Sprintf(`{"type":"record","record":%s,"version":2,"fields":%s}`, record, server),
			fmt.Sprintf(`{"key":"c%d","record":%s,"base_version":1,"local":%s,"local_by":"%s","local_at":"2026-11-0%dT10:00:00Z","device":"dev-%d","sequence":%d}`,
				i, record, local, []string{"ana", "bo", "cy"}[r.IntN(3)], 1+r.IntN(9), r.IntN(3), i))
	}
	return lines
}

// sides are documents that conflict, in a few fields or in many, or in some with names that mean something to a pattern.
func sides(r *rand.Rand) (base, server, local string) {
	document := func(status, city, odd string, many int) string {
		text := fmt.Sprintf(`{"status":"%s","address":{"city":"%s"},"a\"":{"status":"%s"},"*x":"%s","[":{"?":"%s"}`, status, city, odd, odd, odd)
		for i := range many {
			text += fmt.Sprintf(`,"a longer name %d":"%s"`, i, odd)
		}
		return text + "}"
	}
	many := 0
	if r.IntN(5) == 0 {
		many = r.IntN(12)
	}
	base = document("b", "x", "b", many)
	switch r.IntN(6) {
	case 0:
		return base, document("b", "z", "b", many), document("b", "y", "b", many)
	case 1:
		return base, "null", document("l", "x", "b", many)
	case 2:
		return base, document("s", "z", "b", many), document("l", "y", "b", many)
	case 3:
		return base, document("b", "x", "s", many), document("b", "x", "l", many)
	}
	return base, document("s", "x", "b", many), document("l", "x", "b", many)
}

// randomQueue opens so many conflicts of records with hostile names, resolves some, and takes some of that back.
func randomQueue(t *testing.T, r *rand.Rand, conflicts int, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "random.db"), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	lines := randomLines(t, r, conflicts)
	// What is imported together has one time, what is pushed a time of its own.
	load(t, s, lines[:2*len(lines)/3]...)
	for _, line := range lines[2*len(lines)/3:] {
		if strings.HasPrefix(line, `{"key"`) {
			push(t, s, line)
		} else {
			load(t, s, line)
		}
	}
	for range conflicts / 5 {
		n := int64(r.IntN(conflicts) + 1)
		if c, err := s.Case(t.Context(), n); err != nil || c.Conflict.State == merge.Resolved {
			continue
		}
		w := resolve(t, s, n, merge.TakeLocal, "bo")
		if r.IntN(2) == 0 {
			if _, err := s.Undo(t.Context(), w.Resolution, "bo"); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Nothing puts a conflict off yet.
	if _, err := plain(t, s.Info().Path).ExecContext(t.Context(), `
		UPDATE dovetail_conflict SET state = 'snoozed' WHERE id % 17 = 0 AND state = 'open';
		UPDATE dovetail_conflict_field SET state = 'snoozed' WHERE conflict % 17 = 0 AND state = 'open'`); err != nil {
		t.Fatal(err)
	}
	return s
}

// plainRow is a conflict as plain SQL has it.
type plainRow struct {
	conflict merge.Conflict
	openedAt int64
}

func (r plainRow) place() []int64 { return []int64{r.openedAt, r.conflict.Number} }

func plainQueue(t *testing.T, s *store.Store) []plainRow {
	t.Helper()
	rows, err := plain(t, s.Info().Path).QueryContext(t.Context(), `
		SELECT id, collection, name, kind, fields, state, coalesce(local_by, ''), coalesce(device, ''), opened_at,
			coalesce(base_version, 0), server_version, revision, coalesce(local_at, 0), coalesce(server_by, ''), coalesce(server_at, 0)
		FROM dovetail_conflict`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []plainRow
	for rows.Next() {
		var r plainRow
		var kind, fields, state string
		c := &r.conflict
		var localAt, serverAt int64
		if err := rows.Scan(&c.Number, &c.Record.Collection, &c.Record.ID, &kind, &fields, &state, &c.LocalBy, &c.Device, &r.openedAt,
			&c.BaseVersion, &c.ServerVersion, &c.Revision, &localAt, &c.ServerBy, &serverAt); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(fields), &c.Fields); err != nil {
			t.Fatal(err)
		}
		if c.Kind.UnmarshalText([]byte(kind)) != nil || c.State.UnmarshalText([]byte(state)) != nil {
			t.Fatal(kind, state)
		}
		c.OpenedAt, c.LocalAt, c.ServerAt = moment(r.openedAt), moment(localAt), moment(serverAt)
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b plainRow) int { return slices.Compare(a.place(), b.place()) })
	return all
}

// moment is a time as the queue keeps it; 0 is none.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// small is a text with its ASCII letters small, and no others.
func small(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// meets is what a term means.
func (r plainRow) meets(term merge.Term, now time.Time) bool {
	c := r.conflict
	switch term.Name {
	case "":
		return strings.Contains(small(c.Record.String()), small(term.Value))
	case "age":
		opened := time.UnixMicro(r.openedAt)
		return term.Op == '<' && opened.After(now.Add(-term.Age)) || term.Op == '>' && opened.Before(now.Add(-term.Age))
	case "by":
		return c.LocalBy == term.Value
	case "collection":
		return c.Record.Collection == term.Value
	case "device":
		return c.Device == term.Value
	case "kind":
		return c.Kind.String() == term.Value
	case "record":
		return c.Record.String() == term.Value || c.Record.ID == term.Value
	case "state":
		return c.State.String() == term.Value
	case "field":
		return slices.ContainsFunc(c.Fields, func(path string) bool {
			return path == term.Value || strings.HasPrefix(path, term.Value+"/")
		})
	}
	panic(term.Name)
}

// chooses is what a filter means.
func (r plainRow) chooses(f merge.Filter, now time.Time) bool {
	met := map[string]bool{"state": false}
	for _, term := range f.Terms {
		ok := r.meets(term, now)
		if before, there := met[term.Name]; term.Name == "age" && there {
			ok = ok && before
		} else {
			ok = ok || before
		}
		met[term.Name] = ok
	}
	if !slices.ContainsFunc(f.Terms, func(t merge.Term) bool { return t.Name == "state" }) {
		met["state"] = r.conflict.State == merge.Open
	}
	for _, ok := range met {
		if !ok {
			return false
		}
	}
	return true
}

// plainPage is what a page means. from is nil for an end of the queue.
func plainPage(all []plainRow, q merge.Query, from []int64, now time.Time) (numbers []int64, before, after bool) {
	var chosen []plainRow
	for _, r := range all {
		if r.chooses(q.Filter, now) {
			chosen = append(chosen, r)
		}
	}
	first, last := 0, len(chosen) // of those on the right side of from
	if from != nil {
		at, found := slices.BinarySearchFunc(chosen, from, func(r plainRow, p []int64) int { return slices.Compare(r.place(), p) })
		if last = at; !q.Backward {
			first, last = at, len(chosen)
			if found {
				first++
			}
		}
	}
	if q.Backward {
		first = max(first, last-q.Limit)
	} else {
		last = min(last, first+q.Limit)
	}
	for _, r := range chosen[first:last] {
		numbers = append(numbers, r.conflict.Number)
	}
	return numbers, first > 0, last < len(chosen)
}

// randomWord is something that may stand in a name, in whatever case.
func randomWord(r *rand.Rand, all []plainRow) string {
	switch r.IntN(8) {
	case 0:
		return hostile[r.IntN(len(hostile))]
	case 1:
		return hostile[r.IntN(len(hostile))] + hostile[r.IntN(len(hostile))]
	case 2:
		return string(rune(r.IntN(0x17f) + 1))
	case 3:
		return []string{"", "\x00", "a\x00", "nosuch", "zq", "q", "ůniq", "ů", "deal/", "deal", "t_2/", "DEAL/É", "e\u0301"}[r.IntN(13)]
	}
	name := []rune(all[r.IntN(len(all))].conflict.Record.String())
	begin := r.IntN(len(name))
	word := name[begin:min(len(name), begin+1+r.IntN(8))]
	if r.IntN(2) == 0 {
		return strings.ToUpper(string(word))
	}
	return string(word)
}

func randomFilter(r *rand.Rand, all []plainRow) merge.Filter {
	var f merge.Filter
	add := func(name, value string) { f.Terms = append(f.Terms, merge.Term{Name: name, Op: ':', Value: value}) }
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for r.IntN(4) > 0 {
		add("", randomWord(r, all))
	}
	for r.IntN(3) == 0 {
		add("state", pick("open", "resolved", "snoozed"))
	}
	for r.IntN(4) == 0 {
		add("by", pick("ana", "bo", "cy", "nobody"))
	}
	for r.IntN(4) == 0 {
		add("device", pick("dev-0", "dev-1", "dev-2", "dev"))
	}
	for r.IntN(4) == 0 {
		add("collection", pick("deal", "a", "account_2"))
	}
	for r.IntN(4) == 0 {
		add("kind", pick("edit-edit", "edit-delete", "type"))
	}
	for r.IntN(4) == 0 {
		add("field", pick("/status", "/address", "/address/city", "/stat", "/a\"", "/a\"/status", "/*", "/*x", "/[", "/[/?", "/a longer name 1", "/"+
			strings.Repeat("x", 300)))
	}
	for r.IntN(12) == 0 {
		add("record", pick(all[r.IntN(len(all))].conflict.Record.String(), all[r.IntN(len(all))].conflict.Record.ID, "a/nosuch"))
	}
	for r.IntN(8) == 0 {
		f.Terms = append(f.Terms, merge.Term{Name: "age", Op: pick("<", ">")[0], Age: time.Duration(r.IntN(10_000)) * time.Second})
	}
	return f
}

// Indexes, turns and lanes are ways to the same rows that a look at every one of them would choose.
func TestPagesAreWhatALookAtEveryRowChooses(t *testing.T) {
	for _, tt := range []struct {
		name       string
		back       float64
		year       int
		disordered bool
	}{
		{name: "a steady clock", year: 2026},
		{name: "a clock that goes back", year: 2026, back: 0.3, disordered: true},
		{name: "a clock that goes back at times", year: 1969, back: 0.02, disordered: true},
		{name: "a clock that is off by centuries", year: 2500, disordered: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(tt.year), 7))
			clock := &unsteady{r: r, back: tt.back, at: time.Date(tt.year, 12, 31, 23, 0, 0, 0, time.UTC)}
			opts := options()
			opts.Now = clock.now
			s := randomQueue(t, r, 400, opts)
			for range 3 {
				clock.held = true
				comparePages(t, s, r, clock.at)
				clock.held = false
				changeStates(t, s, r)
			}
			if seconds := ask(t, s, `SELECT second FROM dovetail_conflict_disorder`); len(seconds) > 0 != tt.disordered {
				t.Errorf("the seconds out of order are %v", seconds)
			}
		})
	}
}

// changeStates closes conflicts, opens others again, and puts a few more into the queue.
func changeStates(t *testing.T, s *store.Store, r *rand.Rand) {
	t.Helper()
	for i, row := range plainQueue(t, s) {
		switch c := row.conflict; {
		case r.IntN(20) > 0:
		case c.State == merge.Open:
			resolve(t, s, c.Number, merge.TakeLocal, "ana")
		default:
			if last, err := s.LastResolution(t.Context(), c.Record); err == nil && i%2 == 0 {
				s.Undo(t.Context(), last.Resolution, "ana") // a record may have moved on since
			}
		}
	}
	for i := range 5 {
		push(t, s, fmt.Sprintf(`{"key":"%d-%d","record":"deal/New %d %d","base_version":7,"local":{"x":1}}`, r.Uint64(), i, r.IntN(1000), i))
	}
}

func comparePages(t *testing.T, s *store.Store, r *rand.Rand, now time.Time) {
	t.Helper()
	all := plainQueue(t, s)
	for range histories(120) {
		q := merge.Query{Filter: randomFilter(r, all), Backward: r.IntN(2) == 0, Limit: 1 + r.IntN(60), Person: []string{"", "bo"}[r.IntN(2)]}
		var from []int64
		if r.IntN(3) > 0 {
			from = all[r.IntN(len(all))].place()
			q.From = cursorOf(t, s, all, from[1])
		}
		if r.IntN(12) == 0 && from != nil {
			q.Filter = only(all, from[1])
		}
		page, err := s.Conflicts(t.Context(), q)
		if err != nil {
			t.Fatalf("%+v says %v", q, err)
		}
		want, before, after := plainPage(all, q, from, now)
		if got := numbers(page); !slices.Equal(got, want) || page.Before != before || page.After != after {
			t.Fatalf("%+v\nchooses %v, %v before, %v after\nwant    %v, %v before, %v after", q, got, page.Before, page.After, want, before, after)
		}
		for _, c := range page.Conflicts {
			c.Draft = nil
			at, _ := slices.BinarySearchFunc(all, []int64{c.OpenedAt.UnixMicro(), c.Number}, func(r plainRow, p []int64) int { return slices.Compare(r.place(), p) })
			if row := all[at].conflict; !reflect.DeepEqual(row, c) {
				t.Fatalf("a row is %+v, want %+v", c, row)
			}
		}
	}
}

// only is a filter that chooses the conflicts of a conflict's record in its state, mostly itself alone.
func only(all []plainRow, conflict int64) merge.Filter {
	c := all[slices.IndexFunc(all, func(r plainRow) bool { return r.conflict.Number == conflict })].conflict
	return merge.Filter{Terms: []merge.Term{{Name: "state", Op: ':', Value: c.State.String()}, {Name: "record", Op: ':', Value: c.Record.String()}}}
}

// cursorOf is the place of one conflict.
func cursorOf(t *testing.T, s *store.Store, all []plainRow, conflict int64) merge.Cursor {
	t.Helper()
	f := only(all, conflict)
	page, err := s.Conflicts(t.Context(), merge.Query{Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page.Conflicts, func(c merge.Conflict) bool { return c.Number == conflict })
	if i < 0 {
		t.Fatalf("conflict %d is not in the queue of its record", conflict)
	}
	one, err := s.Conflicts(t.Context(), merge.Query{Filter: f, Limit: i + 1})
	if err != nil || one.Conflicts[i].Number != conflict {
		t.Fatal(err)
	}
	return one.Last
}
