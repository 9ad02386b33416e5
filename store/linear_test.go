package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"dovetail/merge"
	"dovetail/store"
)

// Eight writers, each with a handle of its own on one file, must find records as if they came one after the other: each
// operation has its effect at one moment between its call and its answer. porcupine looks for such an order.

const (
	writers          = 8
	rounds           = 5 // in which all begin at once: who has the file keeps it for long, as a rule
	operationsEach   = 5 // in a round
	recordsOfHistory = 2
)

// act is what somebody asks of a record.
type act struct {
	verb    string // read, write or push
	record  merge.Key
	version int64 // that a write or a push is made on
	fields  string
	key     string // of the change that is pushed
}

// answer is what came of it.
type answer struct {
	unknown bool   // it may have been done or not
	outcome string // empty: found, or written; else stale, none, or what the push was answered
	version int64
	fields  string
}

// register is a record with its versions. Those before it tell what a change was made on.
type register struct {
	version int64
	fields  string // empty: deleted
	before  *register
	story   string // of all of it, to compare
}

func (r *register) next(fields string) *register {
	return &register{version: r.version + 1, fields: fields, before: r, story: r.story + "\n" + fields}
}

// at is the version that was once the newest one.
func (r *register) at(version int64) *register {
	for r != nil && r.version != version {
		r = r.before
	}
	return r
}

// sequential is what one after the other means for a record.
var sequential = (&porcupine.NondeterministicModel{
	Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
		var parts [][]porcupine.Operation
		at := map[merge.Key]int{}
		for _, o := range all {
			key := o.Input.(act).record
			if _, known := at[key]; !known {
				at[key] = len(parts)
				parts = append(parts, nil)
			}
			parts[at[key]] = append(parts[at[key]], o)
		}
		return parts
	},
	Init: func() []any { return []any{&register{}} },
	Step: func(state, input, output any) []any {
		r, a := state.(*register), output.(answer)
		after, want := r.do(input.(act))
		switch {
		case a.unknown && after != r:
			return []any{r, after}
		case a.unknown:
			return []any{r}
		case a != want:
			return nil
		}
		return []any{after}
	},
	Equal:             func(a, b any) bool { return a.(*register).story == b.(*register).story },
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}).ToModel()

// do is what an act makes of a record, and its answer.
func (r *register) do(a act) (*register, answer) {
	switch {
	case a.verb == "read" && r.version == 0:
		return r, answer{outcome: "none"}
	case a.verb == "read":
		return r, answer{version: r.version, fields: r.fields}
	case a.verb == "push":
		return r.push(a)
	case a.version != r.version:
		return r, answer{outcome: "stale"}
	case a.fields == r.fields && r.version == 0:
		return r, answer{outcome: "none"}
	case a.fields == r.fields:
		return r, answer{version: r.version, fields: r.fields}
	}
	after := r.next(a.fields)
	return after, answer{version: after.version, fields: after.fields}
}

// push merges a change, as a hub without rules does.
func (r *register) push(a act) (*register, answer) {
	base := r.at(a.version)
	if base == nil { // a version that is not there yet
		return r, answer{outcome: "too early"}
	}
	sides := merge.Sides{Base: document(base.fields), Local: document(a.fields), Server: document(r.fields)}
	for v := r.before; base.version > 0 && v != nil && v.version > base.version; v = v.before {
		sides.Recreated = sides.Recreated || v.fields == ""
	}
	result := merge.Record(sides, nil)
	outcome := store.Converged
	switch result.Outcome {
	case merge.RecordConflict:
		outcome = store.Conflicted
	case merge.KeepLocal:
		outcome = store.Applied
	case merge.Merged:
		if !result.Document.Equal(sides.Server) {
			outcome = store.Merged
		}
	}
	if outcome == store.Applied || outcome == store.Merged {
		r = r.next(string(result.Document))
	}
	return r, answer{outcome: string(outcome), version: r.version}
}

