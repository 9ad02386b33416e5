package tui

import (
	"context"
	"strings"
	"testing"
)

// values are what a queue holds, by name.
type values map[string][]string

func (v values) FilterValues(_ context.Context, name, typed string, _ int) ([]string, error) {
	if name == "device" {
		return nil, errBroken
	}
	var all []string
	for _, value := range v[name] {
		if strings.HasPrefix(value, typed) {
			all = append(all, value)
		}
	}
	return all, nil
}

func TestTheFilterIsCompleted(t *testing.T) {
	v := values{"collection": {"account", "asset", "deal"}, "by": {"Ana B", "bo\x1b[2J"}}
	start := func() *rig {
		return newRig(t, newDesk(deal(t, 1)), func(c *Config) { c.Completer = v }).press("/")
	}
	line := func(r *rig, want string) {
		t.Helper()
		if got := r.root().queue.box.text; got != want {
			t.Errorf("the line is %q, want %q:\n%s", got, want, r.m.View())
		}
	}
	r := start().press("tab").sees("age>  by:  claimed:  collection:").press("co", "tab")
	line(r, "collection:")
	r.press("tab").sees("account  asset  deal")
	line(r, "collection:")
	r.press("tab")
	line(r, "collection:account")
	r.press("tab").sees("  asset  deal  account")
	line(r, "collection:asset")
	r.press("shift+tab", "shift+tab")
	line(r, "collection:deal")
	r.press(" ", "b", "tab", "A", "tab")
	line(r, `collection:deal by:"Ana B" `)
	r.press("kind:edit-e", "tab", "state:r", "tab")
	line(r, `collection:deal by:"Ana B" kind:edit-edit state:resolved `)

	r = start().press("collection:a", "tab").sees("account  asset")
	line(r, "collection:a")
	line(start().press("collection:as", "tab"), "collection:asset ")
	line(start().press("by:x", "tab").sees("nothing in the queue begins so"), "by:x")
	line(start().press("device:", "tab").sees("disk is on fire"), "device:")
	r = start().press("by:bo", "tab").sees(`by:bo\e[2J`)
	if strings.Contains(r.m.View(), "\x1b") {
		t.Error("a name acts on the terminal")
	}
	line(start().press("age", "tab", "tab"), "age>1")
}

func TestACompletionThatComesTooLateIsLeftOut(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1))).press("/", "s")
	r.hold = true
	r.press("tab")
	r.hold = false
	r.press("x")
	r.run(r.held[0])
	if got := r.root().queue.box.text; got != "sx" {
		t.Errorf("the line is %q", got)
	}
}
