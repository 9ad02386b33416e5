package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// evidenceWidth is how much of one value an explanation shows.
const evidenceWidth = 60

// explainer says in words what a merge made of each field: which rule decided, and on what evidence.
type explainer struct {
	result            merge.Result
	rules             *merge.Rules
	localAt, serverAt time.Time // of the whole sides, for last-write-wins
}

// explanation is what a person who was not there has to know of one field.
type explanation struct {
	Reason   string   `json:"reason"`
	Evidence []string `json:"evidence,omitempty"` // beyond the three values
}

func (e explainer) explain(f merge.Field) explanation {
	var x explanation
	switch {
	case strings.HasPrefix(f.Rule, "fill "):
		x.Reason = "both sides changed it, and --" + f.Rule + " settles it"
	case f.Outcome == merge.FieldConflict:
		x = e.conflict(f)
	case f.Rule == merge.LastWriteWins.String():
		x = e.lastWrite(f)
	case f.Outcome == merge.Combined && f.Path == "":
		x.Reason = "one side deleted the record and the other changed it; the schema's x-merge-delete says that " + sideName(f.Rule) + " wins"
	case f.Outcome == merge.Combined:
		x = e.combined(f)
	case f.Outcome == merge.Local:
		x.Reason = "only local changed it"
	case f.Outcome == merge.Server:
		x.Reason = "only the server changed it"
	case f.Outcome == merge.Agreed:
		x.Reason = "both sides made the same change"
	default:
		x.Reason = "nobody changed it"
	}
	if group := policyOf(e.rules, f.Path).group; group != "" && f.Group == "" && (f.Outcome == merge.Local || f.Outcome == merge.Server) {
		x.Reason += fmt.Sprintf("; the other side left the whole group %s alone", safe.Text(group))
	}
	if note := safe.Difference(f.Local, f.Server); note != "" {
		x.Evidence = append(x.Evidence, "local and server differ"+strings.TrimPrefix(note, "differs"))
	}
	return x
}

func sideName(word string) string {
	if word == "server" {
		return "the server"
	}
	return string(safe.Text(word))
}

func (e explainer) lastWrite(f merge.Field) explanation {
	x := explanation{Reason: fmt.Sprintf("%s edited the record later, and last-write-wins takes the whole record", sideName(f.Outcome.String()))}
	if !e.localAt.IsZero() || !e.serverAt.IsZero() {
		x.Evidence = []string{fmt.Sprintf("local %s, server %s", clock(e.localAt), clock(e.serverAt))}
	}
	return x
}

// clock is a time that may have to be told from another one close by.
func clock(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return "at " + t.UTC().Format("2006-01-02 15:04:05.999 UTC")
}

// combined explains what a policy joined.
func (e explainer) combined(f merge.Field) explanation {
	const both = "both sides changed it; "
	base, local, server := short(f.Base), short(f.Local), short(f.Server)
	switch f.Rule {
	case merge.PreferLocal.String(), merge.PreferServer.String():
		return explanation{Reason: fmt.Sprintf("%sthe schema says that %s wins", both, sideName(f.Rule))}
	case merge.Latest.String():
		return explanation{Reason: both + "latest takes the later edit", Evidence: e.editTimes(f.Path)}
	case merge.Max.String():
		return explanation{Reason: fmt.Sprintf("%smax takes the larger of %s and %s", both, local, server)}
	case merge.Min.String():
		return explanation{Reason: fmt.Sprintf("%smin takes the smaller of %s and %s", both, local, server)}
	case merge.Counter.String():
		if f.Base == merge.Absent {
			base = "0"
		}
		return explanation{Reason: both + "counter adds both changes",
			Evidence: []string{fmt.Sprintf("the server's %s, plus what local added: %s less %s", server, local, base)}}
	case merge.Set.String():
		return explanation{Reason: both + "set keeps what was added and leaves out what was removed", Evidence: setEdits(f)}
	case merge.List.String(), merge.Text.String():
		return explanation{Reason: both + f.Rule + " joins them, because they changed different places"}
	case merge.OpReplay.String():
		return explanation{Reason: both + "op-replay did the operations of local on the server's value"}
	}
	return explanation{Reason: fmt.Sprintf("%s%s joins them", both, safe.Text(f.Rule))}
}

