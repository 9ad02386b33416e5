package schema

import (
	"strings"
	"testing"
)

func TestAUnitIsReadAndNothingElseIsRefused(t *testing.T) {
	r, err := Parse([]byte(`{"$defs":{"money":{"type":"number","x-unit":"EUR","x-merge":"max"}},
		"properties":{
			"amount":{"type":"number","x-unit":"EUR"}, "discount":{"$ref":"#/$defs/money"},
			"size":{"properties":{"width":{"x-unit":"mm"}}}, "lines":{"type":"array","x-merge":{"keyed":"id"},"items":{"properties":{"weight":{"x-unit":"kg"}}}},
			"other":{"x-unit":{"of":"another tool"}}, "long":{"x-unit":"` + strings.Repeat("m", maxUnit+1) + `"}, "none":{"x-unit":""}, "plain":{}},
		"allOf":[{"properties":{"amount":{"x-unit":"nobody's"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/amount": "EUR", "/discount": "EUR", "/size/width": "mm", "/lines/7/weight": "kg",
		"/other": "", "/long": "", "/none": "", "/plain": "", "/unknown": "", "": ""} {
		if got := r.Unit(path); got != want {
			t.Errorf("%s is in %q, want %q", path, got, want)
		}
	}
	if _, err := Parse([]byte(`{"properties":{"a":{"x-unit":"m","x-merges":"max"}}}`)); err == nil {
		t.Error("a keyword of ours that there is not is taken")
	}
}
