package merge

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLastWriteTakesOneSideWhole: whatever changed, the result is one of the sides, the later one where both changed;
// all that the other had changed is listed as not kept.
func TestLastWriteTakesOneSideWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySides(t, anyRules(t))
		localAt := time.Unix(rapid.Int64Range(0, 3).Draw(t, "local at"), 0)
		serverAt := time.Unix(rapid.Int64Range(0, 3).Draw(t, "server at"), 0)
		r := LastWrite(s, localAt, serverAt)
		if r.Outcome == RecordConflict || len(r.Conflicts()) > 0 {
			t.Fatalf("asked: %s", text(r))
		}
		if r.Outcome != Merged {
			plain := Record(s, nil)
			if r.Outcome != plain.Outcome || !r.Document.Equal(plain.Document) || r.Dropped {
				t.Fatalf("one side did nothing, and it is %s, not %s", text(r), text(plain))
			}
			return
		}
		winner, loser, name := s.Server, s.Local, "local"
		if localAt.After(serverAt) {
			winner, loser, name = s.Local, s.Server, "server"
		}
		if string(r.Document) != string(winner) || (r.Document == nil) != (winner == nil) || r.Dropped != (name == "local") {
			t.Fatalf("local at %v, server at %v: %s, dropped %v", localAt, serverAt, r.Document, r.Dropped)
		}
		lost := r.NotKept(r.Document)
		for _, l := range lost {
			if l.Side != name {
				t.Fatalf("the winner's %q is listed as lost", l.Path)
			}
		}
		if !loser.Equal(s.Base) && !s.BaseLost && len(lost) == 0 {
			if kept := Record(Sides{Base: s.Base, Local: loser, Server: winner}, nil); len(kept.NotKept(winner)) > 0 {
				t.Fatalf("base %s: %s lost to %s, and nobody told", s.Base, loser, winner)
			}
		}
	})
}

// randomLog draws operations, done one after the other on base, and the local document they lead to.
func randomLog(t *rapid.T, base Document, rules *Rules) ([]Operation, Document) {
	var log []Operation
	local := base
	for i := range rapid.IntRange(0, 5).Draw(t, "operations") {
		op := randomOperation(t, local, rules)
		after, err := perform(local, &op, rules)
		if err != nil || after == nil {
			continue
		}
		op.ID = fmt.Sprintf("op-%d", i)
		log, local = append(log, op), after
	}
	return log, local
}

func randomOperation(t *rapid.T, d Document, rules *Rules) Operation {
	names := []string{"/a", "/b", "/a~1b", "/id", "/a/b", "/a/id"}
	op := Operation{Path: rapid.SampledFrom(names).Draw(t, "path"), Verb: Verb(rapid.IntRange(0, 4).Draw(t, "verb"))}
	op.Was = rules.Lookup(d, op.Path)
	switch op.Verb {
	case SetField:
		op.Value = rapid.SampledFrom([]Value{"1", "2", `"x"`, `{"b":1}`, `[1,2]`, Null}).Draw(t, "value")
	case IncrementField:
		op.Value, op.Was = rapid.SampledFrom([]Value{"1", "-2.5"}).Draw(t, "amount"), Absent
	case AddElement, RemoveElement:
		op.Value, op.Was = rapid.SampledFrom([]Value{"1", "2", `"x"`}).Draw(t, "element"), Absent
	}
	return op
}

// plainRecord is a record with the fields of randomOperation, each of a type that most operations fit.
func plainRecord(t *rapid.T) Document {
	d := Document(`{"a":{"b":1},"a/b":[1,2],"b":3,"id":"x"}`)
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		if op := randomOperation(t, d, nil); op.Verb != UnsetField || rapid.Bool().Draw(t, "unset") {
			if after, err := perform(d, &op, nil); err == nil && after != nil {
				d = after
			}
		}
	}
	return d
}

// TestReplayOfAnyLog: duplicates change nothing, a log that was cut comes to what it comes to at once, one that meets
// the record it was made on is local, and nothing the server did is passed over.
func TestReplayOfAnyLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, server := plainRecord(t), plainRecord(t)
		log, local := randomLog(t, base, nil)
		s := Sides{Base: base, Local: local, Server: server}
		once := Replay(s, log, never, nil)
		if err := errors.Join(lawOfReplay(once), lawOfDeciding(once)); err != nil {
			t.Fatalf("base %s local %s server %s log %+v: %v", base, local, server, log, err)
		}
		if r := Replay(Sides{Base: base, Local: local, Server: base}, log, never, nil); !r.Document.Equal(local) {
			t.Fatalf("on its own base %s, the log %+v came to %v %s, not %s", base, log, r.Outcome, r.Document, local)
		}
		cut := rapid.IntRange(0, len(log)).Draw(t, "cut")
		again := slices.Concat(log[:cut], log[:cut], log, log[cut:])
		if r := Replay(s, again, never, nil); text(r) != text(once) {
			t.Fatalf("with duplicates %s\nonce %s", text(r), text(once))
		}
		half := base
		for i := range log[:cut] {
			half, _ = perform(half, &log[i], nil)
		}
		first := Replay(Sides{Base: base, Local: half, Server: server}, log[:cut], never, nil)
		if first.Outcome == RecordConflict || once.Outcome == RecordConflict {
			return
		}
		done := func(id string) bool {
			return slices.ContainsFunc(log[:cut], func(op Operation) bool { return op.ID == id })
		}
		r := Replay(Sides{Base: base, Local: local, Server: first.Document}, log, done, nil)
		if r.Outcome != RecordConflict && !r.Document.Equal(once.Document) {
			t.Fatalf("base %s server %s log %+v\ncut at %d and resumed %s\nat once %s", base, server, log, cut, text(r), text(once))
		}
	})
}