// conflict explains why a person has to decide.
func (e explainer) conflict(f merge.Field) explanation {
	switch f.Kind {
	case merge.EditDelete:
		return explanation{Reason: "local changed the record, the server deleted it"}
	case merge.DeleteEdit:
		return explanation{Reason: "local deleted the record, the server changed it"}
	case merge.NoBase:
		return explanation{Reason: "the sides differ, and what they started from is not known"}
	case merge.GroupKind:
		return explanation{Reason: fmt.Sprintf("both sides changed the group %s, which is one unit", safe.Text(f.Group)),
			Evidence: []string{"decided together: " + e.alike(func(other merge.Field) bool { return other.Group == f.Group })}}
	case merge.RuleKind:
		x := explanation{Reason: fmt.Sprintf("the joined record would break a rule that the server's record keeps: %s", safe.Text(f.Rule))}
		if fields := e.alike(func(other merge.Field) bool { return other.Kind == merge.RuleKind && other.Rule == f.Rule }); fields != fieldName(f.Path) {
			x.Evidence = []string{"the fields in this rule: " + fields}
		}
		return x
	}
	if f.Rule == merge.Immutable.String() {
		return explanation{Reason: "the schema says that it never changes after it was created (immutable)"}
	}
	x := explanation{Reason: differently(f)}
	p := policyOf(e.rules, f.Path)
	switch {
	case e.rules == nil, f.Path == "":
	case p.policy == merge.Ask && p.declared:
		x.Reason += "; the schema says that a person is asked (ask)"
	case p.policy == merge.Ask, p.policy == merge.FieldsOf:
		x.Reason += "; the schema names no way to join it"
	default:
		x.Reason += fmt.Sprintf("; %s could not join it, because %s", p.policy, whyNot(p, f))
	}
	x.Evidence = disputes(f)
	return x
}

func differently(f merge.Field) string {
	switch f.Kind {
	case merge.CreateCreate:
		return "both sides created it, differently"
	case merge.TypeChange:
		return fmt.Sprintf("the sides hold different types: local %s, the server %s", f.Local.Type(), f.Server.Type())
	}
	return "both sides changed it, differently"
}

// whyNot says why a policy that joins edits did not join these.
func whyNot(p policyAt, f merge.Field) string {
	switch p.policy {
	case merge.Latest:
		return "it is not known when each side edited it"
	case merge.Max, merge.Min:
		return "the two are not both numbers, or both points in time"
	case merge.Counter:
		for _, side := range []struct {
			name  string
			value merge.Value
		}{{"base", f.Base}, {"local", f.Local}, {"the server", f.Server}} {
			if side.value.Type() != merge.NumberType {
				return "in " + side.name + " there is no number"
			}
		}
		return "the sum is beyond what a number may be"
	case merge.Set:
		return "not all sides hold a list"
	case merge.List, merge.Text:
		if len(f.Hunks) > 0 {
			return "the edits meet in the same place"
		}
		return "not all sides hold a " + map[merge.Policy]string{merge.List: "list", merge.Text: "text"}[p.policy]
	case merge.Keyed:
		return fmt.Sprintf("an element has no %s, two have the same, or both sides moved them", safe.Text(p.key))
	}
	return "the values do not fit it"
}

// disputes lists the parts of a text or list that a person has to decide.
func disputes(f merge.Field) []string {
	var lines []string
	joined := 0
	for _, h := range f.Hunks {
		if h.Joined != merge.Absent {
			joined++
			continue
		}
		lines = append(lines, fmt.Sprintf("in dispute: base %s, local %s, server %s", short(h.Base), short(h.Local), short(h.Server)))
	}
	if len(lines) > 0 && joined > 0 {
		lines = append(lines, "the rest is joined")
	}
	return lines
}

