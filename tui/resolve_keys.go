package tui

import (
	"dovetail/merge"
)

// drawKeys draws the footer with what makes sense for the field at the cursor.
func (m *resolveModel) drawKeys(f *frame, rows int) {
	if m.mode == inMenu {
		m.drawMenu(f, rows)
		return
	}
	at := m.focused()
	f.footer(m.keys(), rows, func(what intent) bool { return m.offers(at, what) })
}

// offers reports whether an action makes sense for the field at the cursor.
func (m *resolveModel) offers(at *field, what intent) bool {
	if m.closed && decides(what) {
		return false
	}
	switch what {
	case snoozeIt:
		return m.env.snoozes && !m.closed
	case wakeUp:
		return m.s.Conflict.State == merge.Snoozed
	case showHistory:
		return m.env.commands.about.history != nil
	case makeRule:
		if at == nil || m.env.commands.about.try == nil {
			return false
		}
		_, bad := m.policyOf(at)
		return bad == ""
	case keepBoth:
		return m.mayKeepBoth()
	case nextValue:
		return len(m.edit.listed) > 0
	case newLine:
		return !m.edit.naming && m.edit.want == wantText && !m.box.multi
	case acceptLine:
		return !m.box.multi
	case acceptText:
		return m.box.multi
	case swapOrder:
		return at != nil && at.swapped != merge.Absent && m.bracket == merge.TakeCombined
	case pickLocal, pickServer, pickBase, pickCombined:
		if at == nil || at.section == unchanged {
			return false
		}
		_, ok := at.Choose(choiceOf(what), merge.Absent)
		return ok
	case goLeft, goRight, take:
		return at != nil && len(choices(at)) > 0
	case switchDiff:
		return at != nil && at.Path != "" && at.section != unchanged
	case editValue:
		return at != nil && at.Path != "" && !m.halfOpen(at)
	case goNextOpen:
		return len(m.open) > 1 || len(m.open) == 1 && !m.isOpen(at)
	case applyToAll:
		return len(m.open) > 1
	case undoStep:
		return len(m.draft.Done) > 0
	case takeBack:
		return at != nil && (m.draft.Decisions[at.Path].Choice != merge.Undecided || m.draft.Decisions.Both() != "")
	case showSame:
		return m.s.same > 0
	}
	return true
}

// decides reports whether an intent is about decisions, which a conflict that is resolved has none of.
func decides(what intent) bool {
	switch what {
	case goLeft, goRight, goNextOpen, goPrevOpen, take, takeAndNext, pickLocal, pickServer, pickBase, pickCombined, pickRemoved, swapOrder,
		keepBoth, editOutside, editValue, takeBack, discardDraft, applyToAll, undoStep, redoStep, openReview:
		return true
	}
	return false
}
