package main

import (
	"strings"

	"dovetail/merge"
)

// parseSide reads the side that a person takes.
func parseSide(word string) (merge.Choice, error) {
	switch word {
	case "local":
		return merge.TakeLocal, nil
	case "server":
		return merge.TakeServer, nil
	case "base":
		return merge.TakeBase, nil
	}
	return merge.Undecided, misuse("%q is no side: it is local, server or base", word)
}

// choices are what the flags of `resolve` decide, in the order the flags stood within their kind.
type choices struct {
	all      merge.Choice // for every conflict that nothing else decides
	fields   []fieldChoice
	assigned []string // FIELD=VALUE, read against the document they go into
	both     string   // the id that local's record is kept under, where both created one
	refused  bool     // the change merges, and the application's table does not take what it comes to
}

type fieldChoice struct {
	path   string
	choice merge.Choice
}

func (c choices) empty() bool {
	return c.all == merge.Undecided && len(c.fields) == 0 && len(c.assigned) == 0 && c.both == ""
}

// parseChoices reads the values of --take, --set and --unset.
func parseChoices(take, set, unset []string) (choices, error) {
	c := choices{assigned: set}
	for _, word := range take {
		field, side, named := cutLast(word, "=")
		if !named {
			side = word
		}
		choice, err := parseSide(side)
		if err != nil {
			return c, hint(misuse("--take %s: it is local, server or base, or FIELD=SIDE", word),
				"to keep something of both, --set FIELD=VALUE says what is to stand there")
		}
		if !named {
			if c.all != merge.Undecided && c.all != choice {
				return c, misuse("--take %s and --take %s: one of them", c.all, choice)
			}
			c.all = choice
			continue
		}
		path, err := parseField(field)
		if err != nil {
			return c, err
		}
		c.fields = append(c.fields, fieldChoice{path, choice})
	}
	for _, field := range unset {
		path, err := parseField(field)
		if err != nil {
			return c, err
		}
		c.fields = append(c.fields, fieldChoice{path, merge.Removed})
	}
	return c, nil
}

func parseField(word string) (string, error) {
	path, err := merge.ParsePath(word)
	if err != nil {
		return "", misuseError{err}
	}
	return path, nil
}

// cutLast splits at the last sep: a field's name may hold one, a side cannot.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// decide turns the choices into decisions on the fields of r. Fields that draft decides already are left alone by the
// choice for all. A side that is taken for a field of a group is taken for the whole group.
func (c choices) decide(r merge.Result, rules *merge.Rules, draft merge.Decisions) (merge.Decisions, error) {
	d := deciding{result: r, rules: rules, draft: draft, decided: merge.Decisions{}, byGroup: map[string]bool{}}
	for _, text := range c.assigned {
		op, err := merge.ParseAssignment(text, present(r.Sides()), rules)
		if err != nil {
			return nil, misuseError{err}
		}
		if op.Verb != merge.SetField {
			return nil, misuse("--set %s: only FIELD=VALUE and FIELD:=JSON decide a conflict", text)
		}
		if err := d.field(op.Path, merge.Edited, op.Value); err != nil {
			return nil, err
		}
	}
	for _, f := range c.fields {
		if err := d.field(f.path, f.choice, merge.Absent); err != nil {
			return nil, err
		}
		if err := d.group(f.path, f.choice); err != nil {
			return nil, err
		}
	}
	switch {
	case c.all == merge.Undecided:
		return d.decided, nil
	case c.refused && c.all != merge.TakeLocal:
		return d.decided, d.instead(c.all)
	}
	return d.decided, d.rest(c.all)
}

// instead takes a side for all that local brings: nothing of it is in dispute, and the application's table refuses it.
func (d deciding) instead(side merge.Choice) error {
	for _, f := range d.result.Fields {
		if _, done := d.decided[f.Path]; done || f.Outcome == merge.Server || f.Outcome == merge.Agreed {
			continue
		}
		if err := d.field(f.Path, side, merge.Absent); err != nil {
			return err
		}
	}
	return nil
}

// deciding collects the decisions of one command on one conflict.
type deciding struct {
	result  merge.Result
	rules   *merge.Rules
	draft   merge.Decisions
	decided merge.Decisions
	byGroup map[string]bool // the paths that were decided along with another of their group
}

// rest decides what nothing else does. Where there is no such field, but the draft has it otherwise, whoever asks for a
// side would get another one unasked.
func (d deciding) rest(side merge.Choice) error {
	took := false
	for _, path := range d.result.Undecided(d.draft) {
		if _, ok := d.decided[path]; ok {
			continue
		}
		if err := d.field(path, side, merge.Absent); err != nil {
			return err
		}
		took = true
	}
	if took {
		return nil
	}
	for _, path := range d.result.Conflicts() {
		if _, ok := d.decided[path]; ok {
			continue
		}
		f, _ := d.result.Field(path)
		asked, offered := f.Choose(side, merge.Absent)
		if before := d.draft[path]; !offered || !merge.Equal(before.Value, asked.Value) {
			return hint(misuse("nothing is undecided, and your draft has %s for %s", before.Choice, fieldName(path)),
				"--take FIELD=%s decides it anew; --json without --take writes the draft", side)
		}
	}
	return nil
}

func (d deciding) field(path string, c merge.Choice, v merge.Value) error {
	if before, ok := d.decided[path]; ok {
		if d.byGroup[path] && before.Choice == c {
			return nil
		}
		if d.byGroup[path] {
			return misuse("%s is in a group, which is decided as one: %s or %s", fieldName(path), before.Choice, c)
		}
		return misuse("%s is decided twice", fieldName(path))
	}
	f, ok := d.result.Field(path)
	if !ok {
		f = unchangedField(d.result.Sides(), path, d.rules)
		if c != merge.Edited && f.Base == merge.Absent && f.Local == merge.Absent && f.Server == merge.Absent {
			return hint(misuse("no side has a field %s", fieldName(path)), "`dovetail show` lists the fields")
		}
	}
	decision, ok := f.Choose(c, v)
	if !ok {
		return misuse("%s cannot be decided as %s", fieldName(path), c)
	}
	d.decided[path] = decision
	return nil
}

// group takes the side of one field for the others of its group, but for those that have a value typed by hand.
func (d deciding) group(path string, c merge.Choice) error {
	f, ok := d.result.Field(path)
	if !ok || f.Group == "" || c == merge.Removed {
		return nil
	}
	for _, other := range d.result.Fields {
		_, done := d.decided[other.Path]
		if other.Group != f.Group || done || d.draft[other.Path].Choice == merge.Edited {
			continue
		}
		if err := d.field(other.Path, c, merge.Absent); err != nil {
			return err
		}
		d.byGroup[other.Path] = true
	}
	return nil
}

// unchangedField is a leaf that the merge does not list, so that it can be decided too.
func unchangedField(s merge.Sides, path string, rules *merge.Rules) merge.Field {
	return merge.Field{
		Path:   path,
		Base:   rules.Lookup(s.Base, path),
		Local:  rules.Lookup(s.Local, path),
		Server: rules.Lookup(s.Server, path),
	}
}

// present is a document to read types from: the newest that is there.
func present(s merge.Sides) merge.Document {
	for _, d := range []merge.Document{s.Server, s.Local, s.Base} {
		if d != nil {
			return d
		}
	}
	return nil
}