// lawOfReplay is lawOfShape and lawOfWriting for a strategy that is not Record.
func lawOfReplay(r Result) error {
	if !slices.IsSortedFunc(r.Fields, byPath) || (r.Outcome == RecordConflict) != (len(r.Conflicts()) > 0) {
		return fmt.Errorf("it is %s", text(r))
	}
	if r.Outcome == RecordConflict || r.Document == nil {
		return nil
	}
	if d, err := Canonical(r.Document); err != nil || string(d) != string(r.Document) {
		return fmt.Errorf("the result %s is not canonical: %v", r.Document, err)
	}
	return nil
}

// TestReplayWithoutOperationsIsTheMergeByFields under any rules.
func TestReplayWithoutOperationsIsTheMergeByFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := anyRules(t)
		s := anySides(t, rules)
		want, got := Record(s, rules), Replay(s, nil, never, rules)
		if got.Outcome != want.Outcome || !reflect.DeepEqual(got.Fields, want.Fields) || got.Dropped != want.Dropped {
			t.Fatalf("got  %s\nwant %s", text(got), text(want))
		}
		if root := rules.Root; normal(got.Document, root) != normal(want.Document, root) {
			t.Fatalf("got %s, want %s", got.Document, want.Document)
		}
	})
}

// TestDraftsComeBack: undoing every step of a draft leads to no decision and redoing all to the same ones; a draft
// brought to the same merge keeps all of them, to another one those that stand there.
func TestDraftsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := anyRules(t)
		s := anySides(t, rules)
		r := Record(s, rules)
		d := Draft{Conflict: 1}
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			set := Decisions{}
			for _, f := range r.Fields {
				choice := Choice(rapid.IntRange(0, 6).Draw(t, f.Path))
				if decision, ok := f.Choose(choice, "{}"); ok || choice == Undecided {
					set[f.Path] = decision
				}
			}
			d.Decide("step", set)
		}
		full := d.Decisions
		steps := len(d.Done)
		for {
			if _, ok := d.Undo(); !ok {
				break
			}
		}
		if len(d.Decisions) > 0 || len(d.Undone) != steps {
			t.Fatalf("all undone, and %v is left", d.Decisions)
		}
		for {
			if _, ok := d.Redo(); !ok {
				break
			}
		}
		if len(full)+len(d.Decisions) > 0 && !reflect.DeepEqual(d.Decisions, full) {
			t.Fatalf("redone, it is %v, not %v", d.Decisions, full)
		}
		d.Rebase(r, 2, 2)
		if len(d.Moved) > 0 || len(d.Decisions) != len(full) {
			t.Fatalf("on the same merge %q moved", d.Moved)
		}
		s.Server = edited(t, s.Server, rules)
		again := Record(s, rules)
		d.Rebase(again, 3, 3)
		for path, decision := range d.Decisions {
			now := Seen{Base: rules.Lookup(s.Base, path), Local: rules.Lookup(s.Local, path), Server: rules.Lookup(s.Server, path), Rule: decision.Saw.Rule}
			if !now.equal(decision.Saw) {
				t.Fatalf("%q was kept, and the sides there are others: %+v, %+v", path, now, decision.Saw)
			}
		}
		if len(d.Decisions)+len(d.Moved) != len(full) {
			t.Fatalf("of %d decisions %d are kept and %q moved", len(full), len(d.Decisions), d.Moved)
		}
	})
}

// TestLayoutOfAnyMerge: laid out like local's file, a clean merge means its document, and one in conflict is no JSON.
func TestLayoutOfAnyMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := anyRules(t)
		s := anySides(t, rules)
		r := Record(s, rules)
		file := Layout([]byte("{\n  \"q\": 1\n}\n"), s.Local, nil, nil)
		if s.Local == nil {
			file = nil
		}
		out := r.Layout(file)
		got, err := Canonical(out)
		if r.Outcome == RecordConflict {
			if err == nil {
				t.Fatalf("a conflict passes for finished: %s", out)
			}
			return
		}
		if r.Document != nil && (err != nil || !got.Equal(r.Document)) {
			t.Fatalf("%s laid out like %s is %s, %v", r.Document, file, out, err)
		}
	})
}
