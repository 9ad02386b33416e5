package linear

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"dovetail/merge"
	"dovetail/store"
)

// Act is what somebody asks of a record.
type Act struct {
	Verb    string // read, write, push, or put: a write over HTTP
	Record  merge.Key
	Version int64  // that it is made on; a put on 0 is made where there is no record, be it that it was deleted
	Fields  string // canonical; empty: deleted
	Key     string // of the change that is pushed, or of the request
}

// Answer is what came of it.
type Answer struct {
	Unknown bool   // it may have been done or not
	Outcome string // empty: found, or written; else stale, none, or what the push was answered
	Version int64
	Fields  string
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
			key := o.Input.(Act).Record
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
		r, a := state.(*register), output.(Answer)
		after, want := r.do(input.(Act))
		switch {
		case a.Unknown && after != r:
			return []any{r, after}
		case a.Unknown:
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
func (r *register) do(a Act) (*register, Answer) {
	switch {
	case a.Verb == "read" && r.version == 0:
		return r, Answer{Outcome: "none"}
	case a.Verb == "read":
		return r, Answer{Version: r.version, Fields: r.fields}
	case a.Verb == "push":
		return r.push(a)
	case a.Verb == "put" && a.Version == 0 && r.fields == "":
		after := r.next(a.Fields)
		return after, Answer{Version: after.version, Fields: after.fields}
	case a.Version != r.version || a.Verb == "put" && r.fields == "":
		return r, Answer{Outcome: "stale"}
	case a.Fields == r.fields && r.version == 0:
		return r, Answer{Outcome: "none"}
	case a.Fields == r.fields:
		return r, Answer{Version: r.version, Fields: r.fields}
	}
	after := r.next(a.Fields)
	return after, Answer{Version: after.version, Fields: after.fields}
}

// push merges a change, as a hub without rules does.
func (r *register) push(a Act) (*register, Answer) {
	base := r.at(a.Version)
	if base == nil { // a version that is not there yet
		return r, Answer{Outcome: "too early"}
	}
	sides := merge.Sides{Base: Document(base.fields), Local: Document(a.Fields), Server: Document(r.fields)}
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
	return r, Answer{Outcome: string(outcome), Version: r.version}
}

// Document is what fields are; nil where they are empty.
func Document(fields string) merge.Document {
	if fields == "" {
		return nil
	}
	return merge.Document(fields)
}

// Line is the change line of a push.
func Line(a Act) []byte {
	local := a.Fields
	if local == "" {
		local = "null"
	}
	return fmt.Appendf(nil, `{"key":"%s","record":"%s","base_version":%d,"local":%s}`, a.Key, a.Record, a.Version, local)
}