func document(fields string) merge.Document {
	if fields == "" {
		return nil
	}
	return merge.Document(fields)
}

// asking is how an act is done.
type asking func(ctx context.Context, s *store.Store, a act) (answer, error)

// asked does an act as anybody would.
func asked(ctx context.Context, s *store.Store, a act) (answer, error) {
	switch a.verb {
	case "read":
		return answered(s.Get(ctx, a.record))
	case "write":
		return answered(s.Write(ctx, store.Edit{Record: a.record, Version: a.version, Fields: document(a.fields)}))
	}
	local := a.fields
	if local == "" {
		local = "null"
	}
	line := fmt.Appendf(nil, `{"key":"%s","record":"%s","base_version":%d,"local":%s}`, a.key, a.record, a.version, local)
	got, err := s.Push(ctx, line)
	return answer{outcome: string(got.Outcome), version: got.Version}, err
}

func answered(r store.Record, err error) (answer, error) {
	switch {
	case errors.Is(err, merge.ErrStale):
		return answer{outcome: "stale"}, nil
	case errors.Is(err, merge.ErrNotFound):
		return answer{outcome: "none"}, nil
	}
	return answer{version: r.Version, fields: string(r.Fields)}, err
}

// crowd are handles on one file, each with somebody who writes.
type crowd struct {
	handles []*store.Store
	ask     asking
	seed    uint64
	moment  atomic.Int64
}

func newCrowd(t *testing.T, ask asking) *crowd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crowd.db")
	first, err := store.Create(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{handles: []*store.Store{first}, ask: ask}
	for len(c.handles) < writers {
		s, err := store.Open(t.Context(), path, options())
		if err != nil {
			t.Fatal(err)
		}
		c.handles = append(c.handles, s)
	}
	t.Cleanup(func() {
		for _, s := range c.handles {
			s.Close()
		}
	})
	return c
}

// play lets everybody write at once, to records of their own history, and returns what happened.
func (c *crowd) play(t *testing.T) []porcupine.Operation {
	t.Helper()
	c.seed++
	var all []*writer
	for i := range writers {
		all = append(all, &writer{crowd: c, number: i, r: rand.New(rand.NewPCG(c.seed, uint64(i))), seen: map[merge.Key]answer{}})
	}
	for range rounds {
		var round sync.WaitGroup
		for _, w := range all {
			round.Go(func() { w.work(t.Context()) })
		}
		round.Wait()
	}
	var history []porcupine.Operation
	for _, w := range all {
		if w.failed != nil {
			t.Fatalf("history %d: %v", c.seed, w.failed)
		}
		history = append(history, w.done...)
	}
	return history
}

// writer is one of the crowd.
type writer struct {
	*crowd
	number int
	r      *rand.Rand
	seen   map[merge.Key]answer // the last version of each record
	done   []porcupine.Operation
	failed error
}

// work does what is done in one round.
func (w *writer) work(ctx context.Context) {
	for range operationsEach {
		a := w.choose()
		o := porcupine.Operation{ClientId: w.number, Input: a, Call: w.moment.Add(1)}
		// Now and then somebody gives up waiting, and now and then an answer is lost.
		patience, lost := time.Hour, w.r.IntN(20) == 0
		if w.r.IntN(20) == 0 {
			patience = time.Duration(w.r.IntN(2000)) * time.Microsecond
		}
		asking, cancel := context.WithTimeout(ctx, patience)
		got, err := w.ask(asking, w.handles[w.number], a)
		cancel()
		o.Return = w.moment.Add(1)
		switch {
		case errors.Is(err, store.ErrUnknown), errors.Is(err, store.ErrBusy), errors.Is(err, context.DeadlineExceeded), err == nil && lost:
			got, o.Return = answer{unknown: true}, math.MaxInt64
		case err != nil:
			w.failed = errors.Join(w.failed, fmt.Errorf("%+v: %w", a, err))
			return
		case got.version > 0 && a.verb != "push":
			w.seen[a.record] = got
		}
		o.Output = got
		w.done = append(w.done, o)
	}
}

