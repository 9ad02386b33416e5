package merge

import "testing"

func TestSuggestions(t *testing.T) {
	for _, c := range []struct {
		name                string
		base, local, server Value
		want, localFirst    Value
		like                Policy
	}{
		{"elements put in by both", `["p"]`, `["p","u"]`, `["p","v"]`, `["p","v","u"]`, `["p","u","v"]`, Set},
		{"one out, one in", `["p","q"]`, `["q"]`, `["p","q","v"]`, `["q","v"]`, `["q","v"]`, Set},
		{"both created the list", Absent, `["a"]`, `["b"]`, `["b","a"]`, `["a","b"]`, Set},
		{"one side has it all", `["p"]`, `["p","u"]`, `["p","u","v"]`, Absent, Absent, Inherit},
		{"elements twice: a sequence", `[1,1]`, `[0,1,1]`, `[1,1,2]`, `[0,1,1,2]`, `[0,1,1,2]`, List},
		{"a sequence, at one place", `[1,1]`, `[1,1,2]`, `[1,1,3]`, `[1,1,3,2]`, `[1,1,2,3]`, List},
		{"objects that both changed", `[{"a":1}]`, `[{"a":2}]`, `[{"a":3}]`, Absent, Absent, Inherit},
		{"objects that one changed", `[{"a":1},{"b":1}]`, `[{"a":2},{"b":1}]`, `[{"a":1},{"b":1},{"c":1}]`, `[{"a":2},{"b":1},{"c":1}]`,
			`[{"a":2},{"b":1},{"c":1}]`, List},
		{"both moved one", `[{"a":1},{"b":1},{"c":1}]`, `[{"b":1},{"a":1},{"c":1}]`, `[{"b":1},{"c":1},{"a":1}]`, Absent, Absent, Inherit},
		{"words that touch", `"12 Kiln Rd"`, `"12 Kiln Rd, Unit 4"`, `"12 Kiln Road"`, `"12 Kiln Road, Unit 4"`, `"12 Kiln Road, Unit 4"`, Text},
		{"words at one place", `"valve leaks"`, `"valve leaks badly"`, `"valve leaks again"`, `"valve leaks again badly"`,
			`"valve leaks badly again"`, Text},
		{"words that overlap", `"valve leaks now"`, `"valve holds now"`, `"valve drips now"`, Absent, Absent, Inherit},
		{"the same edit and another", `"valve leaks now"`, `"pipe leaks now"`, `"pipe leaks then"`, Absent, Absent, Inherit},
		{"a date is no prose", `"2026-01-02"`, `"2026-03-02"`, `"2026-01-05"`, Absent, Absent, Inherit},
		{"a number is none", `"+1 555 0100"`, `"+2 555 0100"`, `"+1 555 0111"`, Absent, Absent, Inherit},
		{"types", `["a"]`, `["a","b"]`, `"a c"`, Absent, Absent, Inherit},
		{"numbers", `1`, `2`, `3`, Absent, Absent, Inherit},
	} {
		f := Field{Path: "/f", Outcome: FieldConflict, Kind: EditEdit, Base: c.base, Local: c.local, Server: c.server}
		if c.local.Type() != c.server.Type() {
			f.Kind = TypeChange
		}
		v, like := f.Suggestion(false)
		if v != c.want || like != c.like {
			t.Errorf("%s: %s as %s, want %s as %s", c.name, v, like, c.want, c.like)
		}
		if v, _ := f.Suggestion(true); v != c.localFirst {
			t.Errorf("%s, local first: %s, want %s", c.name, v, c.localFirst)
		}
		turned := f
		turned.Local, turned.Server = f.Server, f.Local
		if v, _ := turned.Suggestion(true); v != c.want {
			t.Errorf("%s, turned round: %s", c.name, v)
		}
	}
}

func TestNothingIsSuggestedAgainstARule(t *testing.T) {
	f := Field{Path: "/f", Outcome: FieldConflict, Kind: EditEdit, Base: `["p"]`, Local: `["p","u"]`, Server: `["p","v"]`}
	for name, change := range map[string]func(*Field){
		"immutable": func(f *Field) { f.Rule = Immutable.String() },
		"apart":     func(f *Field) { f.Rule = DecidedApart },
		"a group":   func(f *Field) { f.Group = "closing" },
		"no base":   func(f *Field) { f.Kind = NoBase },
		"merged":    func(f *Field) { f.Outcome = Local },
	} {
		g := f
		change(&g)
		if v, _ := g.Suggestion(false); v != Absent {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func TestASuggestionKeepsBothSides(t *testing.T) {
	doc := func(text string) Document {
		d, err := Canonical([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	r := Record(Sides{Base: doc(`{"t":["p"],"n":1}`), Local: doc(`{"t":["p","u"],"n":2}`), Server: doc(`{"t":["p","v"],"n":3}`)}, nil)
	r.Suggest()
	f, _ := r.Field("/t")
	combined, ok := f.Choose(TakeCombined, Absent)
	n, _ := r.Field("/n")
	server, _ := n.Choose(TakeServer, Absent)
	if !ok {
		t.Fatal("nothing is suggested for two lists")
	}
	for _, v := range []Value{`["p","v","u"]`, `["p","u","v"]`} {
		combined.Value = v
		written, err := r.Apply(Decisions{"/t": combined, "/n": server})
		if err != nil {
			t.Fatal(err)
		}
		if lost := r.NotKept(written); len(lost) != 1 || lost[0].Path != "/n" || lost[0].Side != "local" {
			t.Errorf("with %s lost: %+v", v, lost)
		}
	}
	combined.Value = `["p","v"]`
	written, err := r.Apply(Decisions{"/t": combined, "/n": server})
	if err != nil {
		t.Fatal(err)
	}
	if lost := r.NotKept(written); len(lost) != 2 {
		t.Errorf("local's element is lost and not told: %+v", lost)
	}
}

func TestElementChanges(t *testing.T) {
	for _, c := range []struct {
		name, key  string
		base, side Value
		want       string // + added, - removed, > moved, ~ changed
	}{
		{"put in and taken out", "", `["a","b"]`, `["b","c"]`, `-"a" +"c"`},
		{"from nothing", "", Absent, `["a"]`, `+"a"`},
		{"moved", "", `["a","b","c"]`, `["b","c","a"]`, `>"a"`},
		{"equal by meaning", "", `[1]`, `[1.0]`, ``},
		{"one of two alike", "", `["a","a"]`, `["a"]`, `-"a"`},
		{"a change is two without a key", "", `[{"id":1,"n":1}]`, `[{"id":1,"n":2}]`, `-{"id":1,"n":1} +{"id":1,"n":2}`},
		{"changed by its key", "id", `[{"id":1,"n":1},{"id":2}]`, `[{"id":1,"n":2},{"id":2}]`, `~{"id":1,"n":2}`},
		{"moved and changed", "id", `[{"id":1,"n":1},{"id":2}]`, `[{"id":2},{"id":1,"n":2}]`, `>{"id":1,"n":2} ~{"id":1,"n":2}`},
		{"a key that is missing", "id", `[{"id":1}]`, `[{"n":2}]`, `-{"id":1} +{"n":2}`},
	} {
		changes, ok := ElementChanges(c.base, c.side, c.key)
		got := ""
		for _, ch := range changes {
			if got != "" {
				got += " "
			}
			got += string("+->~"[ch.How]) + string(ch.Value)
		}
		if !ok || got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, ok := ElementChanges(`["a"]`, `"a"`, ""); ok {
		t.Error("a text is no list")
	}
}
