package tui

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dovetail/merge"
)

// wide makes a conflict about a record of n fields, one in ten of them in dispute.
func wide(t testing.TB, n int) merge.Case {
	t.Helper()
	var b, l, s strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
			l.WriteByte(',')
			s.WriteByte(',')
		}
		local, server := "a value of some length", "a value of some length"
		switch i % 10 {
		case 0:
			local, server = "local's value of it", "the server's value"
		case 1:
			local = "changed by local alone"
		}
		fmt.Fprintf(&b, `"field_%04d":"a value of some length"`, i)
		fmt.Fprintf(&l, `"field_%04d":%q`, i, local)
		fmt.Fprintf(&s, `"field_%04d":%q`, i, server)
	}
	return conflict(t, 1, "deal/D-1", "{"+b.String()+"}", "{"+l.String()+"}", "{"+s.String()+"}")
}

// endless is a queue of so many conflicts, made as they are asked for.
type endless struct {
	*desk
	n     int64
	about merge.Conflict
}

func (e endless) Counts(context.Context, string) (merge.Counts, error) {
	return merge.Counts{Open: e.n}, nil
}

func (e endless) Conflicts(_ context.Context, q merge.Query) (merge.Page, error) {
	first := int64(1)
	if q.From != "" {
		_, _ = fmt.Sscan(string(q.From), &first)
		first++
	}
	p := merge.Page{Before: first > 1, After: first+int64(q.Limit) < e.n}
	for n := first; n <= e.n && len(p.Conflicts) < q.Limit; n++ {
		c := e.about
		c.Number, c.Record.ID = n, fmt.Sprintf("D-%07d", n)
		p.Conflicts = append(p.Conflicts, c)
	}
	p.First, p.Last = merge.Cursor(fmt.Sprint(first)), merge.Cursor(fmt.Sprint(first+int64(len(p.Conflicts))-1))
	return p, nil
}

func (e endless) Case(ctx context.Context, n int64) (merge.Case, error) {
	c, err := e.desk.Case(ctx, 1)
	c.Conflict.Number = n
	return c, err
}

// queueOf shows a queue of so many conflicts.
func queueOf(b testing.TB, n int64) *rig {
	d := newDesk(deal(b, 1))
	return newRig(b, d, func(c *Config) {
		c.Queue, c.Desk = endless{d, n, d.cases[1].Conflict}, endless{d, n, d.cases[1].Conflict}
	})
}

// BenchmarkFrame draws a frame, coloured, and beside it the same frame styled cell by cell with Lip Gloss.
func BenchmarkFrame(b *testing.B) {
	record := func(fields int) *rig { return newRig(b, newDesk(wide(b, fields)), on(1)).press("a", "right") }
	for _, screen := range []struct {
		name string
		make func() *rig
	}{
		{"queue-10", func() *rig { return queueOf(b, 10) }}, {"queue-1M", func() *rig { return queueOf(b, 1_000_000) }},
		{"record-10", func() *rig { return record(10) }}, {"record-1000", func() *rig { return record(1000) }},
		{"play", func() *rig {
			return playing(b, smallStory(b), func(c *Config) { c.Ask = false }).press("n", "n", "n", "n")
		}},
	} {
		for _, size := range [][2]int{{120, 40}, {200, 60}} {
			b.Run(fmt.Sprintf("%s/%dx%d", screen.name, size[0], size[1]), func(b *testing.B) {
				r := coloured(screen.make(), "dark").size(size[0], size[1])
				b.Run("ours", func(b *testing.B) { frames(b, r) })
				b.Run("lipgloss", func(b *testing.B) { styledFrames(b, r.m.View()) })
			})
		}
	}
	b.Run("card/50x40", func(b *testing.B) {
		frames(b, coloured(newRig(b, newDesk(customer(b, 1)), on(1)), "dark").size(50, 40))
	})
}

// styledFrames draws a frame that is known, each piece of it by a style, as screens do that keep no pens.
func styledFrames(b *testing.B, view string) {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI256)
	styles := map[string]lipgloss.Style{
		"1": renderer.NewStyle().Bold(true), "38;5;245": renderer.NewStyle().Foreground(lipgloss.Color("245")),
		"38;5;75": renderer.NewStyle().Foreground(lipgloss.Color("75")), "38;5;214": renderer.NewStyle().Foreground(lipgloss.Color("214")),
	}
	type piece struct {
		style lipgloss.Style
		text  string
	}
	var lines [][]piece
	for _, line := range strings.Split(view, "\n") {
		var pieces []piece
		for _, part := range strings.Split("m"+line, "\x1b[") {
			code, text, _ := strings.Cut(part, "m")
			style, known := styles[code]
			if !known {
				style = renderer.NewStyle()
			}
			if text != "" {
				pieces = append(pieces, piece{style, text})
			}
		}
		lines = append(lines, pieces)
	}
	b.ReportAllocs()
	for b.Loop() {
		drawn := make([]string, len(lines))
		for i, line := range lines {
			cells := make([]string, len(line))
			for k, p := range line {
				cells[k] = p.style.Render(p.text)
			}
			drawn[i] = lipgloss.JoinHorizontal(lipgloss.Top, cells...)
		}
		_ = lipgloss.JoinVertical(lipgloss.Left, drawn...)
	}
}

func frames(b *testing.B, r *rig) {
	b.ReportAllocs()
	for b.Loop() {
		_ = r.m.View()
	}
}

// BenchmarkKey moves the cursor and draws the frame that follows. With the store behind it and from the start on it is
// measured in cmd/dovetail, BenchmarkTerminal.
func BenchmarkKey(b *testing.B) {
	for name, r := range map[string]*rig{
		"queue-1M":    queueOf(b, 1_000_000),
		"record-10":   newRig(b, newDesk(wide(b, 10)), on(1)).press("a"),
		"record-1000": newRig(b, newDesk(wide(b, 1000)), on(1)).press("a"),
	} {
		b.Run(name, func(b *testing.B) {
			m := coloured(r, "dark").size(120, 40).m
			keys := []tea.Msg{keyOf("j"), keyOf("k")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m, _ = m.Update(keys[i%2])
				_ = m.View()
			}
		})
	}
}
