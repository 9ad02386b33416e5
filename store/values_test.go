package store_test

import (
	"slices"
	"testing"
	"time"
)

func TestTheValuesOfANameAreListed(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 12)
	claim(t, s, 3, "Ana B", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, tt := range []struct {
		name, typed string
		limit       int
		want        []string
	}{
		{"collection", "", 10, []string{"account", "deal"}},
		{"collection", "d", 10, []string{"deal"}},
		{"collection", "x", 10, nil},
		{"by", "", 10, []string{"ana", "bo", "cy"}},
		{"by", "", 2, []string{"ana", "bo"}},
		{"device", "dev-1", 10, []string{"dev-1"}},
		{"field", "", 10, []string{"address", "address/city", "status"}},
		{"field", "address/", 10, []string{"address/city"}},
		{"field", "/st", 10, []string{"status"}},
		{"field", "/~", 10, nil},
		{"claimed", "", 10, []string{"Ana B"}},
		{"record", "", 10, nil},
		{"nosuch", "", 10, nil},
	} {
		got, err := s.FilterValues(t.Context(), tt.name, tt.typed, tt.limit)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s:%s lists %q, %v, want %q", tt.name, tt.typed, got, err, tt.want)
		}
	}
}
