package merge

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ErrFilter is what the errors of [ParseFilter] unwrap to.
var ErrFilter = errors.New("not a filter")

// FilterNames are the names that a term may begin with, sorted.
var FilterNames = []string{"age", "by", "claimed", "collection", "device", "field", "kind", "record", "state"}

// Filter chooses conflicts: those that match every term. Terms with the same name, but for age, match if one of them
// does. Without a term on the state it chooses the open ones.
type Filter struct {
	Terms []Term
}

// Term is one word of a filter.
type Term struct {
	// Name is one of FilterNames, or empty for a bare word, which is looked for in the record's name.
	Name  string
	Op    byte          // ':', or '<' and '>' for age
	Value string        // of field a JSON Pointer; of kind and state a word that is known
	Age   time.Duration // of age: how long the conflict has been open
}

// Names reports whether the filter has a term with that name and value.
func (f Filter) Names(name, value string) bool {
	return slices.ContainsFunc(f.Terms, func(t Term) bool { return t.Name == name && t.Value == value })
}

// ParseFilter reads the filter language: `collection:deal field:status kind:edit-delete by:ana device:ana-7 age>2d
// state:open claimed:ana` and bare words, with quotes around what holds blanks, and a quote in those doubled. Ages are in m,
// h, d or w. Errors unwrap to [ErrFilter] and name the word that is wrong.
func ParseFilter(text string) (Filter, error) {
	words, err := filterWords(text)
	if err != nil {
		return Filter{}, err
	}
	var f Filter
	for _, word := range words {
		t, err := parseTerm(word)
		if err != nil {
			return Filter{}, err
		}
		f.Terms = append(f.Terms, t)
	}
	return f, nil
}

// filterWord is a word without its quotes; bare is how much of it stood before the first quote.
type filterWord struct {
	text string
	bare int
}

func filterWords(text string) ([]filterWord, error) {
	var words []filterWord
	var word strings.Builder
	quoted, started, bare := false, false, -1
	end := func() {
		if started {
			if bare < 0 {
				bare = word.Len()
			}
			words = append(words, filterWord{word.String(), bare})
		}
		word.Reset()
		started, bare = false, -1
	}
	closed := false // a quote, just now
	for _, r := range text {
		again := closed
		closed = false
		switch {
		case r == '"':
			if again { // doubled it is one that is meant
				word.WriteByte('"')
			}
			closed = quoted
			quoted, started = !quoted, true
			if bare < 0 {
				bare = word.Len()
			}
		case unicode.IsSpace(r) && !quoted:
			end()
		default:
			started = true
			word.WriteRune(r)
		}
	}
	if quoted {
		return nil, fmt.Errorf("%w: a quote is not closed", ErrFilter)
	}
	end()
	return words, nil
}

// String writes the filter as [ParseFilter] reads it.
func (f Filter) String() string {
	words := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		value := t.Value
		if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r == '"' || unicode.IsSpace(r) }) ||
			t.Name == "" && strings.ContainsAny(value, ":<>") {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		if words[i] = value; t.Name != "" {
			words[i] = t.Name + string(rune(t.Op)) + value
		}
	}
	return strings.Join(words, " ")
}

func parseTerm(word filterWord) (Term, error) {
	at := strings.IndexAny(word.text[:word.bare], ":<>")
	if at < 0 {
		return Term{Op: ':', Value: word.text}, nil
	}
	t := Term{Name: word.text[:at], Op: word.text[at], Value: word.text[at+1:]}
	if !slices.Contains(FilterNames, t.Name) {
		return Term{}, fmt.Errorf("%w: %q is none of %s", ErrFilter, t.Name, strings.Join(FilterNames, ", "))
	}
	if (t.Name == "age") != (t.Op != ':') {
		return Term{}, fmt.Errorf("%w: age is compared by < or >, everything else by a colon", ErrFilter)
	}
	if t.Value == "" {
		return Term{}, fmt.Errorf("%w: nothing after %q", ErrFilter, word.text)
	}
	return t, t.check()
}

// check makes the value what its name asks for.
func (t *Term) check() error {
	var err error
	switch t.Name {
	case "age":
		t.Age, err = parseAge(t.Value)
	case "field":
		t.Value, err = ParsePath(t.Value)
	case "kind":
		_, err = ParseKind(t.Value)
	case "state":
		var s State
		err = s.UnmarshalText([]byte(t.Value))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFilter, err)
	}
	return nil
}

func parseAge(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	unit := units[s[len(s)-1]]
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 16)
	if unit == 0 || err != nil {
		return 0, fmt.Errorf("%q is not an age: write 30m, 5h, 2d or 1w", s)
	}
	return time.Duration(n) * unit, nil
}
