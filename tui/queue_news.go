package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// news is what others did to the queue since the person pressed a key last.
type news struct{ came, resolved int64 }

// countable is up to how many open conflicts the groups are counted again by themselves: it takes seconds where there are a
// million.
const countable = 20_000

// readNews reads again what is in sight, because something was written. The preview stays until it is read again.
func (m *queueModel) readNews() tea.Cmd {
	if m.parked.shown {
		return tea.Batch(m.env.commands.parked.list(), m.env.commands.news())
	}
	if m.groups.shown {
		if m.groups.loading || !m.counted || m.counts.Open > countable {
			return m.env.commands.news()
		}
		m.groups.seq++
		return tea.Batch(m.env.commands.groups(m.groups.seq, m.asked()), m.env.commands.news())
	}
	what := askAgain
	if len(m.w.pages) == 0 || len(m.w.rows) == 0 {
		what = askFirst
	}
	page := m.ask(what)
	return tea.Batch(page, m.env.commands.news())
}

// tookNews says what is new. No conflict ever goes away, so that those that came are those by which there are more.
func (m *queueModel) tookNews(msg newsMsg) {
	if msg.err != nil {
		return
	}
	if was := m.counts; m.counted {
		m.news.came += max(total(msg.counts)-total(was), 0)
		m.news.resolved += max(msg.counts.Resolved-was.Resolved, 0)
	}
	m.counts, m.counted = msg.counts, true
}

func total(c merge.Counts) int64 { return c.Open + c.Snoozed + c.Resolved }

// words say the news: 3 new, 1 resolved meanwhile.
func (n news) words() safe.Cell {
	var parts []string
	if n.came > 0 {
		parts = append(parts, thousands(n.came)+" new")
	}
	if n.resolved > 0 {
		parts = append(parts, thousands(n.resolved)+" resolved by others")
	}
	return safe.Cell(strings.Join(parts, ", "))
}

// sameRow reports whether two rows show the same of a conflict, so that its preview is the same, too.
func sameRow(a, b *queueRow) bool {
	return a.Revision == b.Revision && a.ServerVersion == b.ServerVersion && a.State == b.State
}

func sameGroup(a, b *merge.Group) bool {
	return a.Collection == b.Collection && a.Kind == b.Kind && a.LocalBy == b.LocalBy && a.Device == b.Device &&
		slices.Equal(a.Fields, b.Fields)
}
