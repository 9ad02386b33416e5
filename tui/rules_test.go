package tui

import (
	"testing"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// governed makes a case in a collection with a schema.
func governed(t testing.TB, number int64, text, base, local, server string) merge.Case {
	t.Helper()
	rules, err := schema.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := conflict(t, number, "deal/D-7", base, local, server)
	c.Rules = rules
	r := c.Merge()
	c.Conflict.Kind, c.Conflict.Fields = r.Kind, r.Conflicts()
	return c
}

const keyedLines = `{"properties":{"lines":{"x-merge":{"keyed":"sku"},"items":{"properties":{"qty":{"title":"Quantity"}}}}}}`

func TestFieldsInsideAKeyedListShowTheirValues(t *testing.T) {
	kase := func() merge.Case {
		return governed(t, 1, keyedLines, `{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":2}]}`,
			`{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":30}]}`, `{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":44}]}`)
	}
	r := newRig(t, newDesk(kase()), on(1)).sees("lines/A/qty", "30", "44").press("1", "w").wantScreen(onReview)
	r.sees("lines/A/qty", "SERVER  lines/A/qty = 44").seesNot("removed").press("y").wantScreen(onWritten)
	r.sees("lines/A/qty", "44 → 30")

	gone := governed(t, 1, keyedLines, `{"lines":[{"sku":"A","qty":2}]}`, `{"lines":[{"sku":"A","qty":30}]}`, "")
	newRig(t, newDesk(gone), on(1)).sees("what local had changed", "lines/A/qty")
}
