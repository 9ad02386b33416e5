package serve

import (
	"errors"
	"net/http"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// Evidence is what a problem holds beside its words, so that a program on the other side can tell its person the same as
// it would of a file.
type Evidence struct {
	Undecided []string `json:"undecided,omitempty"` // the fields in conflict that nobody decided
	Broken    []Broken `json:"broken,omitempty"`    // the rules that the record would break
	// Record is what it is about, where an undo is refused, or local's record cannot be kept under As.
	Record  *merge.Key `json:"record,omitempty"`
	As      string     `json:"as,omitempty"`
	Version int64      `json:"version,omitzero"` // that the resolution made which is not taken back
	Head    int64      `json:"head,omitzero"`    // the record's version now
	Reason  string     `json:"reason,omitempty"`
	// ClaimedBy is who is at the conflict, and until when.
	ClaimedBy    string    `json:"claimed_by,omitempty"`
	ClaimedUntil time.Time `json:"claimed_until,omitzero"`
}

// Broken is a rule that a record would break.
type Broken struct {
	Rule  string   `json:"rule"`
	Paths []string `json:"paths"`
}

var (
	errUndecided = &problem{status: http.StatusUnprocessableEntity, code: "undecided", title: "not all is decided"}
	errTable     = &problem{status: http.StatusUnprocessableEntity, code: "table", title: "the application's table refuses it"}
	errBoth      = &problem{status: http.StatusUnprocessableEntity, code: "keep-both", title: "both cannot be kept like that"}
	errClaimed   = &problem{status: http.StatusConflict, code: "claimed", title: "somebody else is at it"}
	errPast      = &problem{status: http.StatusUnprocessableEntity, code: "past", title: "that time is over"}
)

// evident is the problem of an error that has evidence; nil where it has none.
func evident(err error) *problem {
	var undecided *merge.UndecidedError
	var broken *merge.RuleError
	var both *store.KeepBothError
	var moved *store.MovedOnError
	var refused *store.ConstraintError
	var claimed *merge.ClaimedError
	var told *problem
	var e Evidence
	switch {
	case errors.As(err, &undecided):
		told, e = errUndecided.because("%s", undecided), Evidence{Undecided: undecided.Paths}
	case errors.As(err, &broken):
		told, e = errRule.because("%s", broken), Evidence{Broken: brokenRules(broken)}
	case errors.As(err, &both):
		told, e = errBoth.because("%s", both), Evidence{Record: &both.Record, As: both.As, Reason: both.Reason}
	case errors.As(err, &moved):
		told = errStale.because("%s", moved)
		e = Evidence{Record: &moved.Record, Version: moved.Version, Head: moved.Head, Reason: moved.Reason}
	case errors.As(err, &refused):
		told, e = errTable.because("%s", refused.Words), Evidence{Record: &refused.Record, Reason: refused.Words}
	case errors.As(err, &claimed):
		told, e = errClaimed.because("%s", claimed), Evidence{ClaimedBy: claimed.By, ClaimedUntil: claimed.Until}
	case errors.Is(err, store.ErrPast):
		return errPast
	default:
		return nil
	}
	told.evidence = e
	return told
}

func brokenRules(err *merge.RuleError) []Broken {
	all := make([]Broken, len(err.Broken))
	for i, v := range err.Broken {
		all[i] = Broken{Rule: v.Rule, Paths: list(v.Paths)}
	}
	return all
}

// Err is the error that a hub in a file would have had, by the code of the problem; nil where the code alone says it.
func (e Evidence) Err(code string) error {
	record := merge.Key{}
	if e.Record != nil {
		record = *e.Record
	}
	switch {
	case code == errUndecided.code:
		return &merge.UndecidedError{Paths: e.Undecided}
	case code == errRule.code && len(e.Broken) > 0:
		broken := make([]merge.Violation, len(e.Broken))
		for i, b := range e.Broken {
			broken[i] = merge.Violation{Rule: b.Rule, Paths: b.Paths}
		}
		return &merge.RuleError{Broken: broken}
	case code == errBoth.code:
		return &store.KeepBothError{Record: record, As: e.As, Reason: e.Reason}
	case code == errStale.code && e.Reason != "":
		return &store.MovedOnError{Record: record, Version: e.Version, Head: e.Head, Reason: e.Reason}
	case code == errTable.code:
		return &store.ConstraintError{Record: record, Words: e.Reason}
	case code == errClaimed.code:
		return &merge.ClaimedError{By: e.ClaimedBy, Until: e.ClaimedUntil}
	case code == errPast.code:
		return store.ErrPast
	}
	return nil
}
