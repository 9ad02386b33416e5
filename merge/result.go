package merge

import (
	"bytes"
	"encoding/json"
	"time"
)

// Sides are the three documents that a merge compares. A nil document is a record that is absent or deleted there.
type Sides struct {
	Base   Document `json:"base"`
	Local  Document `json:"local"`
	Server Document `json:"server"`
	// BaseLost says that nobody knows what the change was made on: Base is nil and means nothing.
	BaseLost bool `json:"base_lost,omitempty"`
	// Recreated says that a tombstone lies between base and the server's head, so that Server is another record of
	// the same name.
	Recreated bool `json:"recreated,omitempty"`
	// Apart are the paths of fields, "" for the record as a whole, that two people have decided apart from each other.
	// Where the sides differ there, be it that one of them is still base, a person is asked again: nobody's decision is
	// put over another one's by a machine.
	Apart []string `json:"apart,omitempty"`
	// Edits tell when each field was edited, for the policy Latest alone. nil: nobody knows.
	Edits *Edits `json:"-"`
}

// Edits are the times of the last edit of each field on each side, by path. An edit of an object is one of all that is
// below it, and the other way round.
type Edits struct {
	Local, Server map[string]time.Time
}

func (e *Edits) local(path string) (time.Time, bool) {
	if e == nil {
		return time.Time{}, false
	}
	return lastEdit(e.Local, path)
}

func (e *Edits) server(path string) (time.Time, bool) {
	if e == nil {
		return time.Time{}, false
	}
	return lastEdit(e.Server, path)
}

func lastEdit(edits map[string]time.Time, path string) (last time.Time, known bool) {
	for p, at := range edits {
		if p == path || below(p, path) || below(path, p) {
			if !known || at.After(last) {
				last, known = at, true
			}
		}
	}
	return last, known
}

// DecidedApart is the rule of a field that is in conflict because of [Sides.Apart].
const DecidedApart = "decided-apart"

// apart reports whether two people decided on a field, on what it stands in or on something in it.
func (s *Sides) apart(path string) bool {
	for _, p := range s.Apart {
		if p == path || below(p, path) || below(path, p) {
			return true
		}
	}
	return false
}

// apartAbove is apart without what stands in the field.
func (s *Sides) apartAbove(path string) bool {
	for _, p := range s.Apart {
		if p == path || below(path, p) {
			return true
		}
	}
	return false
}

// Hunk is a part of a text or list in conflict: joined, or in dispute.
type Hunk struct {
	Joined              Value // absent where the hunk is in dispute
	Base, Local, Server Value
}

// MarshalJSON writes what is joined as a bare value, and what is in dispute as an object of the three sides.
func (h Hunk) MarshalJSON() ([]byte, error) {
	if h.Joined != Absent {
		return []byte(h.Joined), nil
	}
	return []byte(`{"base":` + h.Base + `,"local":` + h.Local + `,"server":` + h.Server + `}`), nil
}

// Field is what a merge says of one leaf.
type Field struct {
	Path    string  `json:"path"` // JSON Pointer; "" is the record as a whole
	Outcome Outcome `json:"outcome"`
	Kind    Kind    `json:"kind,omitzero"` // of a conflict
	Base    Value   `json:"base,omitzero"`
	Local   Value   `json:"local,omitzero"`
	Server  Value   `json:"server,omitzero"`
	Result  Value   `json:"result,omitzero"` // absent too where the outcome is that the field goes
	Rule    string  `json:"rule,omitempty"`  // the policy that joined the edits, or the schema's rule that is broken
	Group   string  `json:"group,omitempty"`
	Hunks   []Hunk  `json:"hunks,omitempty"` // of a text or list in conflict, in order
	// Proposal is what `combined` would write: a ready suggestion for a conflict that a machine must not settle.
	Proposal Value `json:"proposal,omitzero"`
}

// Result is what a merge makes of a record.
type Result struct {
	Outcome  RecordOutcome
	Kind     Kind     // of the conflict, over all its fields
	Document Document // what to write: nil is a deletion. Without meaning where Outcome is RecordConflict
	Fields   []Field  // every leaf that is not unchanged, sorted by path
	// Dropped says that a policy or strategy left out a value that the local side had set.
	Dropped bool

	sides Sides
	rules *Rules
	// joined is the document with everything in it that is joined, and the server's value in each conflict.
	joined Document
}

// Sides returns the three documents the result was made from.
func (r Result) Sides() Sides { return r.sides }

// Conflicts returns the paths that need a person, sorted.
func (r Result) Conflicts() []string {
	var paths []string
	for i := range r.Fields {
		if r.Fields[i].Outcome == FieldConflict {
			paths = append(paths, r.Fields[i].Path)
		}
	}
	return paths
}

// Field returns the leaf at path, if the merge lists it.
func (r Result) Field(path string) (Field, bool) {
	for i := range r.Fields {
		if r.Fields[i].Path == path {
			return r.Fields[i], true
		}
	}
	return Field{}, false
}

// MarshalJSON writes the shape that `merge --json` prints: the result only where there is one, null for a deletion.
func (r Result) MarshalJSON() ([]byte, error) {
	shape := struct {
		Outcome RecordOutcome `json:"outcome"`
		Kind    Kind          `json:"kind,omitzero"`
		Result  *Document     `json:"result,omitempty"`
		Fields  []Field       `json:"fields"`
	}{Outcome: r.Outcome, Kind: r.Kind, Fields: r.Fields}
	if r.Outcome != RecordConflict {
		shape.Result = &r.Document
	}
	if shape.Fields == nil {
		shape.Fields = []Field{}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // values keep their text
	err := encoder.Encode(shape)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Reason says in plain words why the field came out as it did.
func (f Field) Reason() string {
	switch {
	case f.Outcome == FieldConflict:
		return f.conflictReason()
	case f.Rule == LastWriteWins.String():
		return "the " + f.Outcome.String() + " record was written last"
	}
	switch f.Outcome {
	case Local:
		return "only local changed it"
	case Server:
		return "only the server changed it"
	case Agreed:
		return "both sides made the same change"
	case Combined:
		return "both sides changed it; the policy " + f.Rule + " joined them"
	}
	return "no side changed it"
}

// aType is a type as a sentence names it.
func aType(t Type) string {
	switch t {
	case NullType:
		return t.String()
	case ArrayType, ObjectType:
		return "an " + t.String()
	}
	return "a " + t.String()
}

func (f Field) conflictReason() string {
	if f.Rule == DecidedApart {
		return "two people decided on it apart from each other"
	}
	switch f.Kind {
	case EditDelete:
		return "local changed the record, the server deleted it"
	case DeleteEdit:
		return "local deleted the record, the server changed it"
	case CreateCreate:
		return "both sides created it, differently"
	case TypeChange:
		return "the sides hold " + aType(f.Local.Type()) + " and " + aType(f.Server.Type())
	case GroupKind:
		return "both sides changed the group " + f.Group
	case RuleKind:
		return "the joined record breaks the rule " + f.Rule
	case NoBase:
		return "the base is not known and the sides differ"
	}
	if f.Rule == Immutable.String() {
		return "it may not change after it was created"
	}
	return "both sides changed it, differently"
}
