package merge

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// law says what holds under a policy, whatever the three sides are.
type law struct {
	// mirror is the policy that does the same with local and server swapped; Inherit where there is none.
	mirror   Policy
	identity bool // merge(B,L,B) = L, and only a side that changed something counts as changed
	agrees   bool // merge(B,X,X) = X
	atomic   bool // a leaf holds what one of the three sides holds
	settles  bool // merge(S,R,S) = R, where R is a result
}

// lawBook has every policy. Two equal increments are two, so a counter does not agree. What is immutable conflicts by
// a change on one side alone. What is ignored is no change, so local's is not kept, and there is no policy that keeps
// local's instead; where an object is taken whole from local, the ignored fields in it come along, so that a result
// need not settle.
var lawBook = map[Policy]law{
	Inherit:      {mirror: Inherit, identity: true, agrees: true, atomic: true, settles: true},
	Ask:          {mirror: Ask, identity: true, agrees: true, atomic: true, settles: true},
	PreferLocal:  {mirror: PreferServer, identity: true, agrees: true, atomic: true, settles: true},
	PreferServer: {mirror: PreferLocal, identity: true, agrees: true, atomic: true, settles: true},
	Latest:       {mirror: Latest, identity: true, agrees: true, atomic: true, settles: true},
	Max:          {mirror: Max, identity: true, agrees: true, atomic: true, settles: true},
	Min:          {mirror: Min, identity: true, agrees: true, atomic: true, settles: true},
	Counter:      {mirror: Counter, identity: true, settles: true},
	Set:          {mirror: Set, identity: true, agrees: true, settles: true},
	List:         {mirror: List, identity: true, agrees: true, settles: true},
	Keyed:        {mirror: Keyed, identity: true, agrees: true, atomic: true, settles: true},
	Text:         {mirror: Text, identity: true, agrees: true, settles: true},
	FieldsOf:     {mirror: FieldsOf, identity: true, agrees: true, atomic: true, settles: true},
	Ignore:       {agrees: true, atomic: true},
	Immutable:    {mirror: Immutable, atomic: true},
}

// rulesLaw is what holds for records with rules, and whether they have a mirror.
func rulesLaw(rules *Rules) (all law, mirrored bool) {
	all, mirrored = lawBook[Ask], true
	eachRule(rules.root(), map[*Rule]bool{}, func(r *Rule) {
		l := lawBook[r.Policy]
		all.identity = all.identity && l.identity
		all.agrees = all.agrees && l.agrees
		all.atomic = all.atomic && l.atomic
		all.settles = all.settles && l.settles
		mirrored = mirrored && (l.mirror != Inherit || r.Policy == Inherit)
	})
	return all, mirrored
}

func eachRule(r *Rule, visited map[*Rule]bool, visit func(*Rule)) {
	if r == nil || visited[r] {
		return
	}
	visited[r] = true
	visit(r)
	for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
		eachRule(r.Properties[name], visited, visit)
	}
	eachRule(r.Items, visited, visit)
	eachRule(r.Additional, visited, visit)
}

// mirror returns the rules that do the same with the sides swapped.
func (r *Rule) mirror() *Rule {
	if r == nil {
		return nil
	}
	m := *r
	m.Policy = lawBook[r.Policy].mirror
	m.Items, m.Additional, m.Properties = r.Items.mirror(), r.Additional.mirror(), map[string]*Rule{}
	for name, p := range r.Properties {
		m.Properties[name] = p.mirror()
	}
	return &m
}

// normal is a text that values share if they are equal but for the order of elements that a policy does not keep.
func normal(v []byte, rule *Rule) string {
	var parts []string
	switch {
	case isObject(v):
		members(v, func(key, value []byte) bool {
			parts = append(parts, string(key)+normal(value, rule.member(unescape(key[1:len(key)-1]))))
			return true
		})
		return "{" + strings.Join(parts, ",") + "}"
	case isArray(v) && rule != nil && (rule.Policy == Set || rule.Policy == Keyed):
		elements(v, func(e []byte) bool {
			parts = append(parts, normal(e, rule.Items))
			return true
		})
		slices.Sort(parts)
		return "[" + strings.Join(parts, ",") + "]"
	}
	return meaning(v)
}

