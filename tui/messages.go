package tui

import (
	"time"

	"dovetail/merge"
)

// What commands answer.
type (
	// pageMsg is a page of the queue, asked for with the sequence number.
	pageMsg struct {
		seq  int
		ask  pageAsk
		page merge.Page
		err  error
	}
	countsMsg struct {
		counts merge.Counts
		err    error
	}
	// previewMsg is a conflict made ready for the preview.
	previewMsg struct {
		number int64
		study  *study
		err    error
	}
	// pausedMsg comes when the cursor has stayed for a while.
	pausedMsg struct{ pause int }
	// caseMsg is a conflict made ready to be decided, with the person's draft.
	caseMsg struct {
		seq   int
		study *study
		draft merge.Draft
		err   error
	}
	// savedMsg says that all drafts offered before were saved; at is zero if there was none.
	savedMsg struct {
		token saveToken
		at    time.Time
		err   error
	}
	// typedMsg comes a while after something was typed.
	typedMsg struct{ seq int }
	wroteMsg struct {
		written merge.Written
		next    bool
		err     error
	}
	undoneMsg struct {
		was     merge.Written
		written merge.Written
		err     error
	}
	// leaveMsg asks to leave from outside.
	leaveMsg struct{ interrupted bool }
	// leftMsg says that the last draft was saved, or could not be.
	leftMsg struct{ err error }
)

// saveToken says which change of which conflict was the last when a save was asked for.
type saveToken struct {
	number int64
	change int
}

// action is what a child asks of the root, which obeys.
type action struct {
	do     doing
	number int64         // of the conflict to open
	was    merge.Written // to undo
	step   int           // to the next or the previous conflict
	next   bool          // after writing
	bulk   *bulkAsk      // to decide together
	tab    intent        // the list of the queue to go to; noIntent: the one that was shown
}

type doing uint8

const (
	nothing doing = iota
	openNumber
	openNeighbour
	backToQueue
	backToFields
	toReview
	write
	undo
	help
	quit
	quitAtOnce
	openTheQueue
	toBulk
	againBulk
	backFromBulk
	toRecords
	toTab
)
