//go:build unix

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dovetail/tui"
)

// keyBytes are what a terminal sends for keys that are no characters.
var keyBytes = map[string]string{
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "enter": "\r", "esc": "\x1b", "space": " ", "tab": "\t",
	"shift+tab": "\x1b[Z", "home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "backspace": "\x7f",
	"ctrl+c": "\x03", "ctrl+d": "\x04", "ctrl+r": "\x12", "ctrl+s": "\x13", "ctrl+u": "\x15",
}

// keyTest presses keys by their names and remembers on which screen.
type keyTest struct {
	*terminal
	screen  string
	pressed map[string]bool
}

// key presses a key and waits until the screen says want, and no longer says gone; either may be empty. What a key leads to
// must not be there before: else the test would say nothing.
func (k *keyTest) key(name, want, gone string) {
	k.t.Helper()
	k.pressed[k.screen+" "+name] = true
	what := fmt.Sprintf("%s on %s", name, k.screen)
	k.becomes("before "+what, gone, want)
	bytes, ok := keyBytes[name]
	if !ok {
		bytes = name
	}
	if _, err := k.pty.WriteString(bytes); err != nil {
		k.t.Fatal(err)
	}
	k.becomes(what, want, gone)
}

// becomes waits until the screen says want and not gone.
func (k *keyTest) becomes(what, want, gone string) {
	k.t.Helper()
	late := time.After(patience)
	for {
		k.mu.Lock()
		text, changed := k.terminal.screen.String(), k.changed
		k.mu.Unlock()
		if strings.Contains(text, want) && (gone == "" || !strings.Contains(text, gone)) {
			return
		}
		select {
		case <-changed:
		case <-k.done:
			k.t.Fatalf("%s: the program ended:\n%s", what, k.text())
		case <-late:
			k.t.Fatalf("%s: want %q, and no longer %q:\n%s", what, want, gone, k.text())
		}
	}
}

// motions goes away from what is at the top and back, by every pair of keys.
func (k *keyTest) motions(top string, keys ...string) {
	k.t.Helper()
	for i := 0; i < len(keys); i += 2 {
		k.key(keys[i], "", top)
		k.key(keys[i+1], top, "")
	}
}

var scrolling = []string{"down", "up", "j", "k", "pgdn", "pgup", "ctrl+d", "ctrl+u", "G", "g", "end", "home"}

// helpAndMore presses the keys that all screens share.
func (k *keyTest) helpAndMore(back string) {
	k.t.Helper()
	k.key("%", "the mouse is on", "")
	k.key("%", "the mouse is off", "")
	k.key(":", "ACTIONS", "")
	k.key("esc", back, "ACTIONS")
	k.key("?", "KEYS", "")
	k.key("esc", back, "KEYS")
}

// keyLines make three conflicts: the first in three fields, of which one is a list that can be joined.
func keyLines() string {
	same := ""
	for i := range 30 {
		same += fmt.Sprintf(`,"same%02d":"as before"`, i)
	}
	record := func(id, status, owner, tags, amount string) string {
		return fmt.Sprintf(`{"status":%q,"owner":%q,"tags":%s,"amount":%s,"units":%[4]s%s}`, status, owner, tags, amount, same)
	}
	var lines strings.Builder
	for _, id := range []string{"D-1042", "D-2", "D-3"} {
		fmt.Fprintf(&lines, `{"type":"record","record":"deal/%s","version":3,"fields":%s}`+"\n", id, record(id, "lead", "ana", `["a"]`, "1"))
		fmt.Fprintf(&lines, `{"type":"record","record":"deal/%s","version":4,"fields":%s,"by":"diaz"}`+"\n", id, record(id, "open", "diaz", `["a","server"]`, "1"))
		fmt.Fprintf(&lines, `{"type":"change","key":"k%s","record":"deal/%s","base_version":3,"local":%s,"local_by":"ana","device":"ana-7"}`+"\n",
			id, id, record(id, "closed", "kim", `["a","local"]`, "2"))
	}
	return lines.String()
}