// choose makes up something to do, on what was seen last of a record, which may be old.
func (w *writer) choose() act {
	record := merge.Key{Collection: "deal", ID: fmt.Sprintf("%d-%d", w.seed, w.r.IntN(recordsOfHistory))}
	last := w.seen[record]
	a := act{verb: "read", record: record}
	if w.r.IntN(3) == 0 {
		return a
	}
	a.version, a.fields = last.version, w.edited(last.fields)
	if a.verb = "write"; w.r.IntN(5) < 2 {
		a.verb, a.key = "push", fmt.Sprintf("%d-%d-%d", w.seed, w.number, len(w.done))
	}
	return a
}

// edited is a document with one or two of its fields changed, or none: a deletion. Values come again at times.
func (w *writer) edited(fields string) string {
	if fields != "" && w.r.IntN(8) == 0 {
		return ""
	}
	d := document(fields)
	if d == nil {
		d = merge.Document(`{}`)
	}
	for range 1 + w.r.IntN(2) {
		value := merge.Value(fmt.Sprint(w.number*100 + w.r.IntN(50)))
		if w.r.IntN(4) == 0 {
			value = merge.Value(fmt.Sprint(w.r.IntN(2)))
		}
		var err error
		if d, err = merge.With(d, "/f"+fmt.Sprint(w.r.IntN(3)), value); err != nil {
			panic(err)
		}
	}
	return string(d)
}

// checkTime is how long the checker looks for an order. It takes milliseconds as a rule.
const checkTime = time.Minute

func TestARecordIsLinearizable(t *testing.T) {
	c := newCrowd(t, asked)
	for range histories(4) {
		all := c.play(t)
		switch porcupine.CheckOperationsTimeout(sequential, all, checkTime) {
		case porcupine.Illegal:
			t.Fatalf("history %d has no order:\n%s", c.seed, told(all))
		case porcupine.Unknown:
			t.Fatalf("no order was found for history %d in %v:\n%s", c.seed, checkTime, told(all))
		}
		// What nobody knows the answer of fits every order.
		unknown := 0
		for _, o := range all {
			if o.Output.(answer).unknown {
				unknown++
			}
		}
		if len(all) != writers*rounds*operationsEach || unknown > len(all)/3 {
			t.Fatalf("of %d operations in history %d, %d have no answer", len(all), c.seed, unknown)
		}
	}
}

// TestACarelessWriterIsFound shows that the checker sees something: who looks at the version first and writes then, with
// nothing to hold the record in between, loses somebody else's edit.
func TestACarelessWriterIsFound(t *testing.T) {
	alone(t)
	found, played := 0, histories(4)
	c := newCrowd(t, careless)
	for range played {
		if porcupine.CheckOperationsTimeout(sequential, c.play(t), checkTime) == porcupine.Illegal {
			found++
		}
	}
	if found < (played+1)/2 {
		t.Errorf("%d of %d histories with lost edits were found", found, played)
	}
}

// careless does an act, but for a write to a record that is there, by two transactions.
func careless(ctx context.Context, s *store.Store, a act) (answer, error) {
	if a.verb != "write" || a.version == 0 || a.fields == "" {
		return asked(ctx, s, a)
	}
	now, err := s.Get(ctx, a.record)
	if err != nil || now.Version != a.version {
		return answered(now, errors.Join(err, merge.ErrStale))
	}
	if err := s.Overwrite(ctx, a.record, a.version+1, document(a.fields)); err != nil {
		return answer{}, err
	}
	return answer{version: a.version + 1, fields: a.fields}, nil
}

// told is a history as text.
func told(all []porcupine.Operation) string {
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var out strings.Builder
	for _, o := range all {
		fmt.Fprintf(&out, "%d: %d to %d: %+v: %+v\n", o.ClientId, o.Call, o.Return, o.Input, o.Output)
	}
	return out.String()
}
