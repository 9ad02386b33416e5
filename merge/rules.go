package merge

import (
	"fmt"
	"slices"
	"strings"
)

// RuleError says which rules of its collection a document would break.
type RuleError struct{ Broken []Violation }

func (e *RuleError) Error() string {
	parts := make([]string, len(e.Broken))
	for i, v := range e.Broken {
		parts[i] = v.String()
	}
	return "breaks a rule: " + strings.Join(parts, "; ")
}

// String returns the fields, quoted, and the rule.
func (v Violation) String() string {
	labels := make([]string, len(v.Paths))
	for i, path := range v.Paths {
		labels[i] = fmt.Sprintf("%q", PathLabel(path))
	}
	return strings.Join(labels, ", ") + ": " + v.Rule
}

func (v Violation) equal(other Violation) bool {
	return v.Rule == other.Rule && slices.Equal(v.Paths, other.Paths)
}

// newlyBroken returns the rules that d breaks and the server's document does not: what was broken before a change is
// not the change's conflict.
func (r Result) newlyBroken(d Document) []Violation {
	if r.rules == nil || r.rules.Check == nil || d == nil {
		return nil
	}
	var before []Violation
	if r.sides.Server != nil {
		before = r.rules.broken(r.sides.Server)
	}
	return slices.DeleteFunc(r.rules.broken(d), func(v Violation) bool {
		return slices.ContainsFunc(before, v.equal)
	})
}

// broken returns what d breaks, told of fields that a decision can be about.
func (r *Rules) broken(d Document) []Violation {
	found := slices.Clone(r.Check.Broken(d))
	for i := range found {
		paths := make([]string, len(found[i].Paths))
		for j, path := range found[i].Paths {
			paths[j] = r.field(d, path, true)
		}
		slices.Sort(paths)
		found[i].Paths = slices.Compact(paths)
	}
	return found
}

// field returns the deepest field of d at or above a path that can be set: an array is one value, but for a keyed one,
// whose elements go by their key. byIndex says that they go by their index in the path that is given.
func (r *Rules) field(d Document, path string, byIndex bool) string {
	value, rule := []byte(d), r.root()
	var at []byte
	for path != "" {
		var token string
		token, path = cutToken(path)
		switch {
		case len(value) == 0:
		case isObject(value):
			value, rule = lookupMember(value, token), rule.member([]byte(token))
		case isArray(value) && rule.isKeyed():
			if byIndex {
				element := lookupElement(value, token)
				if element == nil {
					return string(at)
				}
				token, _ = keyToken(lookupMember(element, rule.Key))
			}
			if value, rule = keyedElement(value, rule.Key, token), rule.Items; value == nil {
				return string(at)
			}
		default:
			return string(at)
		}
		at = appendToken(at, []byte(token))
	}
	return string(at)
}

// keepRules makes a conflict of a join that breaks a rule: of every field that the rule is about, and where it names
// none, of the record as a whole.
func (r *Result) keepRules() {
	for _, v := range r.newlyBroken(r.joined) {
		r.Outcome = RecordConflict
		paths := v.Paths
		if len(paths) == 0 {
			paths = []string{""}
		}
		for _, path := range paths {
			r.dispute(path, v.Rule)
		}
	}
}

// dispute turns the field at path into a conflict over a rule.
func (r *Result) dispute(path, rule string) {
	i, found := slices.BinarySearchFunc(r.Fields, path, func(f Field, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		r.Fields = slices.Insert(r.Fields, i, Field{Path: path, Base: r.rules.Lookup(r.sides.Base, path),
			Local: r.rules.Lookup(r.sides.Local, path), Server: r.rules.Lookup(r.sides.Server, path)})
	}
	f := &r.Fields[i]
	if f.Outcome == Combined {
		f.Proposal = f.Result // the join that a person may still want, once the other fields fit it
	}
	f.Outcome, f.Kind, f.Rule, f.Result = FieldConflict, RuleKind, rule, Absent
}
