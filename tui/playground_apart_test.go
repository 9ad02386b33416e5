package tui

import (
	"slices"
	"testing"

	"dovetail/tui/safe"
)

func TestTextsThatBeginAlikeAreShownWhereTheyDiffer(t *testing.T) {
	g := unicodeGlyphs()
	for _, tc := range []struct{ texts, want []safe.Cell }{
		{[]safe.Cell{"the pump is hot", "the pump is cold", ""}, []safe.Cell{"… hot", "… cold", ""}},
		{[]safe.Cell{"the pump is hot", "the pump is hot"}, []safe.Cell{"the pump is hot", "the pump is hot"}},
		{[]safe.Cell{"the pump", "the motor"}, []safe.Cell{"the pump", "the motor"}},
		{[]safe.Cell{"thepumpishot", "thepumpiscold"}, []safe.Cell{"thepumpishot", "thepumpiscold"}},
		{[]safe.Cell{"the pump is", "the pump is hot"}, []safe.Cell{"… is", "… is hot"}},
		{nil, nil}, {[]safe.Cell{"", ""}, []safe.Cell{"", ""}},
	} {
		if got := g.apart(tc.texts, 10); !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q, want %q", tc.texts, got, tc.want)
		}
	}
}
