package merge

import (
	"slices"
	"strings"
	"testing"
)

// TestWhatTwoPeopleDecidedIsAskedAgain, also where one side is still base and whatever the policy, and nothing else is.
func TestWhatTwoPeopleDecidedIsAskedAgain(t *testing.T) {
	grouped := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": {Group: "g"}, "o": {Group: "g"}}}}
	keyed := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": {Policy: Keyed, Key: "id"}}}}
	for _, c := range []struct {
		name                string
		rules               *Rules
		apart               string
		base, local, server string
		conflicts           string
		kind                Kind
	}{
		{"the server is base", nil, "/f", `{"f":1,"o":1}`, `{"f":2,"o":2}`, `{"f":1,"o":1}`, "/f", EditEdit},
		{"local is base", nil, "/f", `{"f":1,"o":1}`, `{"f":1,"o":1}`, `{"f":2,"o":2}`, "/f", EditEdit},
		{"the sides are the same", nil, "/f", `{"f":1}`, `{"f":2}`, `{"f":2}`, "", NoKind},
		{"nobody changed it", nil, "/f", `{"f":1}`, `{"f":1,"o":2}`, `{"f":1}`, "", NoKind},
		{"one was removed", nil, "/f", `{"f":1}`, `{}`, `{"f":1}`, "/f", EditEdit},
		{"another field", nil, "/f", `{"o":1}`, `{"o":1}`, `{"o":2}`, "", NoKind},
		{"a name that begins alike", nil, "/f", `{"fo":1}`, `{"fo":1}`, `{"fo":2}`, "", NoKind},
		{"a policy that would join", policyFor(PreferLocal), "/f", `{"f":1}`, `{"f":2}`, `{"f":1}`, "/f", EditEdit},
		{"two equal increments", policyFor(Counter), "/f", `{"f":1}`, `{"f":2}`, `{"f":2}`, "", NoKind},
		{"what is below it", nil, "/f", `{"f":{"a":1,"b":1}}`, `{"f":{"a":2,"b":1}}`, `{"f":{"a":1,"b":1}}`, "/f/a", EditEdit},
		{"what it stands in", nil, "/f/a", `{"f":[1]}`, `{"f":[2]}`, `{"f":[1]}`, "/f", EditEdit},
		{"one member of a group", grouped, "/f", `{"f":1,"o":1}`, `{"f":2,"o":1}`, `{"f":1,"o":1}`, "/f /o", GroupKind},
		{"a list by its keys", keyed, "/f", `{"f":[{"id":1,"v":1}]}`, `{"f":[{"id":1,"v":2}]}`, `{"f":[{"id":1,"v":1}]}`, "/f", EditEdit},
		{"one of a list by its keys", keyed, "/f/1", `{"f":[{"id":1,"v":1}]}`, `{"f":[{"id":1,"v":2}]}`, `{"f":[{"id":1,"v":1}]}`, "/f/1/v", EditEdit},
		{"the whole record", nil, "", `{"f":1,"o":1}`, `{"f":2,"o":1}`, `{"f":1,"o":1}`, "/f", EditEdit},
		{"a record that one deleted", &Rules{Delete: PreferServer}, "", `{"f":1}`, ``, `{"f":1}`, "-", DeleteEdit},
		{"a record that the other deleted", &Rules{Delete: PreferLocal}, "", `{"f":1}`, `{"f":1}`, ``, "-", EditDelete},
		{"a field of a record that is gone", nil, "/f", `{"f":1}`, `{"f":1}`, ``, "", NoKind},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Sides{Base: record(c.base), Local: record(c.local), Server: record(c.server), Apart: []string{c.apart}}
			r := Record(s, c.rules)
			got := strings.Join(r.Conflicts(), " ")
			if slices.Equal(r.Conflicts(), []string{""}) {
				got = "-"
			}
			if got != c.conflicts || r.Kind != c.kind {
				t.Errorf("%q, %v, want %q, %v", got, r.Kind, c.conflicts, c.kind)
			}
			var m Merger
			if machine := m.Merge(nil, s, c.rules); machine.Outcome != r.Outcome {
				t.Errorf("a machine says %v, want %v", machine.Outcome, r.Outcome)
			}
		})
	}
}

// record is a document; none where the text is empty.
func record(text string) Document {
	if text == "" {
		return nil
	}
	return Document(text)
}

// TestADecisionIsNoStepToReplay: what two people decided is asked about under the strategy op-replay too.
func TestADecisionIsNoStepToReplay(t *testing.T) {
	c := Case{Sides: Sides{Base: Document(`{"f":1}`), Local: Document(`{"f":2}`), Server: Document(`{"f":1}`), Apart: []string{"/f"}},
		Operations: []Operation{{Verb: SetField, Path: "/f", Was: "1", Value: "2"}}}
	if r := c.Merge(); r.Outcome != RecordConflict {
		t.Errorf("it comes to %v", r.Outcome)
	}
}
