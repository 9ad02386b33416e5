package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// history drives a hub at random: devices that push, an outside system, edits on the hub, people who resolve and undo,
// repeats of whatever was sent before, and restarts.
type history struct {
	t         *testing.T
	r         *rand.Rand
	s         *store.Store
	sent      []string
	log       []string
	key       int
	operation int // the number of the last operation
	seq       map[string]int
	// mirror is what the outside system holds, with its number.
	mirror map[string]*outsideRow
}

type outsideRow struct {
	version int64
	fields  map[string]int
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 0)), s: newStore(t), seq: map[string]int{},
		mirror: map[string]*outsideRow{}}
	if seed%3 == 0 {
		if err := h.s.SetStrategy(t.Context(), "b", merge.LastWriteWins); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *history) note(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

func (h *history) record() string {
	return fmt.Sprintf("%s/%d", []string{"a", "b"}[h.r.IntN(2)], h.r.IntN(3))
}

// edited returns a document with some fields changed, or none: a deletion.
func (h *history) edited(record string, d merge.Document) string {
	if d != nil && h.r.IntN(12) == 0 {
		return "null"
	}
	out := d
	for range 1 + h.r.IntN(2) {
		path, value := fmt.Sprintf("/f%d", h.r.IntN(4)), fmt.Sprint(h.r.IntN(100))
		var err error
		if out, err = merge.With(out, path, merge.Value(value)); err != nil {
			h.t.Fatal(err)
		}
	}
	return string(out)
}

func (h *history) push(line string) {
	h.sent = append(h.sent, line)
	a, err := h.s.Push(h.t.Context(), []byte(line))
	if err != nil {
		h.t.Fatalf("%s: %v", line, err)
	}
	h.note("push %s: %+v", line, a)
}

// change pushes a device's change on some version that it may have seen.
func (h *history) change() {
	record := h.record()
	device := fmt.Sprintf("d%d", h.r.IntN(3))
	h.key++
	h.seq[device]++
	base, on := `"base":null`, merge.Document(nil)
	if versions, err := h.s.Log(h.t.Context(), key(record)); err == nil {
		v := versions[len(versions)-1-h.r.IntN(min(3, len(versions)))]
		base, on = fmt.Sprintf(`"base_version":%d`, v.Version), v.Fields
	}
	if h.r.IntN(15) == 0 {
		base = `"base_version":77`
	}
	local := h.edited(record, on)
	h.push(fmt.Sprintf(`{"key":"k%d","record":"%s",%s,"local":%s,"operations":[%[8]s],"local_by":"%[5]s","local_at":"2026-11-22T0%[6]d:00:00Z","device":"%[5]s","sequence":%[7]d}`,
		h.key, record, base, local, device, h.r.IntN(10), h.seq[device]-h.r.IntN(8)/7, h.steps(on, local)))
}

// steps are the operations from one document to another, some of them left out.
func (h *history) steps(from merge.Document, to string) string {
	if from == nil || to == "null" {
		return ""
	}
	var steps []string
	for i := range 4 {
		path := fmt.Sprintf("/f%d", i)
		was, is := merge.Lookup(from, path), merge.Lookup(merge.Document(to), path)
		if merge.Equal(was, is) || h.r.IntN(6) == 0 {
			continue
		}
		h.operation++
		step := fmt.Sprintf(`{"id":"o%d","op":"set","path":%q,"value":%s,"was":%s}`, h.operation, path, is, cmp.Or(was, merge.Null))
		if before, err := strconv.Atoi(string(was)); err == nil && h.r.IntN(2) == 0 {
			after, _ := strconv.Atoi(string(is))
			step = fmt.Sprintf(`{"id":"o%d","op":"increment","path":%q,"value":%d}`, h.operation, path, after-before)
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, ",")
}

// schemas are what a collection is given in turn.
var schemas = []string{
	"",
	`{"properties":{"f0":{"x-merge":"counter"},"f1":{"x-merge":"latest"},"f2":{"x-merge":"ignore"}}}`,
	`{"x-merge-strategy":"op-replay"}`,
	`{"x-merge-strategy":"op-replay","x-merge-delete":"local","properties":{"f3":{"maximum":60}}}`,
	`{"x-merge-strategy":"last-write-wins","properties":{"f3":{"maximum":60}}}`,
	`{"properties":{"f0":{"x-merge-group":"g"},"f1":{"x-merge-group":"g"},"f2":{"x-merge":"immutable"},"f3":{"maximum":60}}}`,
	`{"x-merge-delete":"server","properties":{"f0":{"x-merge":"server"},"f1":{"x-merge":"max"}}}`,
}

func (h *history) schema() {
	collection, text := []string{"a", "b", "c"}[h.r.IntN(3)], schemas[h.r.IntN(len(schemas))]
	h.note("schema of %s: %d %s", collection, setSchema(h.t, h.s, collection, text), text)
}

// again sends a change that came before once more under another key, as a device would that forgot the answer.
func (h *history) again() {
	h.key++
	line := h.sent[h.r.IntN(len(h.sent))]
	h.push(regexp.MustCompile(`"key":"k[0-9]+"`).ReplaceAllString(line, fmt.Sprintf(`"key":"k%d"`, h.key)))
}

// outside pushes a change that another system dropped, with what it holds.
func (h *history) outside() {
	record := "c/" + fmt.Sprint(h.r.IntN(2))
	row := h.mirror[record]
	if row == nil {
		row = &outsideRow{version: 1, fields: map[string]int{"f0": 0, "f1": 0}}
		h.mirror[record] = row
	}
	base := asDocument(row.fields)
	if h.r.IntN(2) == 0 {
		row.fields = maps.Clone(row.fields)
		row.fields[fmt.Sprintf("f%d", h.r.IntN(3))] = h.r.IntN(100)
		row.version++
	}
	h.key++
	h.push(fmt.Sprintf(`{"key":"k%d","record":"%s","base":%s,"local":%s,"local_by":"app","server":%s,"server_version":%d}`,
		h.key, record, base, h.edited(record, base), asDocument(row.fields), row.version))
}

func asDocument(fields map[string]int) merge.Document {
	out := "{"
	for i, name := range slices.Sorted(maps.Keys(fields)) {
		if i > 0 {
			out += ","
		}
		out += fmt.Sprintf("%q:%d", name, fields[name])
	}
	return doc(out + "}")
}

func (h *history) write() {
	record := h.record()
	e := store.Edit{Record: key(record), By: "desk"}
	if now, err := h.s.Get(h.t.Context(), e.Record); err == nil {
		e.Version, e.Fields = now.Version, now.Fields
	}
	if text := h.edited(record, e.Fields); text == "null" {
		e.Fields = nil
	} else {
		e.Fields = merge.Document(text)
	}
	e.Version -= int64(h.r.IntN(6) / 5)
	now, err := h.s.Write(h.t.Context(), e)
	if broken := new(merge.RuleError); err != nil && !errors.Is(err, merge.ErrStale) && !errors.Is(err, merge.ErrNotFound) && !errors.As(err, &broken) {
		h.t.Fatal(err)
	}
	h.note("write %s on %d: %d, %v", record, e.Version, now.Version, err)
}

func (h *history) resolve() {
	page, err := h.s.Conflicts(h.t.Context(), merge.Query{Limit: 100})
	if err != nil || len(page.Conflicts) == 0 {
		return
	}
	c := page.Conflicts[h.r.IntN(len(page.Conflicts))]
	w, err := decided(h.t, h.s, c.Number, []merge.Choice{merge.TakeLocal, merge.TakeServer}[h.r.IntN(2)], "bo")
	if broken := new(merge.RuleError); errors.As(err, &broken) {
		return
	} else if err != nil {
		h.t.Fatal(err)
	}
	if h.r.IntN(5) == 0 {
		h.write() // somebody is quicker, perhaps on this record
	}
	written, err := h.s.Resolve(h.t.Context(), w)
	if err != nil && !errors.Is(err, merge.ErrStale) && !errors.Is(err, merge.ErrClosed) {
		h.t.Fatal(err)
	}
	h.note("resolve %d: version %d, %v", c.Number, written.Version, err)
}

func (h *history) undo() {
	last, err := h.s.LastResolution(h.t.Context(), key(h.record()))
	if err != nil {
		return
	}
	written, err := h.s.Undo(h.t.Context(), last.Resolution, "cy")
	if err != nil && !errors.Is(err, merge.ErrStale) {
		h.t.Fatal(err)
	}
	h.note("undo %d: version %d, %v", last.Resolution, written.Version, err)
}

func (h *history) step() {
	switch n := h.r.IntN(20); {
	case n < 8:
		h.change()
	case n < 11:
		h.outside()
	case n < 12 && h.r.IntN(2) == 0:
		h.schema()
	case n < 13:
		h.write()
	case n < 16:
		h.resolve()
	case n < 17:
		h.undo()
	case n < 18 && len(h.sent) > 0:
		h.again()
	case n < 19 && len(h.sent) > 0:
		h.push(h.sent[h.r.IntN(len(h.sent))])
	case n == 19 && h.r.IntN(4) == 0:
		h.s = reopen(h.t, h.s)
	}
}

// nothingIsLost checks that every value that a change brought is still somewhere: in a document of a version, of a
// conflict, or of a side, or that the change is kept as it came.
func (h *history) nothingIsLost() {
	wantSum(h.t, h.s)
	wantChain(h.t, h.s)
	wantRows(h.t, h.s, `
		SELECT c.key
		FROM dovetail_change c
		WHERE c.outcome IN ('applied', 'merged') AND NOT EXISTS (SELECT 1 FROM dovetail_version v WHERE v.change = c.id)`)
	wantRows(h.t, h.s, `
		SELECT c.key
		FROM dovetail_change c
		WHERE (c.replaced OR c.outcome = 'superseded')
			AND NOT EXISTS (SELECT 1 FROM dovetail_side s WHERE s.change = c.id AND s.document IS c.local_document)`)
	wantRows(h.t, h.s, `
		SELECT k.id
		FROM dovetail_conflict k
		JOIN dovetail_record r ON r.id = k.record
		WHERE k.state = 'open' AND (k.server_version <> r.head OR k.server_document IS NOT r.document)`)
	wantRows(h.t, h.s, `
		SELECT a.id
		FROM dovetail_applied_operation a
		JOIN dovetail_change c ON c.id = a.change
		LEFT JOIN dovetail_conflict k ON k.id = c.conflict
		WHERE k.state IN ('open', 'snoozed') OR c.outcome IN ('pending', 'parked')`)
	wantRows(h.t, h.s, `PRAGMA integrity_check`, "ok")
	wantRows(h.t, h.s, `PRAGMA foreign_key_check`)
}

// queueIsTrue checks that the queue says of every conflict what its merge says.
func (h *history) queueIsTrue() {
	page, err := h.s.Conflicts(h.t.Context(), merge.Query{Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, row := range page.Conflicts {
		c, err := h.s.Case(h.t.Context(), row.Number)
		if err != nil {
			h.t.Fatal(err)
		}
		if r := c.Merge(); !slices.Equal(row.Fields, r.Conflicts()) {
			h.t.Errorf("conflict %d is listed with %q, and merges with %q", row.Number, row.Fields, r.Conflicts())
		}
	}
}

func playHistory(t *testing.T, seed uint64, steps int) {
	h := newHistory(t, seed)
	for range steps {
		h.step()
	}
	h.nothingIsLost()
	h.s = reopen(t, h.s)
	h.nothingIsLost()
	h.queueIsTrue()
	if t.Failed() {
		for _, line := range h.log {
			t.Log(line)
		}
		t.Logf("seed %d", seed)
	}
}

func TestTheSumHoldsAfterAnyHistory(t *testing.T) {
	alone(t)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playHistory(t, seed, 60) })
	}
}

func FuzzHistory(f *testing.F) {
	f.Add(uint64(42))
	f.Fuzz(func(t *testing.T, seed uint64) { playHistory(t, seed, 60) })
}
