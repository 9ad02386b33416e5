package merge

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome says what the merge made of one field.
type Outcome uint8

const (
	Unchanged     Outcome = iota // nobody touched it
	Local                        // only the local side changed it
	Server                       // only the server side changed it
	Agreed                       // both made the same change
	Combined                     // both changed it, and the field's policy joined them
	FieldConflict                // both changed it, differently: a person decides
)

var outcomeNames = names{"unchanged", "local", "server", "agreed", "combined", "conflict"}

// String returns the word that screens, SQL and JSON use.
func (o Outcome) String() string { return outcomeNames.of(uint8(o)) }

// MarshalText makes the outcome its word in JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the word back.
func (o *Outcome) UnmarshalText(text []byte) error {
	return unmarshalName(outcomeNames, "outcome", text, (*uint8)(o))
}

// RecordOutcome says what the merge made of a whole record.
type RecordOutcome uint8

const (
	Undetermined   RecordOutcome = iota // no merge was run
	Converged                           // local and server are the same: nothing to write
	FastForward                         // local is still base: take the server
	KeepLocal                           // the server is still base: take local
	Merged                              // both changed, and everything could be joined
	RecordConflict                      // a field, or the record itself, needs a person
)

var recordOutcomeNames = names{"", "converged", "fast-forward", "keep-local", "merged", "conflict"}

// String returns the word that screens, SQL and JSON use.
func (o RecordOutcome) String() string { return recordOutcomeNames.of(uint8(o)) }

// MarshalText makes the outcome its word in JSON.
func (o RecordOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the word back.
func (o *RecordOutcome) UnmarshalText(text []byte) error {
	return unmarshalName(recordOutcomeNames, "record outcome", text, (*uint8)(o))
}

// Kind says why a field, or a record, needs a person.
type Kind uint8

const (
	NoKind       Kind = iota
	EditEdit          // both sides changed it
	EditDelete        // local edited the record, the server deleted it
	DeleteEdit        // local deleted the record, the server edited it
	CreateCreate      // both sides created it
	TypeChange        // the sides hold different JSON types
	GroupKind         // a member of a group that both sides touched
	RuleKind          // the joined record breaks a rule of its schema
	NoBase            // the base is lost: two-way, nothing is joined by machine
)

var kindNames = names{"", "edit-edit", "edit-delete", "delete-edit", "create-create", "type", "group", "rule", "no-base"}

// String returns the word that screens, SQL and JSON use; empty for NoKind.
func (k Kind) String() string { return kindNames.of(uint8(k)) }

// MarshalText makes the kind its word in JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word back.
func (k *Kind) UnmarshalText(text []byte) error {
	return unmarshalName(kindNames, "kind", text, (*uint8)(k))
}

// ParseKind reads the word of a kind, as the filter language has it.
func ParseKind(word string) (Kind, error) {
	var k Kind
	err := k.UnmarshalText([]byte(word))
	return k, err
}

// names are the words of a closed set, by value.
type names []string

func (n names) of(v uint8) string {
	if int(v) < len(n) {
		return n[v]
	}
	return fmt.Sprintf("invalid(%d)", v)
}

func unmarshalName(set names, what string, text []byte, into *uint8) error {
	for i, name := range set {
		if name == string(text) {
			*into = uint8(i)
			return nil
		}
	}
	words := slices.DeleteFunc(slices.Clone(set), func(name string) bool { return name == "" })
	return fmt.Errorf("%s %q is none of %s", what, text, strings.Join(words, ", "))
}
