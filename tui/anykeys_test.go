package tui

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dovetail/merge"
)

// nasty are pieces of what a terminal obeys, draws wide, draws over what stands before it, or draws not at all.
var nasty = []string{"\x1b]52;c;ZXZpbA==\a", "\x1b[2J", "\x1b[6n", "\u009b31m", "\r", "\n", "\t", "\x00", "\x7f", "\u202e", "\u2066", "\u200b", "\u200d",
	"\ufeff", "\U000e0041", "漢字", "👩‍👩‍👧", "🇩🇪", "⚠️", "e\u0301\u0302\u0303", "ﷺ", "{+x+}", "[-y-]", `\u{202e}`, "", " ", "a", "value", "-3", "true", "\u2028", "━", "▸"}

func nastyText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(nasty[r.IntN(len(nasty))])
		if r.IntN(8) == 0 {
			b.WriteString(strings.Repeat(nasty[r.IntN(len(nasty))], r.IntN(90)))
		}
	}
	return b.String()
}

// nastyDocument has fields whose names and values are nasty; the record may be gone.
func nastyDocument(r *rand.Rand, names []string, gone bool) string {
	if gone {
		return ""
	}
	fields := map[string]any{}
	for _, name := range names {
		switch r.IntN(7) {
		case 0:
		case 1:
			fields[name] = nil
		case 2:
			fields[name] = []any{nastyText(r), r.IntN(3), []any{}}
		case 3:
			fields[name] = map[string]any{nastyText(r): nastyText(r)}
		case 4:
			fields[name] = r.IntN(9)
		default:
			fields[name] = nastyText(r)
		}
	}
	text, _ := json.Marshal(fields)
	return string(text)
}

func nastyCase(t *testing.T, r *rand.Rand, number int64) merge.Case {
	names := []string{"a"}
	for range 1 + r.IntN(8) {
		names = append(names, nastyText(r))
	}
	c := conflict(t, number, fmt.Sprintf("note/%d", number), nastyDocument(r, names, r.IntN(6) == 0), nastyDocument(r, names, r.IntN(8) == 0), nastyDocument(r, names, r.IntN(8) == 0))
	c.Conflict.Record.ID = nastyText(r) + "x"
	for _, who := range []*string{&c.Local.By, &c.Local.Device, &c.Server.By, &c.Server.Device, &c.Base.By, &c.Conflict.LocalBy, &c.Conflict.Device, &c.Conflict.ServerBy} {
		*who = nastyText(r) + "\xff"
	}
	return c
}

// anyKeys lead from any screen to any other; what is typed into boxes is nasty as well.
var anyKeys = []string{"enter", "esc", "up", "down", "left", "right", "tab", "home", "end", "pgdown", "pgup", " ", "1", "2", "3", "0", "c", "e", "a", "v", "d", "i", "m", "A",
	"u", "ctrl+r", "n", "N", "w", "y", "s", "S", "p", "r", "g", "G", "j", "k", "/", "?", ":", "%", "b", "x", "+", "Q", "o", "h", "l", "[", "]", "U", "q", "E", "R"}

// ways lead to screens that keys by chance seldom come to.
var ways = [][]string{{}, {"enter"}, {"enter", "A", "1", "w"}, {"enter", "A", "2", "w", "y"}, {"g", "A", "1", "y"}, {"enter", "i"}, {"enter", "1", "m"},
	{"enter", "A", "1", "w", "p"}, {"?"}, {":"}, {" ", "S"}, {"enter", "e"}, {"enter", "v"}, {"/"}, {"n", "n", "n", "n"}}

// TestAnyKeysWithAnyValuesInAnySize: wherever keys lead, with whatever values, each frame is exactly as large as the terminal
// and holds nothing that it would obey. A failure tells the seed.
func TestAnyKeysWithAnyValuesInAnySize(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := newDesk(nastyCase(t, r, 1))
		if seed%2 == 0 {
			d = newDesk(nastyCase(t, r, 1), nastyCase(t, r, 2), nastyCase(t, r, 3))
		}
		played := seed%4 == 3
		rig := newRig(t, d, title, func(c *Config) {
			c.Person, c.Title, c.ASCII = nastyText(r)+"x", nastyText(r), r.IntN(4) == 0
			if played {
				text, _ := json.Marshal(nastyText(r))
				c.Play, c.Ask = apart(t, nastyText(r), nastyText(r), nastyText(r)+"x", string(text)), r.IntN(2) == 0
			}
		})
		if r.IntN(2) == 0 {
			coloured(rig, []string{"dark", "light"}[r.IntN(2)])
		}
		var keys []string
		way := ways[int(seed)%len(ways)]
		for i := range len(way) + 12 {
			key := anyKeys[r.IntN(len(anyKeys))]
			switch {
			case i < len(way):
				key = way[i]
			case r.IntN(12) == 0:
				key = nastyText(r) + "x"
			}
			keys = append(keys, key)
			w, h := minWidth+r.IntN(201), minHeight+r.IntN(69)
			rig.press(key).size(w, h)
			m := rig.root()
			seen[fmt.Sprint(m.screen, m.helping, m.choosing)] = true
			check(t, fmt.Sprintf("seed %d, after %q", seed, keys), rig.m.View(), w, h)
			if rig.quit {
				break
			}
		}
	}
	for _, want := range []string{fmt.Sprint(onQueue, false, false), fmt.Sprint(onResolve, false, false), fmt.Sprint(onReview, false, false), fmt.Sprint(onWritten, false, false),
		fmt.Sprint(onPlay, false, false), fmt.Sprint(onBulk, false, false), fmt.Sprint(onQueue, true, false), fmt.Sprint(onQueue, false, true)} {
		if !seen[want] {
			t.Errorf("no keys led to the screen %s; they led to %v", want, seen)
		}
	}
}

// TestARecordWithoutFields has nothing to put the cursor on, in each of the layouts.
func TestARecordWithoutFields(t *testing.T) {
	for _, width := range []int{120, 80, 50} {
		for _, sides := range [][3]string{{`{}`, `{}`, `{}`}, {`{"a":1}`, "", ""}, {"", `{}`, `{}`}, {`{}`, "", `{}`}, {"", "", ""}} {
			r := newRig(t, newDesk(conflict(t, 1, "note/1", sides[0], sides[1], sides[2])), on(1)).size(width, 30)
			check(t, "no fields", r.m.View(), width, 30)
			check(t, "no fields", r.press("down", "1", "v", "i", "esc", "w").m.View(), width, 30)
		}
	}
}