// Each key of the map, once, on the built program.
func TestEachKeyInATerminal(t *testing.T) {
	t.Setenv("EDITOR", "true") // which changes nothing
	t.Setenv("VISUAL", "")
	k := &keyTest{terminal: open(t, 100, 30, "--db", database(t, keyLines())), pressed: map[string]bool{}}
	k.sees("deal/D-1042", "deal/D-3", queueFoot)
	k.screen = "queue"
	k.queueKeys()
	k.key("enter", "RESOLVE", "")
	k.sees("3 LEFT", resolveFoot)
	k.screen = "resolve"
	k.moveKeys()
	k.decideKeys()
	k.lookKeys()
	k.writeKeys()
	k.key("q", "", "")
	if code := k.ends(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	for _, line := range tui.KeyTable(tui.Keys{}) {
		if line.Screen == "play" {
			continue // it has a test of its own
		}
		for _, name := range line.Keys {
			if !k.pressed[line.Screen+" "+name] {
				t.Errorf("%s %s: %s was not pressed", line.Screen, line.Action, name)
			}
		}
	}
}

func (k *keyTest) queueKeys() {
	k.t.Helper()
	k.motions("▸!  deal/D-1042", "down", "up", "j", "k", "pgdn", "pgup", "ctrl+d", "ctrl+u", "G", "home", "end", "home")
	k.key("space", "1 marked", "")
	k.key("esc", "", "1 marked")
	k.key("g", "COUNT", "")
	k.key("esc", "", "COUNT")
	for _, name := range []string{"2", "3", "4", "5"} {
		k.key(name, "", "deal/D-1042")
		k.key("1", "deal/D-1042", "")
	}
	k.key("6", "▸ D-1042", "")
	k.screen = "records"
	k.key("enter", "RECORD deal/D-1042", "")
	k.key("i", "HISTORY", "")
	k.key("esc", "RECORD deal/D-1042", "HISTORY")
	k.key("q", "[6 Records]", "")
	k.key("esc", "[1 Open", "")
	k.screen = "queue"
	k.key("shift+tab", "", "deal/D-1042")
	k.key("tab", "deal/D-1042", "")
	k.key("/", "enter apply", "/ filter")
	k.key("esc", "/ filter", "")
	k.key("s", "newest first", "")
	k.key("s", "oldest first", "")
	k.key("S", "until when?", "")
	k.key("esc", "", "until when?")
	k.key("U", "nothing was written in this session", "")
	k.key("A", "A decides those together", "")
	k.key("R", "", "A decides those together")
	k.helpAndMore(queueFoot)
	k.key("home", "", "")
}

func (k *keyTest) moveKeys() {
	k.t.Helper()
	k.motions("owner · string", "down", "up", "j", "k", "pgdn", "pgup", "ctrl+d", "ctrl+u", "G", "g", "end", "home", "n", "N", "tab", "shift+tab")
	k.key("right", "[ kim", "")
	k.key("right", "[ diaz", "")
	k.key("left", "[ kim", "")
	k.key("l", "[ diaz", "")
	k.key("h", "[ kim", "")
	k.key("a", "30 that nobody changed", "")
	k.key("a", "", "30 that nobody changed")
	k.key("[", "the first conflict of the list", "")
	k.key("]", "deal/D-2", "deal/D-1042")
	k.key("[", "deal/D-1042", "deal/D-2")
	k.sees("3 LEFT", resolveFoot)
}

func (k *keyTest) decideKeys() {
	k.t.Helper()
	k.key("right", "[ kim", "")
	k.key("space", "Last step: local for owner", "")
	k.key("u", "undone: local for owner", "")
	k.key("ctrl+r", "redone: local for owner", "")
	k.key("2", "Last step: server for owner", "")
	k.key("3", "Last step: base for owner", "")
	k.key("1", "Last step: local for owner", "")
	k.key("0", "Last step: removed for owner", "")
	k.key("r", "Last step: un-decided owner", "")
	k.key("1", "Last step: local for owner", "")
	k.key("n", "status · string", "")
	k.key("e", "EDIT status", "")
	k.key("esc", "", "EDIT status")
	k.key("E", "nothing was changed in the text", "")
	k.key("b", "b is for two that were created", "")
	k.key("n", "tags · array", "")
	k.key("c", "c again, space or enter takes it", "")
	k.key("x", "local's first", "")
	k.key("enter", "none below: 1 left above", "")
	k.key("A", "One choice for all that is left (1)", "")
	k.key("esc", "", "One choice for all")
	k.key("w", "1 left: status", "")
}

func (k *keyTest) lookKeys() {
	k.t.Helper()
	k.key("d", "compared with local", "")
	k.key("d", "compared with base", "")
	k.key("i", "HISTORY", "")
	k.key("esc", "", "HISTORY")
	k.key("down", "tags · array", "")
	k.key("m", "RULE", "")
	k.key("esc", "", "RULE")
	k.key("S", "until when?", "")
	k.key("esc", "", "until when?")
	k.key("Y", "Y again copies", "")
	k.key("Y", "copied tags", "")
	if !strings.Contains(k.written(), "\x1b]52;c;") {
		k.t.Error("Y does not write the sequence")
	}
	k.key("/", "enter apply", "")
	k.key("s", "same00", "")
	k.key("esc", "", "same00")
	k.helpAndMore(resolveFoot)
	k.resize(80, 14)
	k.becomes("a small screen", "tags · array", "─────") // has no rules
	k.key("v", "CHANGES since base", "")
	k.screen = "full"
	k.key("?", "KEYS", "")
	k.key("esc", "CHANGES since base", "KEYS")
	k.motions("CHANGES since base", append(scrolling, "space", "g")...)
	for i, name := range []string{"v", "q", "esc"} {
		k.key(name, "", "CHANGES since base")
		if k.screen = "resolve"; i < 2 {
			k.key("v", "CHANGES since base", "")
			k.screen = "full"
		}
	}
	k.key("?", "KEYS", "")
	k.screen = "help"
	k.key("/", "enter apply", "")
	k.key("#", "no key is described so", "")
	k.key("esc", "the field above", "no key is described so")
	k.motions("the field above", append(scrolling, "space", "g")...)
	for i, name := range []string{"?", "q", "esc"} {
		k.key(name, "", "KEYS")
		if k.screen = "resolve"; i < 2 {
			k.key("?", "KEYS", "")
			k.screen = "help"
		}
	}
}

func (k *keyTest) writeKeys() {
	k.t.Helper()
	k.key("q", "CONFLICTS  ", "RESOLVE")
	k.key("enter", "RESOLVE", "")
	k.sees("status · string")
	k.key("1", "Last step: local for status", "")
	k.key("ctrl+s", "REVIEW", "")
	k.screen = "review"
	k.sees("kim")
	k.motions("kim", scrolling...)
	k.key("p", "The same from a command line", "")
	k.key("p", "", "The same from a command line")
	k.key("e", "enter apply", "")
	k.key("esc", "", "enter apply")
	k.helpAndMore(reviewFoot)
	k.key("esc", "RESOLVE", "REVIEW")
	k.screen = "resolve"
	k.key("w", "REVIEW", "")
	k.screen = "review"
	k.key("q", "RESOLVE", "REVIEW")
	k.screen = "resolve"
	k.key("w", "REVIEW", "")
	k.screen = "review"
	k.key("s", "CONFLICTS  ", "REVIEW")
	k.screen = "queue"
	k.sees("deal/D-2")
	for i, leave := range []string{"q", "esc"} {
		k.key("enter", "RESOLVE", "")
		k.screen = "resolve"
		k.sees("3 LEFT")
		k.key("A", "One choice for all", "")
		k.key("1", "w reviews and writes", "")
		k.key("w", "REVIEW", "")
		k.screen = "review"
		if i == 0 {
			k.key("y", "deal/D-3", "REVIEW")
			k.sees("3 LEFT")
			k.screen = "resolve"
			k.key(leave, "CONFLICTS  ", "RESOLVE")
			k.screen = "queue"
			continue
		}
		k.key("y", "WRITTEN", "")
	}
	k.screen = "written"
	k.resize(100, 12)
	k.sees("amount", strings.Repeat("─", 95))
	k.motions("amount", "down", "up", "j", "k", "pgdn", "pgup", "ctrl+d", "ctrl+u")
	k.helpAndMore("U undo")
	k.key("U", "Undo ", "")
	k.key("n", "", "Its conflict opens again")
	k.key("q", "CONFLICTS  ", "WRITTEN")
	k.screen = "queue"
}
