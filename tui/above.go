package tui

import (
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// maxAbove is how many lines the warnings take at most that stand above what covers their screen.
const maxAbove = 4

// covered reports whether something is shown that leaves out the banner of the screen below it.
func (m *model) covered() bool {
	switch {
	case m.helping || m.choosing || m.screen == onReview:
		return true
	}
	return m.screen == onResolve && m.resolve.s != nil && (m.resolve.mode == inFull || m.resolve.mode == inAbout)
}

// warning is all that the screen below warns of, in one text; empty: nothing.
func (m *model) warning() safe.Cell {
	var all []safe.Cell
	if r := &m.resolve; m.screen == onResolve || m.screen == onReview {
		all = append(all, r.banner)
		if r.saveErr != nil {
			all = append(all, failed("The draft could not be saved: ", r.saveErr).text)
		}
		if r.asked != nil {
			all = append(all, r.takenBy())
		}
	}
	if s := m.saidBelow(); s.bad {
		all = append(all, s.text)
	}
	var text safe.Cell
	for _, one := range all {
		if text != "" && one != "" {
			text += m.env.glyphs.dot
		}
		text += one
	}
	return text
}

// saidBelow is the status of the screen that help or the list of actions cover. The review shows its own.
func (m *model) saidBelow() status {
	switch m.screen {
	case onQueue:
		return m.queue.status
	case onResolve:
		return m.resolve.status
	case onReview:
		if m.helping || m.choosing {
			return m.review.status
		}
	case onWritten:
		return m.written.status
	case onPlay:
		return m.play.status
	case onBulk:
		return m.bulk.status
	case onRecords:
		return m.records.status
	}
	return status{}
}

// above is the warning as the lines that stand over what covers it.
func (m *model) above() [][]span {
	if m.width < minWidth || m.height < minHeight || !m.covered() {
		return nil
	}
	text := m.warning()
	if text == "" {
		return nil
	}
	return wrapSpans([]span{{theme.Warning, text}}, m.width-4, min(maxAbove, m.height/6))
}

// makeRoom gives the screens the lines that no warning takes.
func (m model) makeRoom() model {
	if n := len(m.above()); n != m.taken {
		m.taken = n
		m = m.setSize(m.width, m.height)
	}
	return m
}

// warn draws lines of a warning.
func (f *frame) warn(lines [][]span) {
	sign := safe.Cell(" ! ")
	for _, line := range lines {
		f.put(theme.Warning, sign)
		f.spans(line)
		f.put(theme.Warning, " ")
		f.line()
		sign = "   "
	}
}
