package merge

import (
	"slices"
	"strings"
	"unicode"
)

// Typing is a filter that is being typed, up to where the cursor is.
type Typing struct {
	Before string // what stands before the last word, with the blank after it
	Name   string // of the last word; empty: none yet
	Op     byte   // 0 where the last word has none yet
	Value  string // what is typed of the last word's value, or of its name where there is no Op
}

// TypingFilter takes the text of a filter apart for whoever completes it. A quote may still be open.
func TypingFilter(text string) Typing {
	var word strings.Builder
	start, bare, quoted := 0, -1, false
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
			if bare < 0 {
				bare = word.Len()
			}
		case unicode.IsSpace(r) && !quoted:
			word.Reset()
			start, bare = i+len(string(r)), -1
		default:
			word.WriteRune(r)
		}
	}
	t := Typing{Before: text[:start], Value: word.String()}
	if bare < 0 {
		bare = len(t.Value)
	}
	if at := strings.IndexAny(t.Value[:bare], ":<>"); at >= 0 && slices.Contains(FilterNames, t.Value[:at]) {
		t.Name, t.Op, t.Value = t.Value[:at], t.Value[at], t.Value[at+1:]
	}
	return t
}

// Complete returns what the filter may become, each as a whole: by the names of terms, or by the values of one. listed gives
// the values of a name that begin as typed, where what they are depends on the queue.
func (t Typing) Complete(listed func(name, typed string) ([]string, error)) ([]string, error) {
	if t.Op == 0 {
		return t.names(), nil
	}
	var values []string
	switch t.Name {
	case "kind":
		values = begunBy(kindNames[1:], t.Value)
	case "state":
		values = begunBy(stateNames, t.Value)
	case "age":
		values = begunBy([]string{"1h", "1d", "1w"}, t.Value)
	default:
		var err error
		if values, err = listed(t.Name, t.Value); err != nil {
			return nil, err
		}
	}
	var all []string
	for _, value := range values {
		if text, ok := t.with(value); ok {
			all = append(all, text)
		}
	}
	return all, nil
}

// names are the filter with each term that the last word may become.
func (t Typing) names() []string {
	var all []string
	for _, name := range begunBy(FilterNames, t.Value) {
		op := ":"
		if name == "age" {
			op = ">"
		}
		all = append(all, t.Before+name+op)
	}
	return all
}

func begunBy(words []string, begin string) []string {
	var all []string
	for _, word := range words {
		if strings.HasPrefix(word, begin) {
			all = append(all, word)
		}
	}
	return all
}

// with is the filter with a value for the last word; false where the language has no words for that.
func (t Typing) with(value string) (string, bool) {
	if strings.Contains(value, `"`) || value == "" {
		return "", false
	}
	if strings.ContainsFunc(value, unicode.IsSpace) {
		value = `"` + value + `"`
	}
	return t.Before + t.Name + string(t.Op) + value, true
}
