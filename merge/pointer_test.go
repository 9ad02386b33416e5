package merge

import (
	"errors"
	"testing"
)

func TestPaths(t *testing.T) {
	for _, c := range []struct{ typed, path, label string }{
		{"status", "/status", "status"},
		{"address/city", "/address/city", "address/city"},
		{"/address/city", "/address/city", "address/city"},
		{"a~b", "/a~0b", "a~b"},
		{"/a~1b", "/a~1b", "/a~1b"},
		{"/", "/", "/"},
		{"//a", "//a", "//a"},
		{"record", "/record", "record"},
		{"", "", "the record"},
	} {
		path, err := ParsePath(c.typed)
		if path != c.path || err != nil || PathLabel(path) != c.label {
			t.Errorf("%q: path %q, label %q, %v", c.typed, path, PathLabel(path), err)
		}
		if again, err := ParsePath(c.label); c.path != "" && (again != c.path || err != nil) {
			t.Errorf("the label %q reads as %q, %v", c.label, again, err)
		}
	}
	for _, bad := range []string{"/a~", "/a~2", "\xff"} {
		if _, err := ParsePath(bad); !errors.Is(err, ErrPath) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLookup(t *testing.T) {
	d := doc(t, `{"":0,"a":{"b":[1,{"c":2},[]]},"x/y":3,"t~":4,"q\"":5}`)
	for path, want := range map[string]Value{
		"":         Value(d),
		"/":        "0",
		"/a/b/0":   "1",
		"/a/b/1/c": "2",
		"/a/b/2":   "[]",
		"/a/b/3":   Absent,
		"/a/b/00":  Absent,
		"/a/b/-":   Absent,
		"/a/b/-1":  Absent,
		"/x~1y":    "3",
		"/t~0":     "4",
		"/q\"":     "5",
		"/a/z":     Absent,
		"/a/b/0/z": Absent,
	} {
		if got := Lookup(d, path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestWith(t *testing.T) {
	for _, c := range []struct {
		name, in, path string
		value          Value
		want           string
	}{
		{"first", `{"b":1}`, "/a", "0", `{"a":0,"b":1}`},
		{"last", `{"b":1}`, "/c", "0", `{"b":1,"c":0}`},
		{"replaced", `{"a":0,"b":1,"c":2}`, "/b", `"x"`, `{"a":0,"b":"x","c":2}`},
		{"removed", `{"a":0,"b":1,"c":2}`, "/b", Absent, `{"a":0,"c":2}`},
		{"removed first", `{"a":0,"b":1}`, "/a", Absent, `{"b":1}`},
		{"removed last", `{"a":0}`, "/a", Absent, `{}`},
		{"removed what is not there", `{"a":0}`, "/b", Absent, `{"a":0}`},
		{"nested", `{"a":{"x":1}}`, "/a/y", "2", `{"a":{"x":1,"y":2}}`},
		{"made on the way", `{}`, "/a/b/c", "1", `{"a":{"b":{"c":1}}}`},
		{"nothing made to remove", `{}`, "/a/b", Absent, `{}`},
		{"new record", ``, "/a", "1", `{"a":1}`},
		{"whole", `{"a":1}`, "", `{"b":2}`, `{"b":2}`},
		{"deleted", `{"a":1}`, "", Absent, ``},
		{"escapes", `{}`, "/a~1\"", "1", `{"a/\"":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := With(doc(t, c.in), c.path, c.value); string(got) != c.want || err != nil {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
	for path, v := range map[string]Value{"/a/b": "1", "/l/0": "1", "": "1"} {
		if got, err := With(doc(t, `{"a":1,"l":[1]}`), path, v); !errors.Is(err, ErrPath) {
			t.Errorf("%q: got %s, %v", path, got, err)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, good := range []string{"deal/D-1042", "a_b-1/x y/z", "deal/é漢字", "d/'; DROP TABLE x; --"} {
		if k, err := ParseKey(good); err != nil || k.String() != good {
			t.Errorf("%q: %v %v", good, k, err)
		}
	}
	for _, bad := range []string{"", "deal", "deal/", "/x", "Deal/x", "d e/x", "deal/a\nb", "deal/\x1b]52", "deal/\u202e", "deal/\xff", "deal/a\u009bb"} {
		if k, err := ParseKey(bad); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v %v", bad, k, err)
		}
	}
}