// alike names the fields of the merge that a test holds for.
func (e explainer) alike(test func(merge.Field) bool) string {
	var paths []string
	for _, f := range e.result.Fields {
		if test(f) {
			paths = append(paths, f.Path)
		}
	}
	return fieldList(paths)
}

func (e explainer) editTimes(path string) []string {
	edits := e.result.Sides().Edits
	if edits == nil {
		return nil
	}
	return []string{fmt.Sprintf("local %s, server %s", clock(edits.Local[path]), clock(edits.Server[path]))}
}

// setEdits says what each side did to a set.
func setEdits(f merge.Field) []string {
	var lines []string
	if len(f.Base)+len(f.Local)+len(f.Server) > maxSetText {
		return nil
	}
	for _, side := range []struct {
		name  string
		value merge.Value
	}{{"local", f.Local}, {"the server", f.Server}} {
		added, removed := without(side.value, f.Base), without(f.Base, side.value)
		var words []string
		if added != "" {
			words = append(words, "added "+added)
		}
		if removed != "" {
			words = append(words, "removed "+removed)
		}
		if len(words) > 0 {
			lines = append(lines, side.name+" "+strings.Join(words, " and "))
		}
	}
	return lines
}

// without lists the elements of an array that another does not have.
func without(array, other merge.Value) string {
	var words []string
	there := elementsOf(other)
next:
	for _, e := range elementsOf(array) {
		for _, o := range there {
			if merge.Equal(e, o) {
				continue next
			}
		}
		if len(words) == maxElements {
			words = append(words, "…")
			break
		}
		words = append(words, string(short(e)))
	}
	return strings.Join(words, ", ")
}

const (
	maxElements = 10      // of a set, that an explanation names
	maxSetText  = 1 << 14 // bytes of a set, in which an explanation looks for what changed
)

func elementsOf(array merge.Value) []merge.Value {
	var parts []merge.Value
	if array.Type() != merge.ArrayType || json.Unmarshal([]byte(array), &parts) != nil {
		return nil
	}
	return parts
}

func short(v merge.Value) safe.Cell { return safe.Short(v, evidenceWidth) }

// sayExplained tells what became of each field, by which rule and why.
func (a *app) sayExplained(object mergeObject, e explainer) {
	for _, f := range object.Fields {
		a.say("%s", e.outcome(f.Field))
		x := e.explain(f.Field)
		a.say("  %s", x.Reason)
		a.say("  base %s, local %s, server %s", short(f.Base), short(f.Local), short(f.Server))
		for _, line := range x.Evidence {
			a.say("  %s", line)
		}
	}
	if len(object.Fields) == 0 {
		a.say("no side changed anything")
	}
}

// name is how people type a field, and what the schema calls it.
func (e explainer) name(path string) string {
	name := fieldName(path)
	if label := string(safe.Text(policyOf(e.rules, path).label)); label != "" && label != name && path != "" {
		return name + " (" + label + ")"
	}
	return name
}

// outcome says what will stand in a field.
func (e explainer) outcome(f merge.Field) string {
	name := e.name(f.Path)
	if f.Outcome == merge.FieldConflict && !strings.HasPrefix(f.Rule, "fill ") {
		return name + ": a person decides"
	}
	word := map[merge.Outcome]string{merge.Local: "from local", merge.Server: "from the server", merge.Agreed: "as both have it",
		merge.Combined: "joined", merge.FieldConflict: "filled in"}[f.Outcome]
	if f.Result == merge.Absent {
		if f.Path == "" {
			return name + ": deleted, " + word
		}
		return name + ": taken out, " + word
	}
	return fmt.Sprintf("%s: %s, %s", name, short(f.Result), word)
}
