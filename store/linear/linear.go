// Package linear is for tests: it looks whether what many ask of a few records at once could have come one after the other.
//
// [Play] has everybody ask at the same time, and [Check] looks for the order.
package linear

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"dovetail/merge"
)

const (
	writers          = 8
	rounds           = 5 // in which all begin at once: who has the file keeps it for long, as a rule
	operationsEach   = 5 // in a round
	recordsOfHistory = 2
)

// Asking has a writer, from 0 to 7, ask for an act. What nobody knows the answer of is an [Answer] that says so.
type Asking func(ctx context.Context, writer int, a Act) (Answer, error)

// Writers is how many ask at once.
const Writers = writers

// Play lets everybody ask at once, of records of a history's own, and returns what happened. Those verbs are asked for, but
// for reading, which is always.
func Play(t *testing.T, history uint64, verbs []string, ask Asking) []porcupine.Operation {
	t.Helper()
	var moment atomic.Int64
	var all []*writer
	for i := range writers {
		all = append(all, &writer{ask: ask, moment: &moment, history: history, verbs: verbs, number: i,
			r: rand.New(rand.NewPCG(history, uint64(i))), seen: map[merge.Key]Answer{}})
	}
	for range rounds {
		var round sync.WaitGroup
		for _, w := range all {
			round.Go(func() { w.work(t.Context()) })
		}
		round.Wait()
	}
	var done []porcupine.Operation
	for _, w := range all {
		if w.failed != nil {
			t.Fatalf("history %d: %v", history, w.failed)
		}
		done = append(done, w.done...)
	}
	return done
}

// writer is one of those who ask.
type writer struct {
	ask     Asking
	moment  *atomic.Int64
	history uint64
	verbs   []string
	number  int
	r       *rand.Rand
	seen    map[merge.Key]Answer // the last version of each record
	done    []porcupine.Operation
	failed  error
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
		got, err := w.ask(asking, w.number, a)
		cancel()
		o.Return = w.moment.Add(1)
		switch {
		case errors.Is(err, context.DeadlineExceeded), err == nil && (lost || got.Unknown):
			got, o.Return = Answer{Unknown: true}, math.MaxInt64
		case err != nil:
			w.failed = errors.Join(w.failed, fmt.Errorf("%+v: %w", a, err))
			return
		case got.Version > 0 && a.Verb != "push":
			w.seen[a.Record] = got
		}
		o.Output = got
		w.done = append(w.done, o)
	}
}

// choose makes up something to do, on what was seen last of a record, which may be old.
func (w *writer) choose() Act {
	record := merge.Key{Collection: "deal", ID: fmt.Sprintf("%d-%d", w.history, w.r.IntN(recordsOfHistory))}
	last := w.seen[record]
	a := Act{Verb: "read", Record: record}
	if w.r.IntN(3) == 0 {
		return a
	}
	a.Version, a.Fields = last.Version, w.edited(last.Fields)
	if a.Verb = w.verbs[0]; w.r.IntN(5) < 2 {
		a.Verb = w.verbs[len(w.verbs)-1]
	}
	if a.Verb == "put" && last.Fields == "" {
		a.Version = 0
	}
	a.Key = fmt.Sprintf("%d-%d-%d", w.history, w.number, len(w.done))
	return a
}

// edited is a document with one or two of its fields changed, or none: a deletion. Values come again at times.
func (w *writer) edited(fields string) string {
	if fields != "" && w.r.IntN(8) == 0 {
		return ""
	}
	d := Document(fields)
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

// Check fails where a history has no order, or too little is known of it to tell.
func Check(t *testing.T, history uint64, all []porcupine.Operation) {
	t.Helper()
	switch porcupine.CheckOperationsTimeout(sequential, all, checkTime) {
	case porcupine.Illegal:
		t.Fatalf("history %d has no order:\n%s", history, told(all))
	case porcupine.Unknown:
		t.Fatalf("no order was found for history %d in %v:\n%s", history, checkTime, told(all))
	}
	// What nobody knows the answer of fits every order.
	unknown := 0
	for _, o := range all {
		if o.Output.(Answer).Unknown {
			unknown++
		}
	}
	if len(all) != writers*rounds*operationsEach || unknown > len(all)/3 {
		t.Fatalf("of %d operations in history %d, %d have no answer", len(all), history, unknown)
	}
}

// Disordered reports whether a history has no order.
func Disordered(all []porcupine.Operation) bool {
	return porcupine.CheckOperationsTimeout(sequential, all, checkTime) == porcupine.Illegal
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
