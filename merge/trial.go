package merge

// Trial is what a schema that is not set yet would have done with what people decided, and would do with what waits.
type Trial struct {
	Agrees  int64   `json:"agrees"`  // decisions that it would have come to as well
	Differs []Other `json:"differs"` // those that it would have made otherwise, the newest of them first
	// Different counts them all, where not all are listed.
	Different int64 `json:"different"`
	Asks      int64 `json:"asks"`    // decisions that it would leave to a person still
	Waiting   int64 `json:"waiting"` // conflicts in the queue
	Settles   int64 `json:"settles"` // of them it would close
	Eases     int64 `json:"eases"`   // and of the others leave fewer fields to decide
}

// Other is a person's decision that a schema would have made otherwise.
type Other struct {
	Conflict int64  `json:"conflict"`
	Record   Key    `json:"record"`
	Path     string `json:"path"`
	By       string `json:"by,omitempty"`
	Choice   Choice `json:"choice"`
	Value    Value  `json:"value,omitzero"` // what the person wrote; absent: the field went
	Rule     Value  `json:"rule,omitzero"`  // what the schema would have written
}

// MaxDiffers is how many decisions a trial lists.
const MaxDiffers = 100

// Try counts a person's decisions on a conflict into the trial; r is its merge under the schema that is tried.
func (t *Trial) Try(r Result, decisions Decisions, told Other) {
	for path, d := range decisions {
		if d.Choice == Undecided || d.Choice == KeepBoth {
			continue
		}
		value, asks := r.wouldBe(path)
		switch {
		case asks:
			t.Asks++
		case Equal(value, d.Value):
			t.Agrees++
		default:
			if t.Different++; len(t.Differs) < MaxDiffers {
				told.Path, told.Choice, told.Value, told.Rule = path, d.Choice, d.Value, value
				t.Differs = append(t.Differs, told)
			}
		}
	}
}

// wouldBe is what the merge makes of a field by itself, or that it asks.
func (r Result) wouldBe(path string) (v Value, asks bool) {
	if f, listed := r.Field(path); listed {
		return f.Result, f.Outcome == FieldConflict
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Outcome == FieldConflict && (below(path, f.Path) || below(f.Path, path)) {
			return Absent, true
		}
	}
	return r.rules.Lookup(r.joined, path), false
}

// Moment is one version of a record, as a screen tells of it.
type Moment struct {
	Version int64
	Cause   string // write, merge, resolution, undo, adopt, import
	Stamp   Stamp
	Fields  Document // nil: deleted
	Changed []string // since the version before, sorted
	NotKept []LostValue
	Note    string // that a person wrote with the resolution
}
