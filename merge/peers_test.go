package merge

import (
	"strings"
	"testing"
)

// peer is one thing that another system is known to do with three sides, and what this engine does. Where the two
// differ, why says why.
type peer struct {
	name                string
	rules               *Rules
	base, local, server string // empty: not there
	theirs              string // what the peer comes to; "conflict" where it stops
	ours                string // a document, "deleted", or the paths in conflict
	why                 string
}

func ofField(r *Rule) *Rules { return &Rules{Root: &Rule{Properties: map[string]*Rule{"f": r}}} }

// check runs the table. A row that claims to agree has to, and one that differs needs a reason.
func check(t *testing.T, table []peer) {
	t.Helper()
	for _, p := range table {
		t.Run(p.name, func(t *testing.T) {
			r := Record(Sides{Base: doc(t, p.base), Local: doc(t, p.local), Server: doc(t, p.server)}, p.rules)
			got := string(r.Document)
			switch {
			case r.Outcome == RecordConflict:
				got = "conflict"
				if p.ours != "conflict" {
					got += " " + strings.Join(r.Conflicts(), " ")
				}
			case r.Document == nil:
				got = "deleted"
			}
			if got != p.ours {
				t.Errorf("got %s, want %s", got, p.ours)
			}
			differ := p.theirs != p.ours && !(p.theirs == "conflict" && strings.HasPrefix(p.ours, "conflict"))
			if differ != (p.why != "") {
				t.Errorf("theirs %s, ours %s: the reason is %q", p.theirs, p.ours, p.why)
			}
		})
	}
}

// TestMergePatchesReadAsEdits reads each case of the appendix of RFC 7396 as an edit: base is the original, local what
// the patch makes of it, and the server has not moved. The record wraps the cases whose documents are no objects.
func TestMergePatchesReadAsEdits(t *testing.T) {
	const nulls = "a patch has no way to write a null; here null is a value like any other"
	check(t, []peer{
		{name: "replace", base: `{"a":"b"}`, local: `{"a":"c"}`, server: `{"a":"b"}`, theirs: `{"a":"c"}`, ours: `{"a":"c"}`},
		{name: "add", base: `{"a":"b"}`, local: `{"a":"b","b":"c"}`, server: `{"a":"b"}`, theirs: `{"a":"b","b":"c"}`, ours: `{"a":"b","b":"c"}`},
		{name: "null, meant as a removal", base: `{"a":"b"}`, local: `{}`, server: `{"a":"b"}`, theirs: `{}`, ours: `{}`},
		{name: "null, written as a null", base: `{"a":"b"}`, local: `{"a":null}`, server: `{"a":"b"}`, theirs: `{}`, ours: `{"a":null}`, why: nulls},
		{name: "remove one of two", base: `{"a":"b","b":"c"}`, local: `{"b":"c"}`, server: `{"a":"b","b":"c"}`, theirs: `{"b":"c"}`, ours: `{"b":"c"}`},
		{name: "array by string", base: `{"a":["b"]}`, local: `{"a":"c"}`, server: `{"a":["b"]}`, theirs: `{"a":"c"}`, ours: `{"a":"c"}`},
		{name: "string by array", base: `{"a":"c"}`, local: `{"a":["b"]}`, server: `{"a":"c"}`, theirs: `{"a":["b"]}`, ours: `{"a":["b"]}`},
		{name: "inside an object, a removal of nothing", base: `{"a":{"b":"c"}}`, local: `{"a":{"b":"d"}}`, server: `{"a":{"b":"c"}}`, theirs: `{"a":{"b":"d"}}`, ours: `{"a":{"b":"d"}}`},
		{name: "an array of objects by an array", base: `{"a":[{"b":"c"}]}`, local: `{"a":[1]}`, server: `{"a":[{"b":"c"}]}`, theirs: `{"a":[1]}`, ours: `{"a":[1]}`},
		{name: "the document is an array", base: `{"f":["a","b"]}`, local: `{"f":["c","d"]}`, server: `{"f":["a","b"]}`, theirs: `{"f":["c","d"]}`, ours: `{"f":["c","d"]}`},
		{name: "an object by an array", base: `{"f":{"a":"b"}}`, local: `{"f":["c"]}`, server: `{"f":{"a":"b"}}`, theirs: `{"f":["c"]}`, ours: `{"f":["c"]}`},
		{name: "an object by null", base: `{"f":{"a":"foo"}}`, local: `{"f":null}`, server: `{"f":{"a":"foo"}}`, theirs: `{"f":null}`, ours: `{"f":null}`},
		{name: "an object by a string", base: `{"f":{"a":"foo"}}`, local: `{"f":"bar"}`, server: `{"f":{"a":"foo"}}`, theirs: `{"f":"bar"}`, ours: `{"f":"bar"}`},
		{name: "a null that was there stays", base: `{"e":null}`, local: `{"a":1,"e":null}`, server: `{"e":null}`, theirs: `{"a":1,"e":null}`, ours: `{"a":1,"e":null}`},
		{name: "an array becomes an object", base: `{"f":[1,2]}`, local: `{"f":{"a":"b"}}`, server: `{"f":[1,2]}`, theirs: `{"f":{"a":"b"}}`, ours: `{"f":{"a":"b"}}`},
		{name: "deep into nothing", base: `{}`, local: `{"a":{"bb":{}}}`, server: `{}`, theirs: `{"a":{"bb":{}}}`, ours: `{"a":{"bb":{}}}`},
		{name: "a patch on what moved", base: `{"a":"b"}`, local: `{"a":"c"}`, server: `{"a":"d"}`, theirs: `{"a":"c"}`, ours: "conflict /a", why: "a patch knows no base, so it overwrites"},
	})
}

