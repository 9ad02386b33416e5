package adopt

import "strings"

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
