package merge

import (
	"slices"
	"testing"
)

func TestAFilterThatIsTyped(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Typing
	}{
		{"", Typing{}},
		{"col", Typing{Value: "col"}},
		{"by:ana fie", Typing{Before: "by:ana ", Value: "fie"}},
		{"by:ana field:st", Typing{Before: "by:ana ", Name: "field", Op: ':', Value: "st"}},
		{"age>", Typing{Name: "age", Op: '>'}},
		{`by:"Ana B`, Typing{Name: "by", Op: ':', Value: "Ana B"}},
		{`"by:x`, Typing{Value: "by:x"}},
		{"colour:r", Typing{Value: "colour:r"}},
		{"a  ", Typing{Before: "a  "}},
	} {
		if got := TypingFilter(tt.text); got != tt.want {
			t.Errorf("%q is taken apart as %+v, want %+v", tt.text, got, tt.want)
		}
	}
	listed := func(name, typed string) ([]string, error) { return []string{name + typed, `a"b`}, nil }
	for text, want := range map[string][]string{"x c": {"x claimed:", "x collection:"}, "a": {"age>"}, "state:o": {"state:open"}, "age<1": {"age<1h", "age<1d", "age<1w"},
		"by:a": {"by:bya"}} {
		if got, err := TypingFilter(text).Complete(listed); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q may become %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestWhatIsCompletedParses to the value that was chosen.
func TestWhatIsCompletedParses(t *testing.T) {
	for _, value := range []string{"ana", "Ana B", "a:b", "x>y", "ä"} {
		text, ok := TypingFilter("record:a by:").with(value)
		f, err := ParseFilter(text)
		if !ok || err != nil || len(f.Terms) != 2 || f.Terms[1].Name != "by" || f.Terms[1].Value != value {
			t.Errorf("%q is completed to %q, %+v, %v", value, text, f, err)
		}
	}
	if _, ok := TypingFilter("by:").with(`a"b`); ok {
		t.Error("a quote was completed")
	}
}