// TestTablesMergedByCell is what databases with branches do with rows: a row is a record, a cell a field.
func TestTablesMergedByCell(t *testing.T) {
	check(t, []peer{
		{name: "different cells of a row", base: `{"a":1,"b":1}`, local: `{"a":2,"b":1}`, server: `{"a":1,"b":2}`, theirs: `{"a":2,"b":2}`, ours: `{"a":2,"b":2}`},
		{name: "the same cell, the same value", base: `{"a":1,"b":1}`, local: `{"a":2,"b":1}`, server: `{"a":2,"b":1}`, theirs: `{"a":2,"b":1}`, ours: `{"a":2,"b":1}`},
		{name: "the same cell, two values", base: `{"a":1,"b":1}`, local: `{"a":2,"b":1}`, server: `{"a":3,"b":1}`, theirs: "conflict", ours: "conflict /a"},
		{name: "a cell to NULL, another changed", base: `{"a":1,"b":1}`, local: `{"a":null,"b":1}`, server: `{"a":1,"b":2}`, theirs: `{"a":null,"b":2}`, ours: `{"a":null,"b":2}`},
		{name: "NULL against a value", base: `{"a":1}`, local: `{"a":null}`, server: `{"a":2}`, theirs: "conflict", ours: "conflict /a"},
		{name: "both inserted the same row", local: `{"a":1}`, server: `{"a":1}`, theirs: `{"a":1}`, ours: `{"a":1}`},
		{name: "both inserted one key, differently", local: `{"a":1}`, server: `{"a":2}`, theirs: "conflict", ours: "conflict /a"},
		{name: "both inserted one key, other cells", local: `{"a":1}`, server: `{"b":1}`, theirs: "conflict", ours: "conflict "},
		{name: "both deleted", base: `{"a":1}`, theirs: "deleted", ours: "deleted"},
		{name: "deleted against untouched", base: `{"a":1}`, server: `{"a":1}`, theirs: "deleted", ours: "deleted"},
		{name: "deleted against changed", base: `{"a":1}`, server: `{"a":2}`, theirs: "conflict", ours: "conflict "},
		{name: "a column added on one side", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":1,"new":null}`, theirs: `{"a":2,"new":null}`, ours: `{"a":2,"new":null}`},
		{name: "a column dropped, its cell changed", base: `{"a":1,"b":1}`, local: `{"a":1,"b":2}`, server: `{"a":1}`, theirs: `{"a":1}`, ours: "conflict /b",
			why: "an edit of what the other side dropped would be lost without a word"},
		{name: "a document in a cell, other members", base: `{"a":{"x":1,"y":1}}`, local: `{"a":{"x":2,"y":1}}`, server: `{"a":{"x":1,"y":2}}`, theirs: `{"a":{"x":2,"y":2}}`, ours: `{"a":{"x":2,"y":2}}`},
		{name: "an array in a cell", base: `{"a":[1,2,3]}`, local: `{"a":[0,1,2,3]}`, server: `{"a":[1,2,3,4]}`, theirs: "conflict", ours: "conflict /a"},
	})
}

// TestReplicatedTypes is what maps, sets, counters and lists that always converge do.
func TestReplicatedTypes(t *testing.T) {
	set, list, counter := ofField(&Rule{Policy: Set}), ofField(&Rule{Policy: List}), ofField(&Rule{Policy: Counter})
	check(t, []peer{
		{name: "map: other keys", base: `{"f":{}}`, local: `{"f":{"a":1}}`, server: `{"f":{"b":1}}`, theirs: `{"f":{"a":1,"b":1}}`, ours: `{"f":{"a":1,"b":1}}`},
		{name: "map: one key, two values", base: `{"f":{}}`, local: `{"f":{"a":1}}`, server: `{"f":{"a":2}}`, theirs: `{"f":{"a":2}}`, ours: "conflict /f/a", why: "they pick a winner and keep the other where nobody looks; a person decides"},
		{name: "map: removed against set", base: `{"f":{"a":1}}`, local: `{"f":{}}`, server: `{"f":{"a":2}}`, theirs: `{"f":{"a":2}}`, ours: "conflict /f/a", why: "neither wins by rule: a removal is an edit"},
		{name: "map: both made one key an object", base: `{}`, local: `{"f":{"a":1}}`, server: `{"f":{"b":1}}`, theirs: `{"f":{"b":1}}`, ours: "conflict /f", why: "they keep one of the two objects; whether they are one thing is a person's to say, or the policy's"},
		{name: "map: the same, by policy", rules: ofField(&Rule{Policy: FieldsOf}), base: `{}`, local: `{"f":{"a":1}}`, server: `{"f":{"b":1}}`, theirs: `{"f":{"a":1,"b":1}}`, ours: `{"f":{"a":1,"b":1}}`},
		{name: "set: both added", rules: set, base: `{"f":["a"]}`, local: `{"f":["a","b"]}`, server: `{"f":["a","c"]}`, theirs: `{"f":["a","c","b"]}`, ours: `{"f":["a","c","b"]}`},
		{name: "set: added twice", rules: set, base: `{"f":[]}`, local: `{"f":["b"]}`, server: `{"f":["b","c"]}`, theirs: `{"f":["b","c"]}`, ours: `{"f":["b","c"]}`},
		{name: "set: removed here, kept there", rules: set, base: `{"f":["a","b"]}`, local: `{"f":["b"]}`, server: `{"f":["a","b","c"]}`, theirs: `{"f":["b","c"]}`, ours: `{"f":["b","c"]}`},
		{name: "set: removed and added again there", rules: set, base: `{"f":["a"]}`, local: `{"f":[]}`, server: `{"f":["a","z"]}`, theirs: `{"f":["a","z"]}`, ours: `{"f":["z"]}`, why: "states don't tell that it was added again; operations do, by op-replay"},
		{name: "counter: both counted", rules: counter, base: `{"f":10}`, local: `{"f":12}`, server: `{"f":13}`, theirs: `{"f":15}`, ours: `{"f":15}`},
		{name: "counter: both counted alike", rules: counter, base: `{"f":10}`, local: `{"f":11}`, server: `{"f":11}`, theirs: `{"f":12}`, ours: `{"f":12}`},
		{name: "counter: removed against counted", rules: counter, base: `{"f":10}`, local: `{}`, server: `{"f":11}`, theirs: `{"f":11}`, ours: "conflict /f", why: "a removal is an edit"},
		{name: "list: inserted at two places", rules: list, base: `{"f":[1,2,3]}`, local: `{"f":[0,1,2,3]}`, server: `{"f":[1,2,3,4]}`, theirs: `{"f":[0,1,2,3,4]}`, ours: `{"f":[0,1,2,3,4]}`},
		{name: "list: inserted at one place", rules: list, base: `{"f":[1,2]}`, local: `{"f":[1,8,2]}`, server: `{"f":[1,9,2]}`, theirs: `{"f":[1,9,8,2]}`, ours: "conflict /f", why: "they order by replica id, which nobody chose"},
		{name: "list: one element moved to two places", rules: list, base: `{"f":[1,2,3,4]}`, local: `{"f":[2,1,3,4]}`, server: `{"f":[2,3,4,1]}`, theirs: `{"f":[2,1,3,4,1]}`, ours: "conflict /f", why: "a move done as a removal and an insertion doubles the element"},
		{name: "list: without a policy", base: `{"f":[1]}`, local: `{"f":[1,2]}`, server: `{"f":[1,3]}`, theirs: `{"f":[1,3,2]}`, ours: "conflict /f", why: "an array is one value unless the schema says otherwise"},
	})
}

// TestOwnedObjects is what a cluster's API does with lists and maps by their declared kind, read as three sides.
func TestOwnedObjects(t *testing.T) {
	keyed := ofField(&Rule{Policy: Keyed, Key: "name"})
	check(t, []peer{
		{name: "atomic list", base: `{"f":[1]}`, local: `{"f":[1,2]}`, server: `{"f":[1,3]}`, theirs: "conflict", ours: "conflict /f"},
		{name: "list as a set", rules: ofField(&Rule{Policy: Set}), base: `{"f":["a"]}`, local: `{"f":["a","b"]}`, server: `{"f":["a","c"]}`, theirs: `{"f":["a","c","b"]}`, ours: `{"f":["a","c","b"]}`},
		{name: "list as a map: other elements", rules: keyed, base: `{"f":[{"name":"a"}]}`, local: `{"f":[{"name":"a"},{"name":"l"}]}`, server: `{"f":[{"name":"a"},{"name":"s"}]}`, theirs: `{"f":[{"name":"a"},{"name":"s"},{"name":"l"}]}`, ours: `{"f":[{"name":"a"},{"name":"s"},{"name":"l"}]}`},
		{name: "list as a map: other fields of one element", rules: keyed, base: `{"f":[{"name":"a","x":1,"y":1}]}`, local: `{"f":[{"name":"a","x":2,"y":1}]}`, server: `{"f":[{"name":"a","x":1,"y":2}]}`, theirs: `{"f":[{"name":"a","x":2,"y":2}]}`, ours: `{"f":[{"name":"a","x":2,"y":2}]}`},
		{name: "list as a map: one field of one element", rules: keyed, base: `{"f":[{"name":"a","x":1}]}`, local: `{"f":[{"name":"a","x":2}]}`, server: `{"f":[{"name":"a","x":3}]}`, theirs: "conflict", ours: "conflict /f/a/x"},
		{name: "list as a map: a key twice", rules: keyed, base: `{"f":[]}`, local: `{"f":[{"name":"a"},{"name":"a"}]}`, server: `{"f":[{"name":"b"}]}`, theirs: "conflict", ours: "conflict /f"},
		{name: "both want the same value", base: `{"f":1}`, local: `{"f":2}`, server: `{"f":2}`, theirs: `{"f":2}`, ours: `{"f":2}`},
		{name: "one lets go of what the other set", base: `{"f":{"a":1,"b":1}}`, local: `{"f":{"b":1}}`, server: `{"f":{"a":1,"b":2}}`, theirs: `{"f":{"b":2}}`, ours: `{"f":{"b":2}}`},
	})
}

// TestThreeWayPatchesDoNotReassert: a patch made from base to local knows what local did. One made from the server's
// record to local writes base's old values over what the server did since.
func TestThreeWayPatchesDoNotReassert(t *testing.T) {
	const trap = "what local did not change is no edit of local's"
	check(t, []peer{
		{name: "an old value does not come back", base: `{"image":"v1","replicas":1}`, local: `{"image":"v2","replicas":1}`, server: `{"image":"v1","replicas":5}`, theirs: `{"image":"v2","replicas":1}`, ours: `{"image":"v2","replicas":5}`, why: trap},
		{name: "what the server added stays", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":1,"status":"ok"}`, theirs: `{"a":2,"status":"ok"}`, ours: `{"a":2,"status":"ok"}`},
		{name: "what the server removed stays away", base: `{"a":1,"b":1}`, local: `{"a":2,"b":1}`, server: `{"a":1}`, theirs: `{"a":2,"b":1}`, ours: `{"a":2}`, why: trap},
		{name: "what local removed goes", base: `{"a":1,"b":1}`, local: `{"a":1}`, server: `{"a":1,"b":1,"c":1}`, theirs: `{"a":1,"c":1}`, ours: `{"a":1,"c":1}`},
		{name: "both changed one value", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":3}`, theirs: `{"a":2}`, ours: "conflict /a", why: "the last to apply overwrites; a person decides"},
		{name: "a list is not put back", base: `{"a":[1],"b":1}`, local: `{"a":[1],"b":2}`, server: `{"a":[1,2],"b":1}`, theirs: `{"a":[1],"b":2}`, ours: `{"a":[1,2],"b":2}`, why: trap},
	})
}

// TestReferenceLibraries is what a bibliography keeper does with items edited on two machines.
func TestReferenceLibraries(t *testing.T) {
	set := ofField(&Rule{Policy: Set})
	check(t, []peer{
		{name: "other fields", base: `{"title":"t","year":1}`, local: `{"title":"T","year":1}`, server: `{"title":"t","year":2}`, theirs: `{"title":"T","year":2}`, ours: `{"title":"T","year":2}`},
		{name: "one field", base: `{"title":"t"}`, local: `{"title":"T"}`, server: `{"title":"tt"}`, theirs: "conflict", ours: "conflict /title"},
		{name: "tags of both", rules: set, base: `{"f":["a"]}`, local: `{"f":["a","l"]}`, server: `{"f":["s"]}`, theirs: `{"f":["s","l"]}`, ours: `{"f":["s","l"]}`},
		{name: "the date of the change", rules: ofField(&Rule{Policy: Max}), base: `{"f":"2026-01-01T00:00:00Z"}`, local: `{"f":"2026-01-03T00:00:00Z"}`, server: `{"f":"2026-01-02T00:00:00Z"}`, theirs: `{"f":"2026-01-03T00:00:00Z"}`, ours: `{"f":"2026-01-03T00:00:00Z"}`},
		{name: "deleted here, edited there", base: `{"title":"t"}`, server: `{"title":"T"}`, theirs: "conflict", ours: "conflict "},
		{name: "only blanks and case of markup differ", base: `{"note":"a"}`, local: `{"note":"<p>b</p>"}`, server: `{"note":"<P>b</P>"}`, theirs: `{"note":"<P>b</P>"}`, ours: "conflict /note", why: "strings are compared by bytes: what a value means is not for the engine to guess"},
		{name: "both sides alike", base: `{"title":"t"}`, local: `{"title":"T"}`, server: `{"title":"T"}`, theirs: `{"title":"T"}`, ours: `{"title":"T"}`},
	})
	r := Record(Sides{Local: doc(t, `{"f":["a"],"t":1}`), Server: doc(t, `{"f":["b"],"t":1}`), BaseLost: true}, set)
	if got := strings.Join(r.Conflicts(), " "); got != "/f" || r.Kind != NoBase {
		t.Errorf("without a base they unite sets, and we ask: a set that lost its base does not tell what was removed; got %q %v", got, r.Kind)
	}
}

// TestFileSynchronizers is what a two-way synchronizer of files with an archive does; a file is a record.
func TestFileSynchronizers(t *testing.T) {
	check(t, []peer{
		{name: "changed on one side", base: `{"c":1}`, local: `{"c":2}`, server: `{"c":1}`, theirs: `{"c":2}`, ours: `{"c":2}`},
		{name: "changed on both alike", base: `{"c":1}`, local: `{"c":2}`, server: `{"c":2}`, theirs: `{"c":2}`, ours: `{"c":2}`},
		{name: "changed on both", base: `{"c":1}`, local: `{"c":2}`, server: `{"c":3}`, theirs: "conflict", ours: "conflict /c"},
		{name: "contents here, permissions there", base: `{"c":1,"mode":6}`, local: `{"c":2,"mode":6}`, server: `{"c":1,"mode":7}`, theirs: "conflict", ours: `{"c":2,"mode":7}`, why: "a record merges by its fields, a file is one thing"},
		{name: "deleted here, changed there", base: `{"c":1}`, server: `{"c":2}`, theirs: "conflict", ours: "conflict "},
		{name: "deleted on both", base: `{"c":1}`, theirs: "deleted", ours: "deleted"},
		{name: "a file against a directory", base: `{"f":"x"}`, local: `{"f":{"a":1}}`, server: `{"f":"y"}`, theirs: "conflict", ours: "conflict /f"},
		{name: "new on both, alike", local: `{"c":1}`, server: `{"c":1}`, theirs: `{"c":1}`, ours: `{"c":1}`},
		{name: "new on both", local: `{"c":1}`, server: `{"c":2}`, theirs: "conflict", ours: "conflict /c"},
	})
}

// TestTextsMergedByLines is what version control does with lines.
func TestTextsMergedByLines(t *testing.T) {
	text := ofField(&Rule{Policy: Text})
	side := func(s string) string { return `{"f":"` + strings.ReplaceAll(s, " ", `\n`) + `\n"}` }
	for _, c := range []struct{ name, base, local, server, theirs, ours, why string }{
		{name: "lines apart", base: "1 2 3 4 5", local: "x 2 3 4 5", server: "1 2 3 4 y", theirs: "x 2 3 4 y", ours: "x 2 3 4 y"},
		{name: "one line between", base: "1 2 3", local: "x 2 3", server: "1 2 y", theirs: "x 2 y", ours: "x 2 y"},
		{name: "neighbours", base: "1 2", local: "x 2", server: "1 y", theirs: "conflict", ours: "x y", why: "their lines touch, their words do not: a line feed that nobody changed stands between them"},
		{name: "the same line", base: "1 2", local: "1 x", server: "1 y", theirs: "conflict", ours: "conflict"},
		{name: "the same change", base: "1 2", local: "1 x", server: "1 x", theirs: "1 x", ours: "1 x"},
		{name: "the same change, and another", base: "1 2 3 4", local: "x 2 3 4", server: "x 2 3 y", theirs: "x 2 3 y", ours: "x 2 3 y"},
		{name: "both appended", base: "1", local: "1 x", server: "1 y", theirs: "conflict", ours: "conflict"},
		{name: "removed here, changed there", base: "1 2 3", local: "1 3", server: "1 x 3", theirs: "conflict", ours: "conflict"},
		{name: "removed on both", base: "1 2 3", local: "1 3", server: "1 3 4", theirs: "1 3 4", ours: "1 3 4"},
		{name: "words of one line", base: "one,two,three", local: "ONE,two,three", server: "one,two,THREE", theirs: "conflict", ours: "ONE,two,THREE", why: "where lines clash the words in them are compared"},
	} {
		p := peer{name: c.name, rules: text, base: side(c.base), local: side(c.local), server: side(c.server), theirs: c.theirs, ours: c.ours, why: c.why}
		if c.theirs != "conflict" {
			p.theirs = side(c.theirs)
		}
		if c.ours != "conflict" {
			p.ours = side(c.ours)
		} else {
			p.ours = "conflict /f"
		}
		check(t, []peer{p})
	}
}
