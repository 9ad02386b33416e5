package safe

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dovetail/merge"
)

// Difference says in which way two values that look alike differ, as in `differs only in: case, trailing space`. It is
// empty where the values are the same text, and where the difference is plain to see.
func Difference(a, b merge.Value) string {
	if a == b {
		return ""
	}
	var ways []string
	switch at, bt := a.Type(), b.Type(); {
	case at == merge.StringType && bt == merge.StringType:
		s, _ := unquote(string(a))
		t, _ := unquote(string(b))
		ways = stringWays(s, t)
	case at == merge.ArrayType && bt == merge.ArrayType:
		if sameElements(a, b) {
			ways = []string{"order"}
		}
	case at == merge.NumberType && bt == merge.NumberType:
		if merge.Equal(a, b) {
			ways = []string{"the way the number is written"}
		}
	case at != bt && alikeAcrossTypes(a, b):
		ways = []string{"type: " + kindOfValue(a) + ", " + kindOfValue(b)}
	}
	if len(ways) == 0 {
		return ""
	}
	return "differs only in: " + strings.Join(ways, ", ")
}

// A fold takes one way of differing out of a text.
type fold struct {
	way  string
	fold func(string) string
}

// folds are tried together, in this order: what is invisible goes before the ends are trimmed.
var folds = []fold{
	{"line ends", strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace},
	{"invisible", dropInvisible},
	{"spaces", oneSpace},
	{"normal form", norm.NFC.String},
	{"look-alike letters", skeleton},
	{"case", func(s string) string { return strings.ToLower(strings.ToUpper(s)) }},
	{"leading space", func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }},
	{"trailing space", func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }},
}

// stringWays lists the folds that it takes to make s and t one text; none if even all of them do not.
func stringWays(s, t string) []string {
	if foldAll(s, "") != foldAll(t, "") {
		return nil
	}
	var needed, touched []string
	for _, f := range folds {
		if foldAll(s, f.way) != foldAll(t, f.way) {
			needed = append(needed, f.way)
		}
		if f.fold(s) == f.fold(t) {
			// One is enough by itself: name that, and not the others that would do it too.
			return []string{f.way}
		}
		if (f.fold(s) == s) != (f.fold(t) == t) {
			touched = append(touched, f.way)
		}
	}
	if len(needed) > 0 {
		return needed
	}
	return touched
}

// foldAll applies every fold but the one named.
func foldAll(s, but string) string {
	for _, f := range folds {
		if f.way != but {
			s = f.fold(s)
		}
	}
	return s
}

func dropInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		if drawable(r) || unicode.IsSpace(r) || unicode.Is(unicode.Me, r) {
			return r
		}
		return -1
	}, s)
}

// oneSpace makes one space of every run of blanks between words.
func oneSpace(s string) string {
	inner := strings.TrimSpace(s)
	if inner == "" {
		return s
	}
	at := strings.Index(s, inner)
	return s[:at] + strings.Join(strings.Fields(inner), " ") + s[at+len(inner):]
}

// lookalikes are letters of other alphabets drawn like a Latin one, and signs drawn like one of ASCII: those that
// turn up in names and codes by a wrong keyboard, a word processor or ill will. It is not a full list.
var lookalikes = strings.NewReplacer(pairs(
	"АВЕЅІЈКМНОРСТУХаеіјѕорсухһԁԛԝ", "ABESIJKMHOPCTYXaeijsopcyxhdqw",
	"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονɡı", "ABEZHIKMNOPTYXovgi",
	"‘’‚“”„–—−‐‑⁄∕․⋅·×", "'''\"\"\"-----//...x",
)...)

func pairs(fromTo ...string) []string {
	var out []string
	for i := 0; i < len(fromTo); i += 2 {
		to := []rune(fromTo[i+1])
		for n, r := range []rune(fromTo[i]) {
			out = append(out, string(r), string(to[n]))
		}
	}
	return out
}

// skeleton brings letters that look alike to one of them; compatibility forms, such as full-width letters, too.
func skeleton(s string) string { return lookalikes.Replace(norm.NFKC.String(s)) }

// alikeAcrossTypes reports whether two values of different types could be taken for one another: the same characters,
// or two ways of holding nothing.
func alikeAcrossTypes(a, b merge.Value) bool {
	return hollow(a) && hollow(b) || strings.EqualFold(characters(a), characters(b))
}

func hollow(v merge.Value) bool {
	return v == merge.Absent || v == merge.Null || v == `""` || v == "[]" || v == "{}" ||
		v.Type() == merge.StringType && strings.TrimSpace(characters(v)) == ""
}

func characters(v merge.Value) string {
	if v.Type() == merge.StringType {
		s, _ := unquote(string(v))
		return s
	}
	return string(v)
}

func kindOfValue(v merge.Value) string {
	switch v.Type() {
	case merge.StringType:
		return "text"
	default:
		return v.Type().String()
	}
}

// sameElements reports whether two arrays hold the same elements, as often, in whatever order.
func sameElements(a, b merge.Value) bool {
	x, y := elements(a), elements(b)
	slices.Sort(x)
	slices.Sort(y)
	return x != nil && slices.Equal(x, y)
}

func elements(v merge.Value) []string {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(v), &raw) != nil {
		return nil
	}
	var out []string
	for _, r := range raw {
		out = append(out, string(r))
	}
	return out
}
