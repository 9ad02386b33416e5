package adopt

import (
	"strconv"
	"strings"
)

// Affinity is what a column makes of the values that are put into it.
type Affinity string

// The affinities of SQLite. A column of a STRICT table has the one of its type; ANY has none.
const (
	Integer Affinity = "INTEGER"
	Text    Affinity = "TEXT"
	None    Affinity = "BLOB"
	Real    Affinity = "REAL"
	Numeric Affinity = "NUMERIC"
)

// affinityOf finds the affinity of a declared type, by the rules of SQLite in their order.
func affinityOf(declared string, strict bool) Affinity {
	declared = strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(declared, part) {
				return true
			}
		}
		return false
	}
	switch {
	case strict && declared == "ANY":
		return None
	case has("INT"):
		return Integer
	case has("CHAR", "CLOB", "TEXT"):
		return Text
	case declared == "" || has("BLOB"):
		return None
	case has("REAL", "FLOA", "DOUB"):
		return Real
	}
	return Numeric
}

// apply is what a column of the affinity makes of a value that is put into it.
func (a Affinity) apply(cell any) any {
	switch v := cell.(type) {
	case int64:
		switch a {
		case Text:
			return strconv.FormatInt(v, 10)
		case Real:
			return float64(v)
		}
	case float64:
		if a == Text {
			return realText(v)
		}
		if n := int64(v); (a == Integer || a == Numeric) && float64(n) == v {
			return n
		}
	case string:
		if a != Integer && a != Numeric && a != Real {
			return v
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return a.apply(n)
		}
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return a.apply(f)
		}
	}
	return cell
}
