package merge

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLayout(t *testing.T) {
	const file = "{\n    \"zeta\": [1, 2,\n        3],\n    \"alpha\": {\"x\" :1.0, \"y\":  \"\\u00e9\"},\n    \"mid\": null\n}\n"
	for _, c := range []struct{ name, original, now, want string }{
		{"nothing changed", file, `{"alpha":{"x":1,"y":"é"},"mid":null,"zeta":[1,2,3]}`, file},
		{"a value", file, `{"alpha":{"x":1,"y":"é"},"mid":"m","zeta":[1,2,3]}`, strings.Replace(file, "null", `"m"`, 1)},
		{"inside", file, `{"alpha":{"x":2,"y":"é"},"mid":null,"zeta":[1,2,3]}`, strings.Replace(file, "1.0", `2`, 1)},
		{"the first removed", file, `{"alpha":{"x":1,"y":"é"},"mid":null}`, "{\n    \"alpha\": {\"x\" :1.0, \"y\":  \"\\u00e9\"},\n    \"mid\": null\n}\n"},
		{"the last removed", file, `{"alpha":{"x":1,"y":"é"},"zeta":[1,2,3]}`, strings.Replace(file, ",\n    \"mid\": null", "", 1)},
		{"new members", file, `{"alpha":{"x":1,"y":"é","z":0},"aaa":{"b":[1,{}]},"mid":null,"zeta":[1,2,3]}`,
			strings.NewReplacer(`\u00e9"`, `\u00e9", "z": 0`, "null", "null,\n    \"aaa\": {\n        \"b\": [\n            1,\n            {}\n        ]\n    }").Replace(file)},
		{"an element", file, `{"alpha":{"x":1,"y":"é"},"mid":null,"zeta":[1,3,4]}`, strings.Replace(file, "[1, 2,\n        3]", "[1,\n        3, 4]", 1)},
		{"the first element removed", "{\"a\": [1, 2, 3]}", `{"a":[3,2]}`, "{\"a\": [3, 2]}"},
		{"a second member", "{\"a\": 1}", `{"a":1,"b":2}`, "{\"a\": 1, \"b\": 2}"},
		{"one line", `{"b":1,"a":2}`, `{"a":3,"b":1,"c":[1,2]}`, `{"b":1,"a":3,"c":[1,2]}`},
		{"one line with blanks", "{ \"b\": 1, \"a\": 2 }", `{"a":3,"b":1,"c":{"x":1}}`, "{ \"b\": 1, \"a\": 3, \"c\": {\"x\": 1} }"},
		{"line ends", "{\r\n\t\"a\": 1\r\n}\r\n", `{"a":1,"b":{"c":1}}`, "{\r\n\t\"a\": 1,\r\n\t\"b\": {\r\n\t\t\"c\": 1\r\n\t}\r\n}\r\n"},
		{"from nothing", ``, `{"a":1,"b":[]}`, `{"a":1,"b":[]}`},
		{"all removed", "{\n  \"a\": 1\n}", `{}`, "{}"},
		{"another type", "{\n  \"a\": 1\n}", `{"a":[1]}`, "{\n  \"a\": [\n    1\n  ]\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Layout([]byte(c.original), doc(t, c.now), nil, nil)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestLayoutMarksConflicts(t *testing.T) {
	for _, c := range []struct{ name, base, local, server, want string }{
		{"a member", `{"a":1,"b":1,"c":1}`, "{\n  \"c\": 1,\n  \"b\": 2,\n  \"a\": 5\n}\n", `{"a":1,"b":3,"c":1}`,
			"{\n  \"c\": 1,\n<<<<<<< local\n  \"b\": 2,\n=======\n  \"b\": 3,\n>>>>>>> server\n  \"a\": 5\n}\n"},
		{"inside, the last", `{"o":{"x":1}}`, "{\n\t\"o\": {\n\t\t\"x\": 2\n\t}\n}\n", `{"o":{"x":3}}`,
			"{\n\t\"o\": {\n<<<<<<< local\n\t\t\"x\": 2\n=======\n\t\t\"x\": 3\n>>>>>>> server\n\t}\n}\n"},
		{"removed here", `{"a":1,"b":1}`, "{\n  \"b\": 1\n}\n", `{"a":2,"b":1}`,
			"{\n  \"b\": 1,\n<<<<<<< local\n=======\n  \"a\": 2\n>>>>>>> server\n}\n"},
		{"removed there", `{"a":1,"b":1}`, "{\n  \"a\": 2,\n  \"b\": 1\n}\n", `{"b":1}`,
			"{\n<<<<<<< local\n  \"a\": 2,\n=======\n>>>>>>> server\n  \"b\": 1\n}\n"},
		{"on one line", `{"a":1,"b":1}`, `{"b":1,"a":2}`, `{"a":3,"b":1}`,
			"{\n<<<<<<< local\n  \"a\": 2,\n=======\n  \"a\": 3,\n>>>>>>> server\n  \"b\": 1\n}"},
		{"the record", `{"a":1}`, "{\n  \"a\": 2\n}\n", ``, "<<<<<<< local\n{\n  \"a\": 2\n}\n=======\n>>>>>>> server\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record(Sides{Base: doc(t, c.base), Local: doc(t, c.local), Server: doc(t, c.server)}, nil)
			if got := string(r.Layout([]byte(c.local))); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestLayoutSaysTheDocument: whatever the original looks like, the text means the document.
func TestLayoutSaysTheDocument(t *testing.T) {
	blank := rapid.SampledFrom([]string{"", "", " ", "\n  ", "\r\n\t"})
	rapid.Check(t, func(t *rapid.T) {
		var original strings.Builder
		for _, c := range string(document(2).Draw(t, "original")) {
			original.WriteRune(c)
			if strings.ContainsRune("{}[],:", c) && !strings.ContainsRune(original.String(), '"') {
				original.WriteString(blank.Draw(t, "blank"))
			}
		}
		now := document(2).Draw(t, "now")
		text := Layout([]byte(original.String()), now, nil, nil)
		got, err := Canonical(text)
		if err != nil || !got.Equal(now) {
			t.Fatalf("%s laid out like %s is %s (%v)", now, original.String(), text, err)
		}
	})
}
