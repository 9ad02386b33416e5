package merge

import "time"

// Verb says what an operation does.
type Verb uint8

const (
	SetField       Verb = iota // a field gets a value
	UnsetField                 // a field goes
	IncrementField             // a number grows by Value, which may be negative
	AddElement                 // a set gains Value
	RemoveElement              // a set loses Value
	CreateRecord               // the record begins as Value
	DeleteRecord               // the record goes
)

var verbNames = names{"set", "unset", "increment", "add", "remove", "create", "delete"}

// String returns the word that change lines use.
func (v Verb) String() string { return verbNames.of(uint8(v)) }

// MarshalText makes the verb its word in JSON.
func (v Verb) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word back.
func (v *Verb) UnmarshalText(text []byte) error {
	return unmarshalName(verbNames, "operation", text, (*uint8)(v))
}

// Operation is one step of a change.
type Operation struct {
	ID    string    `json:"id,omitempty"`
	Verb  Verb      `json:"op"`
	Path  string    `json:"path,omitempty"`
	Value Value     `json:"value,omitzero"`
	Was   Value     `json:"was,omitzero"` // what set and unset saw before they changed it
	At    time.Time `json:"at,omitzero"`
}