// laws checks all that holds for a merge of these sides.
func laws(s Sides, rules *Rules) error {
	r := Record(s, rules)
	all, mirrored := rulesLaw(rules)
	for _, check := range []func() error{
		func() error { return lawOfShape(r) },
		func() error { return lawOfWriting(r, all) },
		func() error { return lawOfOutcomes(r, all, mirrored) },
		func() error { return lawOfKeeping(r) },
		func() error { return lawOfIdentity(s, rules, all) },
		func() error { return lawOfMirror(r, mirrored) },
		func() error { return lawOfSettling(r, all) },
		func() error { return lawOfMachines(r) },
		func() error { return lawOfDeciding(r) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// lawOfShape: fields come sorted, each once, with the values of the sides; a conflict is one by its fields; and the
// same input gives the same bytes.
func lawOfShape(r Result) error {
	s := r.sides
	for i, f := range r.Fields {
		if i > 0 && r.Fields[i-1].Path >= f.Path {
			return fmt.Errorf("%q comes after %q", f.Path, r.Fields[i-1].Path)
		}
		if f.Outcome == Unchanged || (f.Outcome == FieldConflict) != (f.Kind != NoKind) {
			return fmt.Errorf("%q is %v of kind %q", f.Path, f.Outcome, f.Kind)
		}
		if f.Base != r.rules.Lookup(s.Base, f.Path) || f.Local != r.rules.Lookup(s.Local, f.Path) || f.Server != r.rules.Lookup(s.Server, f.Path) {
			return fmt.Errorf("%q shows %s %s %s", f.Path, f.Base, f.Local, f.Server)
		}
	}
	if conflicts := len(r.Conflicts()) > 0; (r.Outcome == RecordConflict) != conflicts || (r.Kind != NoKind) != conflicts || r.Outcome == Undetermined {
		return fmt.Errorf("outcome %v %v with conflicts at %q", r.Outcome, r.Kind, r.Conflicts())
	}
	if texts := []string{text(r), text(Record(s, r.rules))}; texts[0] != texts[1] {
		return fmt.Errorf("not the same twice: %s, %s", texts[0], texts[1])
	}
	return nil
}

func text(r Result) string {
	out, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// lawOfWriting: the document is canonical, and it is the server's with the results that are listed; under atomic
// policies each of those is a value of one of the sides.
func lawOfWriting(r Result, all law) error {
	if r.Outcome == RecordConflict {
		return nil
	}
	if r.Document != nil {
		if d, err := Canonical(r.Document); err != nil || string(d) != string(r.Document) {
			return fmt.Errorf("the result %s is not canonical: %v", r.Document, err)
		}
	}
	told := r.sides.Server
	for _, f := range r.Fields {
		if all.atomic && f.Result != f.Base && f.Result != f.Local && f.Result != f.Server {
			return fmt.Errorf("%q = %s is a value of none of the sides", f.Path, f.Result)
		}
		var err error
		if told, err = r.rules.With(told, f.Path, f.Result); err != nil {
			return fmt.Errorf("%q cannot be written: %v", f.Path, err)
		}
	}
	if root := r.rules.root(); normal(told, root) != normal(r.Document, root) {
		return fmt.Errorf("the fields tell %s, the result is %s", told, r.Document)
	}
	return nil
}

// lawOfOutcomes: what the outcome says of the record is so, and is said where it is so.
func lawOfOutcomes(r Result, all law, mirrored bool) error {
	s := r.sides
	wrong := func() error { return fmt.Errorf("%v, and the result is %s", r.Outcome, r.Document) }
	switch r.Outcome {
	case Converged, FastForward:
		if !r.Document.Equal(s.Server) || mirrored && all.agrees && r.Outcome == Converged && !s.Local.Equal(s.Server) {
			return wrong()
		}
	case KeepLocal:
		if mirrored && !r.Document.Equal(s.Local) {
			return wrong()
		}
	}
	localSame := s.Local.Equal(s.Base) && !s.BaseLost
	serverSame := s.Server.Equal(s.Base) && !s.BaseLost && !s.Recreated
	switch same := s.Local.Equal(s.Server); {
	case same && (all.agrees || s.Local == nil) && r.Outcome != Converged,
		s.BaseLost && !same && mirrored && r.Outcome != RecordConflict,
		all.identity && localSame && !same && r.Outcome != FastForward,
		all.identity && serverSame && !same && r.Outcome != KeepLocal:
		return wrong()
	}
	return nil
}

// lawOfKeeping: what local changed is in the result, or is listed, or the result says that it dropped something.
func lawOfKeeping(r Result) error {
	s := r.sides
	if s.BaseLost || r.Dropped {
		return nil
	}
	edits := Record(Sides{Base: s.Base, Local: s.Local, Server: s.Base}, nil)
	for _, e := range edits.Fields {
		if Equal(Lookup(r.joined, e.Path), e.Local) || e.Path == "" && s.Local != nil && s.Server != nil && !s.Recreated {
			continue // two records of one name are told by their fields
		}
		listed := false
		for _, f := range r.Fields {
			listed = listed || f.Path == e.Path || below(f.Path, e.Path) || below(e.Path, f.Path)
			if f.Path == e.Path && f.Outcome == Server && !Equal(e.Local, e.Base) {
				return fmt.Errorf("local's %q = %s was overwritten", e.Path, e.Local)
			}
			if f.Outcome == Combined && !Equal(f.Result, f.Local) && !joins(f.Rule) {
				return fmt.Errorf("%q = %s was dropped and nobody told", f.Path, f.Local)
			}
		}
		if !listed {
			return fmt.Errorf("local's %q = %s is lost in %v %s", e.Path, e.Local, r.Outcome, r.Document)
		}
	}
	return nil
}

// joins reports whether a policy, by its word, puts both edits into what it makes.
func joins(rule string) bool {
	return slices.Contains([]string{"counter", "set", "list", "text", "keyed"}, rule)
}

// lawOfIdentity: a side that did nothing changes nothing, and what both did alike is done once.
func lawOfIdentity(s Sides, rules *Rules, all law) error {
	for _, c := range []struct {
		name  string
		holds bool
		in    Sides
		want  Document
	}{
		{name: "merge(B,L,B) = L", holds: all.identity, in: Sides{Base: s.Base, Local: s.Local, Server: s.Base}, want: s.Local},
		{name: "merge(B,B,S) = S", holds: all.identity, in: Sides{Base: s.Base, Local: s.Base, Server: s.Server}, want: s.Server},
		{name: "merge(B,X,X) = X", holds: all.agrees, in: Sides{Base: s.Base, Local: s.Local, Server: s.Local}, want: s.Local},
	} {
		if !c.holds {
			continue
		}
		if r := Record(c.in, rules); r.Outcome == RecordConflict || !r.Document.Equal(c.want) {
			return fmt.Errorf("%s: got %v %s", c.name, r.Outcome, r.Document)
		}
	}
	return nil
}

// lawOfMirror: swapping local and server swaps the outcomes, and nothing else, under the mirrored policies.
func lawOfMirror(r Result, mirrored bool) error {
	s := r.sides
	if !mirrored || s.Recreated || r.rules != nil && r.rules.Check != nil {
		return nil // a tombstone, and the rules that are broken already, are the server's
	}
	swapped := Sides{Base: s.Base, Local: s.Server, Server: s.Local, BaseLost: s.BaseLost}
	if s.Edits != nil {
		swapped.Edits = &Edits{Local: s.Edits.Server, Server: s.Edits.Local}
	}
	var rules *Rules
	if r.rules != nil {
		rules = &Rules{Root: r.rules.Root.mirror(), Delete: lawBook[r.rules.Delete].mirror}
	}
	m := Record(swapped, rules)
	outcome := map[RecordOutcome]RecordOutcome{FastForward: KeepLocal, KeepLocal: FastForward, Converged: Converged, Merged: Merged, RecordConflict: RecordConflict}
	if m.Outcome != outcome[r.Outcome] || len(m.Fields) != len(r.Fields) {
		return fmt.Errorf("%v with %d fields, swapped %v with %d", r.Outcome, len(r.Fields), m.Outcome, len(m.Fields))
	}
	field := map[Outcome]Outcome{Local: Server, Server: Local, Agreed: Agreed, Combined: Combined, FieldConflict: FieldConflict}
	for i, f := range r.Fields {
		if g := m.Fields[i]; g.Path != f.Path || g.Outcome != field[f.Outcome] {
			return fmt.Errorf("%q is %v, swapped %q is %v", f.Path, f.Outcome, g.Path, g.Outcome)
		}
	}
	if root := r.rules.root(); r.Outcome != RecordConflict && normal(r.Document, root) != normal(m.Document, root) {
		return fmt.Errorf("the result is %s, swapped %s", r.Document, m.Document)
	}
	return nil
}

// lawOfSettling: merging a result again changes nothing.
func lawOfSettling(r Result, all law) error {
	if r.Outcome == RecordConflict || !all.settles {
		return nil
	}
	again := Record(Sides{Base: r.sides.Server, Local: r.Document, Server: r.sides.Server}, r.rules)
	if again.Outcome == RecordConflict || !again.Document.Equal(r.Document) {
		return fmt.Errorf("merging the result %s again gave %v %s", r.Document, again.Outcome, again.Document)
	}
	return nil
}

// lawOfMachines: a Merger says the same as Record, and leaves alone what stands in its buffer.
func lawOfMachines(r Result) error {
	var m Merger
	buffer := []byte("before")
	m.Merge(nil, Sides{Base: Document(`{}`), Local: Document(`{"q":1}`), Server: Document(`{"q":2}`)}, nil)
	got := m.Merge(buffer, r.sides, r.rules)
	if got.Outcome != r.Outcome || got.Dropped != r.Dropped || string(buffer) != "before" {
		return fmt.Errorf("the merger says %v, dropped %v; the record is %v, %v", got.Outcome, got.Dropped, r.Outcome, r.Dropped)
	}
	if r.Outcome != RecordConflict && (string(got.Document) != string(r.Document) || (got.Document == nil) != (r.Document == nil)) {
		return fmt.Errorf("the merger made %s, the record is %s", got.Document, r.Document)
	}
	return nil
}

// lawOfDeciding: nothing is written while a field is undecided; every side can be taken for all; what was just
// decided stands; and the document holds it.
func lawOfDeciding(r Result) error {
	if r.Outcome != RecordConflict {
		if got, err := r.Apply(nil); err != nil || string(got) != string(r.Document) {
			return fmt.Errorf("without decisions it is %s, %v", got, err)
		}
		return nil
	}
	var open *UndecidedError
	if got, err := r.Apply(nil); !errors.As(err, &open) || got != nil {
		return fmt.Errorf("undecided, it wrote %s, %v", got, err)
	}
	for _, choice := range []Choice{TakeLocal, TakeServer, TakeBase, Removed} {
		d := Decisions{}
		for _, path := range r.Conflicts() {
			f, _ := r.Field(path)
			decision, ok := f.Choose(choice, Absent)
			if !ok {
				decision, _ = f.Choose(TakeLocal, Absent)
			}
			d[path] = decision
		}
		if _, moved := r.Standing(d); len(moved) > 0 {
			return fmt.Errorf("what was just decided does not stand: %q", moved)
		}
		got, err := r.Apply(d)
		if err != nil {
			return fmt.Errorf("%v cannot be written: %v", choice, err)
		}
		for path, decision := range d {
			if now := r.rules.Lookup(got, path); !Equal(now, decision.Value) && path != "" {
				return fmt.Errorf("%v of %q: it holds %s, not %s", choice, path, now, decision.Value)
			}
		}
	}
	return nil
}
