package merge

import (
	"strconv"
	"strings"
)

// Both decides that two records that were created under one name are both kept: the server's as it is, local's under the
// id as. It is false where the sides are not two such records.
func (r Result) Both(as string) (Decision, bool) {
	s := r.sides
	if s.Base != nil || s.BaseLost || s.Local == nil || s.Server == nil || as == "" {
		return Decision{}, false
	}
	return Decision{Choice: KeepBoth, Value: Value(s.Server), As: as,
		Saw: Seen{Local: Value(s.Local), Server: Value(s.Server)}}, true
}

// Both returns the id that local's record is kept under; "" where nobody decided for both.
func (d Decisions) Both() string {
	if whole := d[""]; whole.Choice == KeepBoth {
		return whole.As
	}
	return ""
}

// OnlyBoth are the decisions that make both the only one in the place of d: what else was decided is taken back.
func (d Decisions) OnlyBoth(both Decision) Decisions {
	set := Decisions{"": both}
	for path := range d {
		if path != "" {
			set[path] = Decision{}
		}
	}
	return set
}

// Aside proposes an id for a second record beside one: the same with a number behind it, one more where there is one.
func Aside(id string) string {
	if stem, last, found := cutNumber(id); found {
		return stem + "-" + strconv.Itoa(last+1)
	}
	return id + "-2"
}

// cutNumber takes apart what Aside made: a small number behind a second dash. D-1042 is nobody's second.
func cutNumber(id string) (stem string, n int, found bool) {
	i := strings.LastIndexByte(id, '-')
	if i < 0 || len(id)-i > 3 || !strings.Contains(id[:i], "-") {
		return "", 0, false
	}
	n, err := strconv.Atoi(id[i+1:])
	return id[:i], n, err == nil && n >= 2
}
