package adopt

import (
	"math"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"dovetail/merge"
)

// cellGenerator draws anything that SQLite can store.
func cellGenerator() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Int64Range(-3, 3), func(n int64) any { return n }),
		rapid.Map(rapid.Uint64(), func(bits uint64) any {
			if f := math.Float64frombits(bits); !math.IsNaN(f) {
				return f
			}
			return math.Inf(1)
		}),
		rapid.SampledFrom([]any{math.Copysign(0, -1), 0.0, 1.0, -1.0, 1e15, 1e16, 1e21, 9.007199254740993e15, 9.3e18, 0.1, 1e-7, 5e-324,
			math.MaxFloat64, math.Inf(1), math.Inf(-1), "", "1", "1.0", "[1]", "a\x00b", "\xff", "\xed\xa0\x80", "a\nb", "\u202e", `"`,
			"true", "null", `{"$blob":""}`, "2024-01-02", "2024-01-02 03:04:05", []byte{}, []byte("1"), []byte{0}, "日本", "a/b",
			"\U000e0041", "😀"}),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return string(b) }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return b }),
	)
}

// Whatever is stored in a column of any type goes through JSON and back the same in storage class and bytes.
func TestValuesComeBack(t *testing.T) {
	types := []string{"", "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "DATE", "DATETIME", "TIMESTAMP", "BOOLEAN", "DECIMAL(10,2)"}
	f, done := open(t, filepath.Join(t.TempDir(), "a.db"))
	defer done()
	f.do(`CREATE TABLE back (v)`)
	for _, declared := range types {
		f.do(`CREATE TABLE "t` + declared + `" (v ` + declared + `)`)
	}
	rapid.Check(t, func(t *rapid.T) {
		declared := rapid.SampledFrom(types).Draw(t, "type")
		table := `"t` + declared + `"`
		f.do(`DELETE FROM `+table, `DELETE FROM back`)
		if _, err := f.Run(`INSERT INTO `+table+` VALUES (?1)`, cellGenerator().Draw(t, "cell")); err != nil {
			t.Fatal(err)
		}
		var stored any
		if _, err := one(f, []any{&stored}, `SELECT +v FROM `+table); err != nil {
			t.Fatal(err)
		}
		value, err := Encode(stored, declared == "" || declared == "BLOB")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := merge.ParseValue([]byte(value)); err != nil || again != value {
			t.Fatalf("%s is not canonical: %v", value, err)
		}
		cell, err := Decode(value)
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		if _, err := f.Run(`INSERT INTO back VALUES (?1)`, cell); err != nil {
			t.Fatal(err)
		}
		const shown = `SELECT typeof(v), hex(CAST(v AS BLOB)), printf('%!.26g', v) FROM `
		want(t, f.answer(shown+`back`), f.answer(shown+table))
		var back any
		if _, err := one(f, []any{&back}, `SELECT v FROM back`); err != nil {
			t.Fatal(err)
		}
		if x, real := stored.(float64); real && math.Float64bits(x) != math.Float64bits(back.(float64)) {
			t.Fatalf("%v came back as %v", stored, back)
		}
	})
}

// Two values of a column that differ in storage class or bytes are two values of a document.
func TestValuesDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := cellGenerator().Draw(t, "a"), cellGenerator().Draw(t, "b")
		x, _ := Encode(a, true)
		y, _ := Encode(b, true)
		if merge.Equal(x, y) != (x == y) {
			t.Fatalf("%s and %s are equal, but not the same", x, y)
		}
	})
}

func TestValuesInWords(t *testing.T) {
	for _, c := range []struct {
		cell  any
		mixed bool
		value merge.Value
	}{
		{nil, false, `null`},
		{int64(math.MinInt64), false, `-9223372036854775808`},
		{1.0, false, `1.0`},
		{1.0, true, `{"$real":"1.0"}`},
		{0.1, true, `0.1`},
		{1e100, false, `1e+100`},
		{1e20, false, `100000000000000000000.0`},
		{math.Copysign(0, -1), false, `{"$real":"-0.0"}`},
		{math.Inf(-1), false, `{"$real":"-inf"}`},
		{"a\x00\"", false, `"a\u0000\""`},
		{"\xff", false, `{"$text":"/w=="}`},
		{[]byte(nil), false, `{"$blob":""}`},
	} {
		got, err := Encode(c.cell, c.mixed)
		if err != nil || got != c.value {
			t.Errorf("%v: %s, %v; want %s", c.cell, got, err, c.value)
		}
	}
	for _, v := range []merge.Value{``, `true`, `[]`, `{}`, `{"$blob":1}`, `{"$blob":"!"}`, `{"$blob":"","$text":""}`, `{"$real":"x"}`,
		`{"$real":"\"1\""}`, `{"$other":""}`, `9223372036854775808`, `1e400`} {
		if cell, err := Decode(v); err == nil {
			t.Errorf("%s became %v", v, cell)
		}
	}
}

// An id is of one key only, can be read back, and can be an id.
func TestIDsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var key []KeyPart
		var row []any
		for range rapid.IntRange(1, 3).Draw(t, "columns") {
			affinity := rapid.SampledFrom([]Affinity{Integer, Text, None, Real, Numeric}).Draw(t, "affinity")
			cell := cellGenerator().Draw(t, "cell")
			switch f, real := cell.(float64); {
			case real && affinity == Text: // it would have become a text
				cell = realText(f)
			case real && f == 0:
				cell = 0.0
			}
			key, row = append(key, KeyPart{Affinity: affinity}), append(row, cell)
		}
		id, ok := makeID(row, key)
		if !ok {
			return
		}
		if err := (merge.Key{Collection: "x", ID: id}).Check(); err != nil {
			t.Fatal(err)
		}
		back, err := idCells(id, key)
		if err == errHashed {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range row {
			x, _ := Encode(row[i], true)
			y, _ := Encode(back[i], true)
			if x != y && !(key[i].Affinity != None && merge.Equal(x, y)) {
				t.Fatalf("%s: %s came back as %s", id, x, y)
			}
		}
		if again, err := parseID(id, key); err != nil || len(again) != len(row) {
			t.Fatal(id, err)
		}
	})
}

func TestIDsInWords(t *testing.T) {
	for _, c := range []struct {
		cell     any
		affinity Affinity
		id       string
	}{
		{int64(7), Integer, `7`},
		{int64(7), Text, `[7]`},
		{int64(7), None, `[7]`},
		{1.0, None, `[{"$real":"1.0"}]`},
		{"a/b c", Text, `a/b c`},
		{"7", Text, `7`},
		{"b-7", Numeric, `b-7`},
		{"", Text, `[""]`},
		{"[7]", Text, `["[7]"]`},
		{"a\nb", Text, `["a\nb"]`},
		{"a\u202eb", Text, `["a\u202eb"]`},
		{[]byte("x"), Text, `[{"$blob":"eA=="}]`},
	} {
		if id, ok := makeID([]any{c.cell}, []KeyPart{{Affinity: c.affinity}}); !ok || id != c.id {
			t.Errorf("%v: %s, want %s", c.cell, id, c.id)
		}
	}
	key := []KeyPart{{Affinity: Integer}}
	for _, id := range []string{`[7]`, `[7,8]`, `[`, `07x[`, `["7"]`, `[null]`, `[true]`} {
		if cells, err := parseID(id, key); err == nil && id != `07x[` && id != `["7"]` {
			t.Errorf("%s became %v", id, cells)
		}
	}
}
