package merge

// Policy says how two edits of the same field are joined.
type Policy uint8

const (
	Inherit      Policy = iota // no policy of its own: the nearest one above it, in the end Ask
	Ask                        // never joined: a person decides
	PreferLocal                // the local side wins
	PreferServer               // the server side wins
	Latest                     // the later edit wins
	Max                        // the larger number, or the later instant
	Min                        // the smaller number, or the earlier instant
	Counter                    // server + (local - base), in exact decimals
	Set                        // an array as a set
	List                       // an array as a sequence
	Keyed                      // an array of objects, matched by a key
	Text                       // a string by lines, then words
	FieldsOf                   // an object, key by key, also where both sides created it
	Ignore                     // not compared; the server's value stays
	Immutable                  // any change after creation is a conflict
)

var policyNames = names{"", "ask", "local", "server", "latest", "max", "min", "counter", "set", "list", "keyed",
	"text", "fields", "ignore", "immutable"}

// String returns the word that schemas use.
func (p Policy) String() string { return policyNames.of(uint8(p)) }

// MarshalText makes the policy its word in JSON.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the word back.
func (p *Policy) UnmarshalText(text []byte) error {
	return unmarshalName(policyNames, "policy", text, (*uint8)(p))
}

// Strategy says how a whole change is joined to a record that moved. It is the hub's choice, for each collection.
type Strategy uint8

const (
	FieldMerge    Strategy = iota // field by field, as [Rules] say
	LastWriteWins                 // the later of the two whole records; the other is kept aside and listed
	OpReplay                      // each operation of the change, on the record as it is now
)

var strategyNames = names{"field-merge", "last-write-wins", "op-replay"}

// String returns the word that commands and SQL use.
func (s Strategy) String() string { return strategyNames.of(uint8(s)) }

// MarshalText makes the strategy its word in JSON.
func (s Strategy) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word back.
func (s *Strategy) UnmarshalText(text []byte) error {
	return unmarshalName(strategyNames, "strategy", text, (*uint8)(s))
}

// Rules say how the records of one collection merge. A nil *Rules asks about every field.
type Rules struct {
	Root     *Rule    // the record itself; its Properties are the fields
	Delete   Policy   // what delete against edit becomes: PreferLocal or PreferServer, else a person decides
	Strategy Strategy // how a change on an old base is joined
	Check    Checker  // what a document must keep to; nil: nothing
}

// Under are the rules with a strategy in the place of their own; where there are none, nil for [FieldMerge].
func (r *Rules) Under(s Strategy) *Rules {
	var under Rules
	switch {
	case r != nil:
		under = *r
	case s == FieldMerge:
		return nil
	}
	under.Strategy = s
	return &under
}

// Checker tells which rules of its collection a document breaks, in a fixed order. It must not change what it is given.
type Checker interface {
	Broken(d Document) []Violation
}

// Violation is a rule that a document breaks.
type Violation struct {
	Rule  string   // in words that a person understands
	Paths []string // the fields it is about, sorted
}

// Rule says how one field, and what lies below it, merges. Rules may point back up: schemas refer to themselves.
type Rule struct {
	Policy     Policy
	Key        string           // of Keyed: the member that names an element
	Group      string           // fields with the same group are one unit
	Label      string           // what people call the field; empty: its name
	Unit       string           // what a number is in, as in EUR; empty: nobody says
	Type       Type             // of the value, where the schema says so; AbsentType: any
	Enum       []Value          // the only values that the schema allows; nil: any
	Default    Value            // what an absent value stands for, where the policy needs one
	Items      *Rule            // the elements of an array, for Keyed
	Properties map[string]*Rule // by member name
	Additional *Rule            // members that Properties does not name
}

// member returns the rule for one member of an object, nil where there is none.
func (r *Rule) member(name []byte) *Rule {
	if r == nil {
		return nil
	}
	if p, ok := r.Properties[string(name)]; ok {
		return p
	}
	return r.Additional
}

// policyUnder returns the policy in force at r, below a field with another. The policies that are about any value hold
// for all that is below; those about one type of value do not.
func (r *Rule) policyUnder(above Policy) Policy {
	if r != nil && r.Policy != Inherit {
		return r.Policy
	}
	switch above {
	case PreferLocal, PreferServer, Latest, Ignore, Immutable:
		return above
	}
	return Ask
}

func (r *Rules) root() *Rule {
	if r == nil {
		return nil
	}
	return r.Root
}

func (r *Rules) deletePolicy() Policy {
	if r == nil {
		return Ask
	}
	return r.Delete
}

func (r *Rule) isKeyed() bool { return r != nil && r.Policy == Keyed }
