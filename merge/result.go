package merge

import (
	"bytes"
	"encoding/json"
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

func (f Field) conflictReason() string {
	switch f.Kind {
	case EditDelete:
		return "local changed the record, the server deleted it"
	case DeleteEdit:
		return "local deleted the record, the server changed it"
	case CreateCreate:
		return "both sides created it, differently"
	case TypeChange:
		return "the sides hold a " + f.Local.Type().String() + " and a " + f.Server.Type().String()
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
