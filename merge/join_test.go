package merge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestJoins(t *testing.T) {
	noon, later := time.Unix(1000, 0), time.Unix(2000, 0)
	edits := func(local, server map[string]time.Time) *Edits { return &Edits{Local: local, Server: server} }
	for _, c := range []struct {
		name                string
		rule                Rule
		base, local, server Value
		edits               *Edits
		want                string // conflict, or the result
		dropped             bool
	}{
		{name: "the larger number", rule: Rule{Policy: Max}, base: "1", local: "10", server: "9.5", want: "10"},
		{name: "the larger number is the server's", rule: Rule{Policy: Max}, base: "1", local: "2", server: "1e1", want: "1e1", dropped: true},
		{name: "the smaller number", rule: Rule{Policy: Min}, base: "1", local: "-3", server: "-2", want: "-3"},
		{name: "the later instant, in another zone", rule: Rule{Policy: Max}, base: `"2026-01-01T00:00:00Z"`, local: `"2026-05-01T12:00:00+02:00"`, server: `"2026-05-01T10:30:00Z"`, want: `"2026-05-01T10:30:00Z"`, dropped: true},
		{name: "the earlier instant", rule: Rule{Policy: Min}, base: `"2026-01-01T00:00:00Z"`, local: `"2026-05-01T12:00:00+02:00"`, server: `"2026-05-01T10:30:00Z"`, want: `"2026-05-01T12:00:00+02:00"`},
		{name: "the same instant keeps the server's text", rule: Rule{Policy: Max}, base: `"2026-01-01T00:00:00Z"`, local: `"2026-05-01T12:00:00+02:00"`, server: `"2026-05-01T10:00:00Z"`, want: `"2026-05-01T10:00:00Z"`, dropped: true},
		{name: "words have no larger one", rule: Rule{Policy: Max}, base: `"a"`, local: `"b"`, server: `"c"`, want: "conflict"},
		{name: "a removed number is not the smaller one", rule: Rule{Policy: Min}, base: "1", server: "2", want: "conflict"},
		{name: "a number against text", rule: Rule{Policy: Max}, base: "1", local: "2", server: `"3"`, want: "conflict"},

		{name: "two increments", rule: Rule{Policy: Counter}, base: "10", local: "13", server: "11", want: "14"},
		{name: "two equal increments are two", rule: Rule{Policy: Counter}, base: "10", local: "11", server: "11", want: "12"},
		{name: "exact decimals", rule: Rule{Policy: Counter}, base: "0.1", local: "0.3", server: "0.2", want: "0.4"},
		{name: "integers beyond 2^53", rule: Rule{Policy: Counter}, base: "9007199254740992", local: "9007199254740993", server: "9007199254740993", want: "9007199254740994"},
		{name: "a counter only local moved", rule: Rule{Policy: Counter}, base: "1", local: "2", server: "1", want: "2"},
		{name: "no base and no default", rule: Rule{Policy: Counter}, local: "2", server: "3", want: "conflict"},
		{name: "no base, 0 by default", rule: Rule{Policy: Counter, Default: "0"}, local: "2", server: "3", want: "5"},
		{name: "another default does not count", rule: Rule{Policy: Counter, Default: "1"}, local: "2", server: "3", want: "conflict"},
		{name: "a counter that became text", rule: Rule{Policy: Counter}, base: "1", local: `"2"`, server: "3", want: "conflict"},
		{name: "a counter that was removed", rule: Rule{Policy: Counter}, base: "1", server: "3", want: "conflict"},
		{name: "a counter that both removed", rule: Rule{Policy: Counter}, base: "1", want: ""},
		{name: "a counter that both made null", rule: Rule{Policy: Counter}, base: "1", local: Null, server: Null, want: "null"},
		{name: "a counter beyond the limits", rule: Rule{Policy: Counter}, base: "1", local: "1e399", server: "2", want: "conflict"},

		{name: "both added", rule: Rule{Policy: Set}, base: `["a"]`, local: `["a","l"]`, server: `["s","a"]`, want: `["s","a","l"]`},
		{name: "both added the same", rule: Rule{Policy: Set}, base: `["a"]`, local: `["a","x","l"]`, server: `["x","a"]`, want: `["x","a","l"]`},
		{name: "both removed", rule: Rule{Policy: Set}, base: `["a","b","c"]`, local: `["b","c"]`, server: `["a","b"]`, want: `["b"]`},
		{name: "removed and added", rule: Rule{Policy: Set}, base: `["a","b"]`, local: `["b","c"]`, server: `["b","a","d"]`, want: `["b","d","c"]`},
		{name: "by meaning", rule: Rule{Policy: Set}, base: `[1]`, local: `[1.0,2.0]`, server: `[1,2,3]`, want: `[1,2,3]`},
		{name: "objects by meaning", rule: Rule{Policy: Set}, base: `[]`, local: `[{"a":1.0,"b":"1"}]`, server: `[{"a":1,"b":"1"},{"a":1,"b":1}]`, want: `[{"a":1,"b":"1"},{"a":1,"b":1}]`},
		{name: "duplicates do not multiply", rule: Rule{Policy: Set}, base: `["a"]`, local: `["a","x","x"]`, server: `["a","a","y"]`, want: `["a","y","x"]`},
		{name: "both created a set", rule: Rule{Policy: Set}, local: `["a"]`, server: `["b"]`, want: `["b","a"]`},
		{name: "a set that became null", rule: Rule{Policy: Set}, base: `["a"]`, local: `null`, server: `["b"]`, want: "conflict"},
		{name: "a base that is no set", rule: Rule{Policy: Set}, base: `"a"`, local: `["a"]`, server: `["b"]`, want: "conflict"},

		{name: "edits apart", rule: Rule{Policy: List}, base: `[1,2,3,4]`, local: `[0,1,2,3,4]`, server: `[1,2,3,5]`, want: `[0,1,2,3,5]`},
		{name: "edits that touch", rule: Rule{Policy: List}, base: `[1,2,3]`, local: `[9,2,3]`, server: `[1,8,3]`, want: "conflict"},
		{name: "edits that overlap", rule: Rule{Policy: List}, base: `[1,2,3]`, local: `[1,9]`, server: `[1,8,3]`, want: "conflict"},
		{name: "insertions at one place", rule: Rule{Policy: List}, base: `[1,2]`, local: `[1,9,2]`, server: `[1,8,2]`, want: "conflict"},
		{name: "the same insertion, and another", rule: Rule{Policy: List}, base: `[1,2]`, local: `[1,9,2]`, server: `[1,9,2,3]`, want: `[1,9,2,3]`},
		{name: "an element moved to two places", rule: Rule{Policy: List}, base: `[1,2,3,4,5,6]`, local: `[2,3,1,4,5,6]`, server: `[2,3,4,5,1,6]`, want: "conflict"},
		{name: "moved here, removed there", rule: Rule{Policy: List}, base: `[1,2,3,4]`, local: `[2,3,4,1]`, server: `[2,3,4]`, want: "conflict"},
		{name: "moved here alone", rule: Rule{Policy: List}, base: `[1,2,3,4,5]`, local: `[2,3,1,4,5]`, server: `[1,2,3,4,6]`, want: `[2,3,1,4,6]`},
		{name: "the same element added at two places", rule: Rule{Policy: List}, base: `[1,2,3]`, local: `[9,1,2,3]`, server: `[1,2,3,9]`, want: "conflict"},
		{name: "numbers by meaning", rule: Rule{Policy: List}, base: `[1,2,3]`, local: `[1.0,2,3,4]`, server: `[0,1,2,3.0]`, want: `[0,1,2,3.0,4]`},

		{name: "lines apart", rule: Rule{Policy: Text}, base: `"a\nb\nc\n"`, local: `"A\nb\nc\n"`, server: `"a\nb\nC\n"`, want: `"A\nb\nC\n"`},
		{name: "words apart in one line", rule: Rule{Policy: Text}, base: `"the valve leaks here"`, local: `"the old valve leaks here"`, server: `"the valve leaks there"`, want: `"the old valve leaks there"`},
		{name: "the same word", rule: Rule{Policy: Text}, base: `"valve leaks"`, local: `"valve drips"`, server: `"valve broke"`, want: "conflict"},
		{name: "words that touch", rule: Rule{Policy: Text}, base: `"a b"`, local: `"x b"`, server: `"a-b"`, want: "conflict"},
		{name: "both wrote from nothing", rule: Rule{Policy: Text}, base: `""`, local: `"x"`, server: `"y"`, want: "conflict"},
		{name: "text that became a number", rule: Rule{Policy: Text}, base: `"a"`, local: `1`, server: `"b"`, want: "conflict"},
		{name: "escapes survive", rule: Rule{Policy: Text}, base: `"\"a\"\n\u0000\nz"`, local: `"\"b\"\n\u0000\nz"`, server: `"\"a\"\n\u0000\ny"`, want: `"\"b\"\n\u0000\ny"`},

		{name: "the later edit is local's", rule: Rule{Policy: Latest}, base: "1", local: "2", server: "3", edits: edits(map[string]time.Time{"/f": later}, map[string]time.Time{"/f": noon}), want: "2"},
		{name: "the later edit is the server's", rule: Rule{Policy: Latest}, base: "1", local: "2", server: "3", edits: edits(map[string]time.Time{"/f": noon}, map[string]time.Time{"": later}), want: "3", dropped: true},
		{name: "a tie goes to the server", rule: Rule{Policy: Latest}, base: "1", local: "2", server: "3", edits: edits(map[string]time.Time{"/f/x": noon}, map[string]time.Time{"/f": noon}), want: "3", dropped: true},
		{name: "the later edit removed it", rule: Rule{Policy: Latest}, base: "1", server: "3", edits: edits(map[string]time.Time{"/f": later}, map[string]time.Time{"/f": noon}), want: ""},
		{name: "an edit of another field tells nothing", rule: Rule{Policy: Latest}, base: "1", local: "2", server: "3", edits: edits(map[string]time.Time{"/ff": later}, map[string]time.Time{"/f": noon}), want: "conflict"},
		{name: "nobody knows", rule: Rule{Policy: Latest}, base: "1", local: "2", server: "3", want: "conflict"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": &c.rule}}}
			r := Record(Sides{Base: holding(c.base), Local: holding(c.local), Server: holding(c.server), Edits: c.edits}, rules)
			got := string(Lookup(r.Document, "/f"))
			if r.Outcome == RecordConflict {
				got = "conflict"
			}
			if got != c.want || r.Dropped != c.dropped {
				t.Errorf("got %s, dropped %v; want %s", got, r.Dropped, c.want)
			}
			if f, _ := r.Field("/f"); f.Outcome == Combined && f.Rule != c.rule.Policy.String() {
				t.Errorf("joined by %q", f.Rule)
			}
		})
	}
}

