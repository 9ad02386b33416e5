package merge

import (
	"cmp"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// decimal is the exact value of a number's text: (-1)^negative × digits × 10^exponent. Its slices are parts of the
// text. exp is what the text says, point is where the decimal point really stands.
type decimal struct {
	negative    bool
	whole, frac []byte
	exp         int
}

// parseDecimal reads the text of a JSON number. An exponent too large to count is cut to a value beyond the limit.
func parseDecimal(text []byte) (decimal, bool) {
	var d decimal
	if len(text) > 0 && text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	n := digits(text)
	if n == 0 || n > 1 && text[0] == '0' {
		return d, false
	}
	d.whole, text = text[:n], text[n:]
	if len(text) > 0 && text[0] == '.' {
		n = digits(text[1:])
		if n == 0 {
			return d, false
		}
		d.frac, text = text[1:1+n], text[1+n:]
	}
	if len(text) == 0 {
		return d, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return d, false
	}
	text = text[1:]
	sign := 1
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	if n = digits(text); n == 0 || n != len(text) {
		return d, false
	}
	for _, c := range text {
		if d.exp = d.exp*10 + int(c-'0'); d.exp > 10*MaxExponent {
			d.exp = 10 * MaxExponent
		}
	}
	d.exp *= sign
	return d, true
}

// digits counts the digits that text begins with.
func digits(text []byte) int {
	for i, c := range text {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(text)
}

// equalNumber compares two numbers by exact decimal value: 1 = 1.0 = 1e0, and -0 = 0.
func equalNumber(a, b []byte) bool { return compareNumbers(a, b) == 0 }

// compareNumbers orders two numbers by exact decimal value.
func compareNumbers(a, b []byte) int {
	x, _ := parseDecimal(a)
	y, _ := parseDecimal(b)
	if sx, sy := x.sign(), y.sign(); sx != sy || sx == 0 {
		return cmp.Compare(sx, sy)
	}
	c := cmp.Compare(x.magnitude(), y.magnitude())
	lx, ly := x.leadingZeros(), y.leadingZeros()
	for i := 0; c == 0 && i < max(x.significant(), y.significant()); i++ {
		c = cmp.Compare(x.digit(lx+i), y.digit(ly+i))
	}
	if x.negative {
		return -c
	}
	return c
}

func (d decimal) sign() int {
	switch {
	case d.significant() == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// digit returns the digit at i, counted from the first one written; beyond the last they are 0.
func (d decimal) digit(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	if i -= len(d.whole); i < len(d.frac) {
		return d.frac[i]
	}
	return '0'
}

func (d decimal) leadingZeros() int {
	n := len(d.whole) + len(d.frac)
	for i := range n {
		if d.digit(i) != '0' {
			return i
		}
	}
	return n
}

// significant counts the digits from the first that is not 0 to the last that is not.
func (d decimal) significant() int {
	first := d.leadingZeros()
	for i := len(d.whole) + len(d.frac); i > first; i-- {
		if d.digit(i-1) != '0' {
			return i - first
		}
	}
	return 0
}

// magnitude is the power of ten of the first digit that is not 0.
func (d decimal) magnitude() int { return len(d.whole) - d.leadingZeros() + d.exp }

// errNumberLimit says that a sum cannot be written within the limits of a document.
var errNumberLimit = errors.New("the sum is longer than a number may be")

// addDecimal returns the exact sum of two numbers as JSON text, without an exponent.
func addDecimal(a, b Value) (Value, error) {
	x, ok := parseDecimal([]byte(a))
	y, fine := parseDecimal([]byte(b))
	if !ok || !fine {
		return Absent, errors.New("not a number")
	}
	cx, ex := x.coefficient()
	cy, ey := y.coefficient()
	exp := min(ex, ey)
	scale(cx, ex-exp)
	scale(cy, ey-exp)
	text := plain(cx.Add(cx, cy), exp)
	if len(text) > MaxNumber {
		return Absent, errNumberLimit
	}
	return Value(text), nil
}

func (d decimal) coefficient() (*big.Int, int) {
	c, _ := new(big.Int).SetString(string(d.whole)+string(d.frac), 10)
	if d.negative {
		c.Neg(c)
	}
	return c, d.exp - len(d.frac)
}

func scale(c *big.Int, power int) {
	c.Mul(c, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil))
}

// plain writes c × 10^exp without an exponent; the digits after the point stay as many as exp says.
func plain(c *big.Int, exp int) string {
	sign := ""
	if c.Sign() < 0 {
		sign = "-"
	}
	text := new(big.Int).Abs(c).String()
	if exp >= 0 {
		if c.Sign() == 0 {
			return "0"
		}
		return sign + text + strings.Repeat("0", exp)
	}
	if pad := -exp + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	point := len(text) + exp
	return sign + text[:point] + "." + text[point:]
}

// plainNumber returns the one text that equal numbers share, without an exponent.
func plainNumber(number []byte) string {
	if digits(number) == len(number) {
		return string(number)
	}
	d, _ := parseDecimal(number)
	c, exp := d.coefficient()
	text := plain(c, exp)
	if exp < 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// appendMeaning appends a text that equal numbers share, and no others.
func appendMeaning(dst, number []byte) []byte {
	d, _ := parseDecimal(number)
	n, first := d.significant(), d.leadingZeros()
	if n == 0 {
		return append(dst, '0')
	}
	if d.negative {
		dst = append(dst, '-')
	}
	for i := range n {
		dst = append(dst, d.digit(first+i))
	}
	return strconv.AppendInt(append(dst, 'e'), int64(d.magnitude()), 10)
}
