package tui

import (
	"time"
	"unicode/utf16"

	tea "github.com/charmbracelet/bubbletea"
)

// burst is how soon a key must follow another one for both to be taken for one message. Bubble Tea looks for keys every
// 16 ms, and a person is slower.
const burst = 20 * time.Millisecond

// console stands before a model on Windows, where each key comes in a message of its own. There a paste looks like keys
// that somebody presses: this puts together again what came at once, so that the screens can tell, as they can elsewhere.
// And it mends what Bubble Tea makes of characters: the halves of one beyond U+FFFF come apart, one that AltGr types (on
// many keyboards @ € [ ] { } \ | ~) is said to come with alt, and a modifier alone is said to be the character 0.
type console struct {
	tea.Model
	held  []tea.KeyMsg // what came last, each of one character, enter or tab
	high  rune         // the first half of a character; 0: none
	turn  int          // counts what was held, so that only the last one's wait ends it
	drawn string       // the view while keys are held: nothing changes it
	wait  func(turn int) tea.Cmd
}

// settledMsg ends the wait of that turn.
type settledMsg int

func waitForMore(turn int) tea.Cmd {
	return tea.Tick(burst, func(time.Time) tea.Msg { return settledMsg(turn) })
}

// Update passes on what is no key at once, and keys when it is known whether more came with them.
func (c console) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if turn, ok := msg.(settledMsg); ok {
		if int(turn) != c.turn {
			return c, nil
		}
		return c.pass(nil)
	}
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		var cmd tea.Cmd
		c.Model, cmd = c.Model.Update(msg)
		c.drawn = ""
		return c, cmd
	}
	if k.Type == tea.KeyRunes && !k.Paste {
		if k, ok = c.character(k); !ok {
			return c, nil
		}
	}
	if !canBePasted(k) {
		return c.pass(&k)
	}
	if len(c.held) == 0 {
		c.drawn = c.Model.View()
	}
	c.held = append(c.held[:len(c.held):len(c.held)], k)
	c.turn++
	return c, c.wait(c.turn)
}

// View is what the model shows; nothing of what is held has reached it.
func (c console) View() string {
	if len(c.held) > 0 && c.drawn != "" {
		return c.drawn
	}
	return c.Model.View()
}

// character mends a message of one character; false: it is none, or not yet.
func (c *console) character(k tea.KeyMsg) (tea.KeyMsg, bool) {
	if len(k.Runes) != 1 {
		return k, true
	}
	r, high := k.Runes[0], c.high
	c.high = 0
	switch {
	case r == 0:
		c.high = high
		return k, false
	case 0xD800 <= r && r < 0xDC00:
		c.high = r
		return k, false
	case utf16.IsSurrogate(r):
		k.Runes = []rune{utf16.DecodeRune(high, r)}
	}
	// Alt alone leaves a letter what it is.
	k.Alt = k.Alt && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	return k, true
}

// canBePasted reports whether a key is what a console makes of a pasted text.
func canBePasted(k tea.KeyMsg) bool {
	switch k.Type {
	case tea.KeyRunes:
		return len(k.Runes) == 1 && !k.Alt && !k.Paste
	case tea.KeyEnter, tea.KeyTab:
		return !k.Alt
	}
	return false
}

// pass hands the model what is held, and then a key that does not belong to it.
func (c console) pass(next *tea.KeyMsg) (tea.Model, tea.Cmd) {
	keys := atOnce(c.held)
	if next != nil {
		keys = append(keys[:len(keys):len(keys)], *next)
	}
	var cmds []tea.Cmd
	for _, k := range keys {
		var cmd tea.Cmd
		c.Model, cmd = c.Model.Update(k)
		cmds = append(cmds, cmd)
	}
	c.held, c.drawn = nil, ""
	c.turn++
	return c, tea.Batch(cmds...)
}

// atOnce makes of keys that came at once what another terminal makes of them: one message, if there are characters among
// them.
func atOnce(held []tea.KeyMsg) []tea.KeyMsg {
	all := tea.KeyMsg{Type: tea.KeyRunes}
	typed := false
	for _, k := range held {
		switch k.Type {
		case tea.KeyEnter:
			all.Runes = append(all.Runes, '\n')
		case tea.KeyTab:
			all.Runes = append(all.Runes, '\t')
		default:
			all.Runes, typed = append(all.Runes, k.Runes...), true
		}
	}
	if len(held) < 2 || !typed {
		return held
	}
	return []tea.KeyMsg{all}
}
