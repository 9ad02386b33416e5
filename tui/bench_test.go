package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

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

// BenchmarkFrame draws one frame at 120x40, coloured.
func BenchmarkFrame(b *testing.B) {
	for _, fields := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("resolve/fields=%d", fields), func(b *testing.B) {
			r := coloured(newRig(b, newDesk(wide(b, fields)), on(1)), "dark").size(120, 40).press("a", "right")
			frames(b, r)
		})
	}
	for _, rows := range []int{10, 10000} {
		b.Run(fmt.Sprintf("queue/rows=%d", rows), func(b *testing.B) {
			frames(b, coloured(newRig(b, many(b, rows)), "dark").size(120, 40))
		})
	}
	b.Run("card", func(b *testing.B) {
		frames(b, coloured(newRig(b, newDesk(customer(b, 1)), on(1)), "dark").size(50, 40))
	})
}

func frames(b *testing.B, r *rig) {
	b.ReportAllocs()
	for b.Loop() {
		_ = r.m.View()
	}
}

// BenchmarkKey moves the cursor and draws the frame that follows.
func BenchmarkKey(b *testing.B) {
	for _, fields := range []int{10, 1000} {
		b.Run(fmt.Sprintf("resolve/fields=%d", fields), func(b *testing.B) {
			r := coloured(newRig(b, newDesk(wide(b, fields)), on(1)), "dark").size(120, 40).press("a")
			m := r.m
			keys := []tea.Msg{keyOf("j"), keyOf("k")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m, _ = m.Update(keys[i%2])
				_ = m.View()
			}
		})
	}
}
