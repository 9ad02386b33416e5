package merge

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxIDLength bounds an id in bytes, so that a key fits an index page and a terminal line.
const maxIDLength = 512

// ErrKey is what every error of [ParseKey] unwraps to.
var ErrKey = errors.New("not a record name")

// Key names a record: a collection and an id, written `deal/D-1042`.
type Key struct {
	Collection string // [a-z0-9_-]+
	ID         string // any printable text; may hold slashes
}

// ParseKey splits a record's name at its first slash and checks both parts.
// Its errors unwrap to [ErrKey] and quote what was given.
func ParseKey(s string) (Key, error) {
	collection, id, found := strings.Cut(s, "/")
	if !found {
		return Key{}, fmt.Errorf("%w: %q has no slash between collection and id", ErrKey, s)
	}
	k := Key{Collection: collection, ID: id}
	return k, k.Check()
}

// Check reports what is wrong with a key that did not come from [ParseKey].
func (k Key) Check() error {
	if err := CheckCollection(k.Collection); err != nil {
		return err
	}
	switch {
	case k.ID == "":
		return fmt.Errorf("%w: %q has an empty id", ErrKey, k.String())
	case len(k.ID) > maxIDLength:
		return fmt.Errorf("%w: an id of %d bytes is longer than %d", ErrKey, len(k.ID), maxIDLength)
	case !utf8.ValidString(k.ID):
		return fmt.Errorf("%w: %q is not valid UTF-8", ErrKey, k.ID)
	}
	for _, r := range k.ID {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: %q holds %U, which does not print", ErrKey, k.ID, r)
		}
	}
	return nil
}

// CheckCollection reports what is wrong with a collection's name. Its errors unwrap to [ErrKey].
func CheckCollection(name string) error {
	if name == "" || len(name) > maxIDLength {
		return fmt.Errorf("%w: a collection's name has 1 to %d characters", ErrKey, maxIDLength)
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return fmt.Errorf("%w: %q: a collection's name has only a-z, 0-9, _ and -", ErrKey, name)
		}
	}
	return nil
}

// String returns the name that [ParseKey] reads.
func (k Key) String() string { return k.Collection + "/" + k.ID }

// MarshalText makes the key its name in JSON.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name, with the errors of [ParseKey].
func (k *Key) UnmarshalText(text []byte) error {
	parsed, err := ParseKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
