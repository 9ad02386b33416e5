package main

import (
	"strings"

	"dovetail/merge"
)

// policyAt is what a schema says of one field.
type policyAt struct {
	policy   merge.Policy
	declared bool   // it is the field's own, or holds for all below a field that has it
	key      string // of keyed
	group    string
	label    string // what people call the field; empty: nothing else than its path
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// policyOf looks up the policy in force at a path.
func policyOf(rules *merge.Rules, path string) policyAt {
	at := policyAt{policy: merge.Ask}
	if rules == nil {
		return at
	}
	rule := rules.Root
	at.enter(rule)
	if path == "" {
		return at
	}
	for token := range strings.SplitSeq(path[1:], "/") {
		rule = memberRule(rule, pointerEscapes.Replace(token))
		at.enter(rule)
	}
	return at
}

// enter goes one level down, to a field with that rule.
func (at *policyAt) enter(rule *merge.Rule) {
	at.key, at.group, at.label = "", "", ""
	if rule != nil {
		at.key, at.group, at.label = rule.Key, rule.Group, rule.Label
	}
	if rule != nil && rule.Policy != merge.Inherit {
		at.policy, at.declared = rule.Policy, true
		return
	}
	switch at.policy {
	case merge.PreferLocal, merge.PreferServer, merge.Latest, merge.Ignore, merge.Immutable: // of any value, so of all below
	default:
		at.policy, at.declared = merge.Ask, false
	}
}

// memberRule is the rule for a member of an object, or an element of a keyed array; nil where there is none.
func memberRule(rule *merge.Rule, name string) *merge.Rule {
	if rule == nil {
		return nil
	}
	if rule.Policy == merge.Keyed {
		return rule.Items
	}
	if member, ok := rule.Properties[name]; ok {
		return member
	}
	return rule.Additional
}
