package tui

import (
	"testing"
	"time"
)

// TestKeptPartsAreWhatWouldBeDrawn: rows and footers that are taken from the frame before are the same as drawn anew,
// whatever was pressed, sized or coloured in between, and however much time passed.
func TestKeptPartsAreWhatWouldBeDrawn(t *testing.T) {
	now := noon
	r := newRig(t, many(t, 300), func(c *Config) { c.Now = func() time.Time { return now } }).size(120, 40)
	anew := func() string {
		m := r.root()
		m.env.frame.foot, m.env.frame.across = footKept{}, ""
		for i := range m.queue.w.rows {
			m.queue.w.rows[i].drawn = nil
		}
		return m.View()
	}
	do := []func(){
		func() { r.press("j") }, func() { r.press("space") }, func() { r.press("j", "j", "k") }, func() { r.size(80, 24) },
		func() { r.press("space") }, func() { now = now.Add(49 * time.Hour) }, func() { r.size(120, 36) }, func() { coloured(r, "dark") },
		func() { r.press("G") }, func() { coloured(r, "light") }, func() { r.press("esc") }, func() { r.size(40, 12) },
		func() { r.press("1", "w", "s") }, func() { r.press("enter") }, func() { r.press("2") }, func() { r.press("q") },
		func() { r.size(200, 60) }, func() { r.press("?") }, func() { r.press("esc") }, func() { r.press("/") },
	}
	for i, step := range do {
		step()
		if kept, fresh := r.m.View(), anew(); kept != fresh {
			t.Errorf("after step %d it draws\n%s\nanew it would draw\n%s", i, kept, fresh)
		}
	}
}
