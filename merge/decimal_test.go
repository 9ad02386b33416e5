package merge

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// number draws the text of a JSON number; small ranges make equal ones likely.
var number = rapid.Custom(func(t *rapid.T) string {
	text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,4})?`).Draw(t, "mantissa")
	if rapid.Bool().Draw(t, "with exponent") {
		text += fmt.Sprintf("e%d", rapid.IntRange(-6, 6).Draw(t, "exponent"))
	}
	return text
})

func rat(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func TestNumbersCompareByExactValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		if got, want := compareNumbers([]byte(a), []byte(b)), rat(t, a).Cmp(rat(t, b)); got != want {
			t.Fatalf("%s against %s: got %d, want %d", a, b, got, want)
		}
	})
}

func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		sum, err := addDecimal(Value(a), Value(b))
		if err != nil {
			t.Fatal(err)
		}
		if want := new(big.Rat).Add(rat(t, a), rat(t, b)); rat(t, string(sum)).Cmp(want) != 0 {
			t.Fatalf("%s + %s = %s", a, b, sum)
		}
		if _, err := ParseValue([]byte(sum)); err != nil {
			t.Fatalf("%s + %s: %v", a, b, err)
		}
	})
}

func TestEqualNumbersHaveOneText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, y := plainNumber([]byte(a)), plainNumber([]byte(b))
		if (x == y) != equalNumber([]byte(a), []byte(b)) || rat(t, a).Cmp(rat(t, x)) != 0 {
			t.Fatalf("%s reads %s, %s reads %s", a, x, b, y)
		}
	})
}

func TestSums(t *testing.T) {
	for _, c := range []struct{ a, b, want Value }{
		{"0.1", "0.2", "0.3"},
		{"9007199254740993", "1", "9007199254740994"},
		{"1.50", "-0.50", "1.00"},
		{"-0.05", "0", "-0.05"},
		{"1e2", "1", "101"},
		{"5", "-5", "0"},
	} {
		if got, err := addDecimal(c.a, c.b); got != c.want || err != nil {
			t.Errorf("%s + %s = %s, %v; want %s", c.a, c.b, got, err, c.want)
		}
	}
	if got, err := addDecimal("1e400", "1"); err == nil {
		t.Errorf("a sum of 401 digits: %s", got)
	}
}
