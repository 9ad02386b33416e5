package merge

import "testing"

func TestLabel(t *testing.T) {
	rules := &Rules{Root: &Rule{Label: "Deal", Properties: map[string]*Rule{
		"status":  {Label: "Deal status"},
		"plain":   {},
		"address": {Properties: map[string]*Rule{"a/b": {Label: "Street"}}, Additional: &Rule{Label: "Other"}},
		"lines":   {Policy: Keyed, Key: "sku", Label: "Lines", Items: &Rule{Label: "Line", Properties: map[string]*Rule{"qty": {Label: "Quantity"}}}},
		"tags":    {Policy: Set, Items: &Rule{Label: "Tag"}},
	}}}
	for path, want := range map[string]string{
		"": "", "/status": "Deal status", "/plain": "", "/nowhere": "", "/nowhere/deep": "", "/address/a~1b": "Street",
		"/address/zip": "Other", "/lines": "Lines", "/lines/A 1": "Line", "/lines/A 1/qty": "Quantity", "/lines/A 1/no": "",
		"/tags/0": "", "/status/below": "",
	} {
		if got := rules.Label(path); got != want {
			t.Errorf("label of %q is %q, want %q", path, got, want)
		}
		if got := (*Rules)(nil).Label(path); got != "" {
			t.Errorf("without rules the label of %q is %q", path, got)
		}
	}
}
