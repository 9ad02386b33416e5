package merge

// Value is one JSON value in canonical text. The empty Value is absent, which is not `null`.
type Value string

// Absent is the value of a field that is not there.
const Absent Value = ""

// Null is the JSON null: a field that is there and holds nothing.
const Null Value = "null"

// MarshalJSON returns the value's own text; an absent value is null, so leave it out with `omitzero`.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == Absent {
		return []byte(Null), nil
	}
	return []byte(v), nil
}

// UnmarshalJSON takes the text of any JSON value, made canonical; its errors are those of [ParseValue].
func (v *Value) UnmarshalJSON(text []byte) error {
	parsed, err := ParseValue(text)
	*v = parsed
	return err
}

// Document is one record's fields: a JSON object in canonical text. The nil Document is a record that is absent or
// deleted. Only [Canonical] makes one from outside text; everything else trusts that it was made so.
type Document []byte

// MarshalJSON returns the document's own text, or null for a deletion.
func (d Document) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte(Null), nil
	}
	return d, nil
}

// UnmarshalJSON takes an object or null; its errors are those of [Canonical].
func (d *Document) UnmarshalJSON(text []byte) error {
	if string(text) == string(Null) {
		*d = nil
		return nil
	}
	parsed, err := Canonical(text)
	*d = parsed
	return err
}

// Type says which of JSON's types a value has.
type Type uint8

const (
	AbsentType Type = iota
	NullType
	BoolType
	NumberType
	StringType
	ArrayType
	ObjectType
)

var typeNames = names{"absent", "null", "boolean", "number", "string", "array", "object"}

// String returns the JSON word for the type.
func (t Type) String() string { return typeNames.of(uint8(t)) }

// Type returns the type of the value, read off its first byte.
func (v Value) Type() Type {
	if v == Absent {
		return AbsentType
	}
	return typeOf(v[0])
}

func typeOf(first byte) Type {
	switch first {
	case 'n':
		return NullType
	case 't', 'f':
		return BoolType
	case '"':
		return StringType
	case '[':
		return ArrayType
	case '{':
		return ObjectType
	default:
		return NumberType
	}
}