func TestHunksKeepWhatIsJoinedApart(t *testing.T) {
	for _, c := range []struct {
		policy              Policy
		base, local, server Value
		want                string
	}{
		{Text, `"one\nthe valve leaks\nthree\n"`, `"ONE\nthe valve drips\nthree\n"`, `"one\nthe valve broke\nthree\nfour\n"`,
			`["ONE\nthe valve ",{"base":"leaks","local":"drips","server":"broke"},"\nthree\nfour\n"]`},
		{Text, `"a"`, `""`, `"b"`, `[{"base":"a","local":"","server":"b"}]`},
		{List, `[1,2,3]`, `[0,1,9,3]`, `[1,8,3]`, `[[0],[1],{"base":[2],"local":[9],"server":[8]},[3]]`},
		{List, `[1,2,3,4]`, `[0,1,2,9,4]`, `[1,2,8,4]`, `[[0],[1,2],{"base":[3],"local":[9],"server":[8]},[4]]`},
	} {
		r := Record(Sides{Base: holding(c.base), Local: holding(c.local), Server: holding(c.server)}, policyFor(c.policy))
		f, _ := r.Field("/f")
		if got, err := json.Marshal(f.Hunks); string(got) != c.want || err != nil {
			t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
		}
	}
}

func TestGroups(t *testing.T) {
	rules := &Rules{Root: &Rule{Properties: map[string]*Rule{
		"amount":   {Group: "closing", Policy: PreferLocal},
		"currency": {Group: "closing"},
		"status":   {Group: "closing"},
		"seen":     {Group: "closing", Policy: Ignore},
	}}}
	base := `{"amount":1,"currency":"EUR","notes":"","status":"open"}`
	for _, c := range []struct{ name, local, server, want string }{
		{"one side touched it", `{"amount":2,"currency":"USD","notes":"","status":"open"}`, `{"amount":1,"currency":"EUR","notes":"x","status":"open"}`, `{"amount":2,"currency":"USD","notes":"x","status":"open"}`},
		{"different members", `{"amount":2,"currency":"EUR","notes":"","status":"open"}`, `{"amount":1,"currency":"USD","notes":"","status":"open"}`, "/amount /currency /status"},
		{"both alike", `{"amount":2,"currency":"USD","notes":"","status":"open"}`, `{"amount":2.0,"currency":"USD","notes":"","status":"open"}`, `{"amount":2.0,"currency":"USD","notes":"","status":"open"}`},
		{"an ignored member does not touch it", `{"amount":2,"currency":"EUR","notes":"","status":"open"}`, `{"amount":1,"currency":"EUR","notes":"","seen":7,"status":"open"}`, `{"amount":2,"currency":"EUR","notes":"","seen":7,"status":"open"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record(Sides{Base: doc(t, base), Local: doc(t, c.local), Server: doc(t, c.server)}, rules)
			got := string(r.Document)
			if r.Outcome == RecordConflict {
				got = strings.Join(r.Conflicts(), " ")
				for _, f := range r.Fields {
					if f.Group != "closing" || f.Kind != GroupKind {
						t.Errorf("%+v", f)
					}
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAGroupOfWhateverIsThere(t *testing.T) {
	rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"a": {}}, Additional: &Rule{Group: "rest"}}}
	r := Record(Sides{Base: doc(t, `{"a":1,"b":1,"c":1}`), Local: doc(t, `{"a":2,"b":2,"c":1}`), Server: doc(t, `{"a":1,"b":1,"c":1,"d":1}`)}, rules)
	if got := strings.Join(r.Conflicts(), " "); got != "/b /c /d" || r.Kind != GroupKind {
		t.Errorf("got %s %v", got, r.Kind)
	}
}

func keyedRules() *Rules {
	return &Rules{Root: &Rule{Properties: map[string]*Rule{
		"f": {Policy: Keyed, Key: "id", Items: &Rule{Properties: map[string]*Rule{"n": {Policy: Counter}}}},
	}}}
}

func TestKeyedLists(t *testing.T) {
	for _, c := range []struct {
		name                string
		base, local, server Value
		want                string
	}{
		{"fields of one element", `[{"id":1,"a":1,"b":1}]`, `[{"id":1,"a":2,"b":1}]`, `[{"id":1,"a":1,"b":2}]`, `[{"a":2,"b":2,"id":1}]`},
		{"policies inside", `[{"id":"x","n":1}]`, `[{"id":"x","n":2}]`, `[{"id":"x","n":2}]`, `[{"id":"x","n":3}]`},
		{"one field of one element", `[{"id":"a/b","a":1},{"id":2,"a":1}]`, `[{"id":"a/b","a":2},{"id":2,"a":5}]`, `[{"id":"a/b","a":3},{"id":2,"a":1}]`, "/f/a~1b/a"},
		{"both added", `[{"id":1}]`, `[{"id":1},{"id":2}]`, `[{"id":3},{"id":1}]`, `[{"id":3},{"id":1},{"id":2}]`},
		{"one key in two spellings", `[{"id":1,"a":1}]`, `[{"id":1.0,"a":2}]`, `[{"id":1,"a":3}]`, "/f/1/a"},
		{"keys that read the same by value", `[{"id":1.0}]`, `[{"id":1.0},{"id":"1"}]`, `[{"id":1.0,"a":1}]`, "/f"},
		{"both added the same key", `[]`, `[{"id":1,"a":1}]`, `[{"id":1,"a":2}]`, "/f/1"},
		{"both added the same element", `[]`, `[{"id":1,"a":1}]`, `[{"id":1.0,"a":1}]`, `[{"a":1,"id":1.0}]`},
		{"removed here", `[{"id":1},{"id":2}]`, `[{"id":2}]`, `[{"id":1},{"id":2},{"id":3}]`, `[{"id":2},{"id":3}]`},
		{"removed on both sides", `[{"id":1},{"id":2}]`, `[{"id":2,"a":1}]`, `[{"id":2},{"id":3}]`, `[{"a":1,"id":2},{"id":3}]`},
		{"removed here, edited there", `[{"id":1,"a":1}]`, `[]`, `[{"id":1,"a":2}]`, "/f/1"},
		{"edited here, removed there", `[{"id":1,"a":1}]`, `[{"id":1,"a":2}]`, `[]`, "/f/1"},
		{"reordered here", `[{"id":1},{"id":2}]`, `[{"id":2},{"id":1}]`, `[{"id":1,"a":1},{"id":2}]`, `[{"id":2},{"a":1,"id":1}]`},
		{"reordered there", `[{"id":1},{"id":2}]`, `[{"id":1,"a":1},{"id":2}]`, `[{"id":2},{"id":1}]`, `[{"id":2},{"a":1,"id":1}]`},
		{"reordered on both sides alike", `[{"id":1},{"id":2}]`, `[{"id":2},{"id":1},{"id":3}]`, `[{"id":4},{"id":2},{"id":1}]`, `[{"id":4},{"id":2},{"id":1},{"id":3}]`},
		{"reordered on both sides", `[{"id":1},{"id":2},{"id":3}]`, `[{"id":2},{"id":1},{"id":3}]`, `[{"id":1},{"id":3},{"id":2}]`, "/f"},
		{"a key twice", `[{"id":1}]`, `[{"id":1},{"id":1.0}]`, `[{"id":1,"a":1}]`, "/f"},
		{"a key missing", `[{"id":1}]`, `[{"id":1},{"a":1}]`, `[{"id":1,"a":1}]`, "/f"},
		{"keys that read the same", `[{"id":1}]`, `[{"id":1},{"id":"1"}]`, `[{"id":1,"a":1}]`, "/f"},
		{"an element that is no object", `[{"id":1}]`, `[{"id":1},2]`, `[{"id":1,"a":1}]`, "/f"},
		{"bad keys on one side alone are its business", `[{"id":1}]`, `[{"id":1},{"id":1}]`, `[{"id":1}]`, `[{"id":1},{"id":1}]`},
		{"both created the list", Absent, `[{"id":1}]`, `[{"id":2}]`, `[{"id":2},{"id":1}]`},
		{"the list was removed", `[{"id":1}]`, Absent, `[{"id":1,"a":1}]`, "/f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			side := func(v Value) Document {
				if v != Absent {
					v = Lookup(doc(t, `{"v":`+string(v)+`}`), "/v")
				}
				return holding(v)
			}
			r := Record(Sides{Base: side(c.base), Local: side(c.local), Server: side(c.server)}, keyedRules())
			got := string(Lookup(r.Document, "/f"))
			if r.Outcome == RecordConflict {
				got = strings.Join(r.Conflicts(), " ")
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestTheOrderOfAKeyedListIsAChange: a side that only put elements into another order changed the record.
func TestTheOrderOfAKeyedListIsAChange(t *testing.T) {
	for _, c := range []struct {
		name                string
		base, local, server Value
		lost                bool
		outcome             RecordOutcome
		want                string
		fields              string
		dropped             bool
	}{
		{name: "by local", base: `[{"id":1},{"id":2}]`, local: `[{"id":2},{"id":1}]`, server: `[{"id":1},{"id":2}]`, outcome: KeepLocal, want: `[{"id":2},{"id":1}]`, fields: "/f local"},
		{name: "by the server", base: `[{"id":1},{"id":2}]`, local: `[{"id":1},{"id":2}]`, server: `[{"id":2},{"id":1}]`, outcome: FastForward, want: `[{"id":2},{"id":1}]`, fields: "/f server"},
		{name: "by both alike", base: `[{"id":1},{"id":2}]`, local: `[{"id":2},{"id":1}]`, server: `[{"id":2},{"id":1}]`, outcome: Converged, want: `[{"id":2},{"id":1}]`, fields: "/f agreed"},
		{name: "by local, beside an edit of the server's", base: `[{"id":1},{"id":2}]`, local: `[{"id":2},{"id":1}]`, server: `[{"id":1,"a":1},{"id":2}]`, outcome: Merged, want: `[{"id":2},{"a":1,"id":1}]`, fields: "/f/1/a server"},
		{name: "of what both added", local: `[{"id":2},{"id":1}]`, server: `[{"id":1},{"id":2}]`, outcome: Merged, want: `[{"id":1},{"id":2}]`, fields: "/f/1 agreed /f/2 agreed", dropped: true},
		{name: "without a base", local: `[{"id":2},{"id":1}]`, server: `[{"id":1},{"id":2}]`, lost: true, outcome: RecordConflict, fields: "/f conflict /z agreed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			side := func(v Value) Document {
				if v == Absent {
					return holding(v)
				}
				return doc(t, string(holding(v)))
			}
			s := Sides{Base: side(c.base), Local: side(c.local), Server: side(c.server), BaseLost: c.lost}
			if c.lost {
				s.Base = nil
			}
			r := Record(s, keyedRules())
			var fields []string
			for _, f := range r.Fields {
				fields = append(fields, f.Path+" "+f.Outcome.String())
			}
			if got := string(Lookup(r.Document, "/f")); got != c.want || r.Outcome != c.outcome || r.Dropped != c.dropped {
				t.Errorf("got %v %s, dropped %v", r.Outcome, got, r.Dropped)
			}
			if got := strings.Join(fields, " "); got != c.fields {
				t.Errorf("fields %s", got)
			}
		})
	}
}

func TestDecisionsInsideKeyedLists(t *testing.T) {
	r := Record(Sides{
		Base:   doc(t, `{"f":[{"id":"a","x":1},{"id":"b","x":1},{"id":"c"}]}`),
		Local:  doc(t, `{"f":[{"id":"b","x":2},{"id":"c","y":1},{"id":"d","l":1}]}`),
		Server: doc(t, `{"f":[{"id":"a","x":3},{"id":"b","x":3},{"id":"d","s":1}]}`),
	}, keyedRules())
	if got := r.Conflicts(); !slices.Equal(got, []string{"/f/a", "/f/b/x", "/f/c", "/f/d"}) {
		t.Fatalf("conflicts %q", got)
	}
	d := Decisions{}
	for _, path := range r.Conflicts() {
		d[path] = choose(t, r, path, TakeLocal, Absent)
	}
	got, err := r.Apply(d)
	if want := `{"f":[{"id":"b","x":2},{"id":"d","l":1},{"id":"c","y":1}]}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if _, moved := r.Standing(d); len(moved) > 0 {
		t.Errorf("moved %q", moved)
	}
	if lost := r.NotKept(got); len(lost) == 0 || slices.ContainsFunc(lost, func(l LostValue) bool { return l.Side != "server" }) {
		t.Errorf("not kept: %+v", lost)
	}
}

func TestLongListsStayFast(t *testing.T) {
	const n = 100_000
	array := func(skip, extra int) Value {
		var b strings.Builder
		b.WriteString(`[`)
		for i := range n {
			if i != skip {
				fmt.Fprintf(&b, `{"id":%d},`, i)
			}
		}
		fmt.Fprintf(&b, `{"id":%d}]`, extra)
		return Value(b.String())
	}
	for _, policy := range []Policy{Set, List, Keyed} {
		rules := keyedRules()
		rules.Root.Properties["f"].Policy = policy
		r := Record(Sides{Base: holding(array(-1, n)), Local: holding(array(10, n)), Server: holding(array(n-10, n))}, rules)
		if r.Outcome != Merged {
			t.Errorf("%v: %v", policy, r.Outcome)
		}
	}
}

// broken is a checker for tests: closed deals need an amount.
type broken struct{}

func (broken) Broken(d Document) []Violation {
	if Lookup(d, "/status") == `"closed"` && Lookup(d, "/amount").Type() != NumberType {
		return []Violation{{Rule: "a closed deal has an amount", Paths: []string{"/amount", "/status"}}}
	}
	return nil
}

func TestRules(t *testing.T) {
	rules := &Rules{Check: broken{}}
	base := `{"amount":1,"status":"open"}`
	for _, c := range []struct {
		name, local, server, want string
	}{
		{"kept", `{"amount":2,"status":"open"}`, `{"amount":1,"status":"closed"}`, `{"amount":2,"status":"closed"}`},
		{"broken by the join alone", `{"status":"open"}`, `{"amount":1,"status":"closed"}`, "/amount /status"},
		{"broken by local alone", `{"status":"closed"}`, base, "/amount /status"},
		{"broken on the server already", `{"amount":1,"notes":"x","status":"open"}`, `{"status":"closed"}`, `{"notes":"x","status":"closed"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record(Sides{Base: doc(t, base), Local: doc(t, c.local), Server: doc(t, c.server)}, rules)
			got := string(r.Document)
			if r.Outcome == RecordConflict {
				got = strings.Join(r.Conflicts(), " ")
				if f := r.Fields[0]; r.Kind != RuleKind || f.Kind != RuleKind || f.Rule != "a closed deal has an amount" {
					t.Errorf("%v %+v", r.Kind, f)
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	created := Record(Sides{Local: doc(t, `{"status":"closed"}`)}, rules)
	if created.Outcome != RecordConflict || created.Kind != RuleKind {
		t.Errorf("a new record that breaks a rule: %v %v", created.Outcome, created.Kind)
	}
	rules.Delete = PreferLocal
	revived := Record(Sides{Base: doc(t, base), Local: doc(t, `{"status":"closed"}`)}, rules)
	if revived.Outcome != RecordConflict || revived.Kind != RuleKind || revived.Document != nil {
		t.Errorf("an edit that wins over a delete and breaks a rule: %v %v", revived.Outcome, revived.Kind)
	}
	d := Decisions{}
	for _, path := range revived.Conflicts() {
		d[path] = choose(t, revived, path, Edited, "7")
	}
	if _, moved := revived.Standing(d); len(moved) > 0 {
		t.Errorf("what was just decided does not stand: %q", moved)
	}
}

func TestAPersonCannotBreakARule(t *testing.T) {
	r := Record(Sides{Base: doc(t, `{"amount":1,"status":"a"}`), Local: doc(t, `{"amount":1,"status":"closed"}`), Server: doc(t, `{"status":"b"}`)}, &Rules{Check: broken{}})
	_, err := r.Apply(Decisions{"/status": choose(t, r, "/status", TakeLocal, Absent)})
	if _, ok := err.(*RuleError); !ok {
		t.Errorf("got %v", err)
	}
	if got, err := r.Apply(Decisions{"/status": choose(t, r, "/status", TakeServer, Absent)}); err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestDiffLeadsFromOneToTheOther checks scripts on sequences long and alike enough to reach every way of searching.
func TestDiffLeadsFromOneToTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		random := rand.New(rand.NewPCG(seed, 0))
		alphabet := rapid.SampledFrom([]int{2, 5, 50, 5000}).Draw(t, "alphabet")
		n := rapid.SampledFrom([]int{0, 3, 20, 400, 900}).Draw(t, "length")
		draw := func(n int) []int {
			s := make([]int, n)
			for i := range s {
				s[i] = random.IntN(alphabet)
			}
			return s
		}
		a := draw(n)
		b := slices.Clone(a)
		if random.IntN(3) == 0 {
			b = draw(n)
		}
		for range random.IntN(8) {
			at := random.IntN(len(b) + 1)
			b = slices.Concat(b[:at], draw(random.IntN(3)), b[min(len(b), at+random.IntN(3)):])
		}
		if got := replay(a, b, diff(a, b)); !slices.Equal(got, b) {
			t.Fatalf("the script does not lead from %v to %v", a, b)
		}
		last := -1
		for _, e := range diff(a, b) {
			if e.from <= last {
				t.Fatalf("edits touch: %v", diff(a, b))
			}
			last = e.to
		}
		whole := diff3(a, b, a)
		var joined []int
		for _, c := range whole {
			if c.outcome == FieldConflict {
				t.Fatal("one side alone clashed")
			}
			joined = append(joined, b[c.localFrom:c.localTo]...)
		}
		if !slices.Equal(joined, b) {
			t.Fatalf("the chunks tell %v, not %v", joined, b)
		}
	})
}

func replay(a, b []int, edits []edit) []int {
	var out []int
	at := 0
	for _, e := range edits {
		out = append(append(out, a[at:e.from]...), b[e.newFrom:e.newTo]...)
		at = e.to
	}
	return append(out, a[at:]...)
}
