package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"

	"dovetail/tui/safe"
)

// Keys are bindings that a person put over ours. The zero value is none.
type Keys struct {
	of map[screen]map[intent][]string
}

// KeyError says what is wrong with a line of bindings.
type KeyError struct {
	Line   int // from 1
	Reason string
}

func (e *KeyError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// keyScreens are the screens whose keys can be changed: where text is typed and where a question waits they cannot.
var keyScreens = map[string][]screen{
	"queue": {onQueue}, "resolve": {onResolve, onCard}, "review": {onReview}, "written": {onWritten}, "full": {onFull},
	"help": {onHelp}, "play": {onPlay},
}

// fixedKeys stay what they are, whatever else an action gets: the ways to move and to leave that everybody knows. Enter
// is among them because it must never write, and esc because slow lines make one up.
var fixedKeys = map[string]string{"h": "moves", "j": "moves", "k": "moves", "l": "moves", "up": "moves", "down": "moves",
	"left": "moves", "right": "moves", "esc": "only goes back", "enter": "stays as it is", "ctrl+c": "leaves"}

// sameKeys are keys that terminals send as others.
var sameKeys = map[string]string{"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace on many terminals", "ctrl+[": "esc",
	"ctrl+q": "a flow control that terminals keep"}

// ParseKeys reads bindings, a line each: SCREEN ACTION KEY…. They come before the keys that the action has, and a key
// that another action had is taken from it. What follows a # is left out. Every bad line has a [KeyError] of its
// own.
func ParseKeys(text string) (Keys, []*KeyError) {
	k := Keys{of: map[screen]map[intent][]string{}}
	lineOf := map[string]int{}
	var bad []*KeyError
	ours := keymaps()
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if end := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "#") }); end >= 0 {
			words = words[:end]
		}
		if len(words) == 0 {
			continue
		}
		if reason := k.read(ours, words); reason != "" {
			bad = append(bad, &KeyError{i + 1, reason})
			continue
		}
		if at, again := lineOf[words[0]+" "+words[1]]; again {
			bad = append(bad, &KeyError{i + 1, fmt.Sprintf("%s %s has its keys in line %d", words[0], words[1], at)})
			continue
		}
		lineOf[words[0]+" "+words[1]] = i + 1
	}
	return k, append(bad, k.shared(lineOf)...)
}

// read takes one line; the reason why it cannot is in words.
func (k Keys) read(ours [screens]keymap, words []string) string {
	on, ok := keyScreens[words[0]]
	if !ok {
		return fmt.Sprintf("%s is no screen: it is one of %s", printed(words[0]), strings.Join(slices.Sorted(maps.Keys(keyScreens)), ", "))
	}
	if len(words) < 3 {
		return "it takes a screen, an action and a key: resolve undo z"
	}
	b, ok := ours[on[0]].named(words[1])
	if !ok || b.intent == leaveAtOnce {
		return fmt.Sprintf("%s is no action of %s: `dovetail keys` lists them", printed(words[1]), words[0])
	}
	var keys []string
	for _, word := range words[2:] {
		name, reason := keyName(word)
		if reason != "" {
			return reason
		}
		keys = append(keys, name)
	}
	for _, at := range on {
		if k.of[at] == nil {
			k.of[at] = map[intent][]string{}
		}
		k.of[at][b.intent] = keys
	}
	return ""
}

// keyName is the name that a key has in the table.
func keyName(word string) (name, reason string) {
	if what, fixed := fixedKeys[word]; fixed {
		return "", fmt.Sprintf("%s %s, on every screen", word, what)
	}
	if other, same := sameKeys[word]; same {
		return "", fmt.Sprintf("%s arrives as %s", word, other)
	}
	if name, ok := map[string]string{"space": " ", "pgdn": "pgdown"}[word]; ok {
		return name, ""
	}
	named := []string{"tab", "shift+tab", "pgup", "pgdn", "home", "end", "insert", "delete", "backspace"}
	letter, ctrl := strings.CutPrefix(word, "ctrl+")
	function, isFunction := strings.CutPrefix(word, "f")
	switch {
	case slices.Contains(named, word):
	case ctrl && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z':
	case isFunction && slices.Contains([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, function):
	case utf8.RuneCountInString(word) == 1 && safe.Text(word) == safe.Cell(word):
	default:
		return "", fmt.Sprintf("%s is no key: it is a character, ctrl+a to ctrl+z, f1 to f12, space or one of %s", printed(word),
			strings.Join(named, ", "))
	}
	return word, ""
}

// printed is a word of the file, which may be anything.
func printed(word string) string { return string(safe.Text(word).Truncate(40)) }

// shared finds the keys that two lines give to two actions of a screen.
func (k Keys) shared(lineOf map[string]int) []*KeyError {
	var bad []*KeyError
	for _, name := range slices.Sorted(maps.Keys(keyScreens)) {
		has := map[string]string{}
		actions := k.of[keyScreens[name][0]]
		for _, what := range slices.Sorted(maps.Keys(actions)) {
			action := intentNames[what]
			for _, pressed := range actions[what] {
				other, taken := has[pressed]
				has[pressed] = action
				if !taken || other == action {
					continue
				}
				at, before := lineOf[name+" "+action], lineOf[name+" "+other]
				bad = append(bad, &KeyError{max(at, before), fmt.Sprintf("%s is given to %s and to %s", keyWord(pressed), other, action)})
			}
		}
	}
	return bad
}

// in puts the person's keys before ours, which go where they were given to another action.
func (k Keys) in(at screen, ours keymap) keymap {
	mine := k.of[at]
	if len(mine) == 0 {
		return ours
	}
	given := map[string]intent{}
	for what, keys := range mine {
		for _, pressed := range keys {
			given[pressed] = what
		}
	}
	out := slices.Clone(ours)
	for i := range out {
		b := &out[i]
		keys := slices.Clone(mine[b.intent])
		for _, old := range b.Keys() {
			if _, taken := given[old]; !taken {
				keys = append(keys, old)
			}
		}
		if slices.Equal(keys, b.Keys()) {
			continue
		}
		words := make([]string, len(keys))
		for n := range keys {
			words[n] = keyWord(keys[n])
		}
		help, _, _ := strings.Cut(b.Help().Desc, "; also ") // it names keys of ours
		b.Binding = key.NewBinding(key.WithKeys(keys...), key.WithHelp(strings.Join(words, " "), help))
		switch {
		case len(keys) == 0:
			b.foot = ""
		case b.footLabel == "":
			b.footLabel = words[0]
		}
	}
	return out
}

var arrows = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", " ": "space", "pgdown": "pgdn"}

// keyWord is what a key is called on the screen.
func keyWord(pressed string) string {
	if word, ok := arrows[pressed]; ok {
		return word
	}
	return pressed
}

// over puts the person's keys over all of ours.
func (k Keys) over(ours [screens]keymap) [screens]keymap {
	for at := range ours {
		ours[at] = k.in(screen(at), ours[at])
	}
	return ours
}

// KeyLine is a line of the table of bindings, as a file of them has it.
type KeyLine struct {
	Screen, Action string
	Keys           []string
	Help           string
}

// KeyTable lists what can be bound, with the keys that it has.
func KeyTable(k Keys) []KeyLine {
	var lines []KeyLine
	all := k.over(keymaps())
	for _, name := range []string{"queue", "resolve", "review", "written", "full", "help", "play"} {
		for _, b := range all[keyScreens[name][0]] {
			if b.intent == leaveAtOnce {
				continue
			}
			line := KeyLine{Screen: name, Action: intentNames[b.intent], Keys: []string{}, Help: b.Help().Desc}
			for _, pressed := range b.Keys() {
				if _, fixed := fixedKeys[pressed]; !fixed {
					line.Keys = append(line.Keys, keyWord(pressed))
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}
