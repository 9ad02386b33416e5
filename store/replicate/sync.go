package replicate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dovetail/store"
)

// batchLines and batchBytes bound what is sent at once, and feedLimit the versions that are asked for at once.
const (
	batchLines = 500
	batchBytes = 4 << 20
	feedLimit  = 1000
)

// Stage says what an exchange is at.
type Stage string

const (
	Pushing     Stage = "push"  // sends changes
	Pulling     Stage = "pull"  // takes versions in
	Reconciling Stage = "merge" // merges what was changed here with them
)

// Report says what an exchange came to, as far as it came.
type Report struct {
	Pushed     int64 `json:"pushed"` // changes that got an answer
	Applied    int64 `json:"applied"`
	Converged  int64 `json:"converged"`
	Merged     int64 `json:"merged"`
	Superseded int64 `json:"superseded"`
	Conflicts  int64 `json:"conflicts"`
	Parked     int64 `json:"parked"`
	Refused    int64 `json:"refused"`
	Pulled     int64 `json:"pulled"` // versions that came in
}

// Tally is the report as a store keeps it.
func (r Report) Tally() store.Tally {
	return store.Tally{Records: r.Pulled, Applied: r.Applied, Converged: r.Converged, Merged: r.Merged,
		Superseded: r.Superseded, Conflicts: r.Conflicts, Parked: r.Parked, Refused: r.Refused}
}

func (r *Report) count(o store.Outcome) {
	r.Pushed++
	switch o {
	case store.Applied:
		r.Applied++
	case store.Converged:
		r.Converged++
	case store.Merged:
		r.Merged++
	case store.Superseded:
		r.Superseded++
	case store.Conflicted:
		r.Conflicts++
	case store.Parked:
		r.Parked++
	case store.Refused:
		r.Refused++
	}
}

// Progress is told how far a stage has come; total is 0 where it is not known.
type Progress func(stage Stage, done, total int64)

// Sync sends a replica's changes to its hub, in order, and then takes in what the hub has. It may be broken off
// anywhere: the changes without an answer are sent again the next time, as they were. What is edited while it runs stays
// for the next time as well. The report counts also what was done before an error.
//
// [store.ErrOtherHub] where the hub is not the one that the replica followed, [store.ErrWentBack] where it was set back:
// then nothing is sent.
func Sync(ctx context.Context, replica *store.Store, hub Hub, progress Progress) (Report, error) {
	if progress == nil {
		progress = func(Stage, int64, int64) {}
	}
	s := exchange{replica: replica, hub: hub, progress: progress}
	err := s.run(ctx)
	if s.report != (Report{}) || err == nil {
		// What was done is kept by the counts of the outcomes; this is for people, so that its own failure is no other.
		err = errors.Join(err, replica.Synced(context.WithoutCancel(ctx), s.report.Tally(), err == nil))
	}
	return s.report, err
}

type exchange struct {
	replica  *store.Store
	hub      Hub
	progress Progress
	report   Report
}

func (s *exchange) run(ctx context.Context) error {
	origin, err := s.replica.Origin(ctx)
	if err != nil {
		return err
	}
	// The hub is looked at before anything is sent to it: one that went back would take changes for new that it had.
	place := origin.Place
	place.Answered = origin.Answered
	if _, err := s.hub.Feed(ctx, place, 1); errors.Is(err, store.ErrWentBack) || errors.Is(err, store.ErrOtherHub) {
		return err
	} else if err != nil {
		return fmt.Errorf("reach the hub: %w", err)
	}
	if err := s.push(ctx, origin.Unanswered); err != nil {
		return fmt.Errorf("push: %w", err)
	}
	if err := s.pull(ctx, origin.Place); err != nil {
		return fmt.Errorf("pull: %w", err)
	}
	if err := s.replica.Reconcile(ctx, func(done int64) { s.progress(Reconciling, done, 0) }); err != nil {
		return err
	}
	return s.replica.Repay(ctx)
}

// push sends what there was when it began. Of each record one change is under way at a time, since the next one stands
// on what becomes of it; so it goes round until a round finds none.
func (s *exchange) push(ctx context.Context, total int64) error {
	last, err := s.replica.LastChange(ctx)
	if err != nil {
		return err
	}
	for {
		sent, err := s.round(ctx, last, total)
		if err != nil || sent == 0 {
			return err
		}
	}
}

// round sends one change of each record that has any.
func (s *exchange) round(ctx context.Context, last, total int64) (int64, error) {
	var after, count int64
	for {
		out, err := s.replica.Outgoing(ctx, after, last, batchLines)
		if err != nil || len(out) == 0 {
			return count, err
		}
		after, count = out[len(out)-1].ID, count+int64(len(out))
		out = slices.DeleteFunc(out, func(o store.Outgoing) bool {
			if o.Line == nil {
				s.report.count(store.Refused)
			}
			return o.Line == nil
		})
		for _, batch := range batches(out) {
			if err := s.deliver(ctx, batch); err != nil {
				return count, err
			}
			s.progress(Pushing, s.report.Pushed, total)
		}
	}
}

// batches cuts what is to be sent where it gets too large.
func batches(out []store.Outgoing) [][]store.Outgoing {
	var all [][]store.Outgoing
	for start, size, i := 0, 0, 0; i < len(out); i++ {
		size += len(out[i].Line)
		if i+1 == len(out) || size+len(out[i+1].Line) > batchBytes {
			all = append(all, out[start:i+1])
			start, size = i+1, 0
		}
	}
	return all
}

func (s *exchange) deliver(ctx context.Context, batch []store.Outgoing) error {
	lines := make([][]byte, len(batch))
	for i, o := range batch {
		lines[i] = o.Line
	}
	answers, err := s.hub.Deliver(ctx, lines)
	if err != nil {
		return err
	}
	if len(answers) != len(batch) {
		return fmt.Errorf("the hub gave %d answers to %d changes", len(answers), len(batch))
	}
	for i := range answers {
		if answers[i].Key != "" && answers[i].Key != batch[i].Key {
			return fmt.Errorf("the hub answered change %q, where %q was sent", answers[i].Key, batch[i].Key)
		}
		answers[i].Key = batch[i].Key // one that could not be read has none
	}
	if err := s.replica.Answers(ctx, answers); err != nil {
		return err
	}
	for _, a := range answers {
		s.report.count(a.Outcome)
	}
	return nil
}

// pull takes versions in until there are no more.
func (s *exchange) pull(ctx context.Context, from store.Place) error {
	for {
		feed, err := s.hub.Feed(ctx, from, feedLimit)
		if err != nil {
			return err
		}
		if err := s.replica.Receive(ctx, from, feed); err != nil {
			return err
		}
		s.report.Pulled += int64(len(feed.Versions))
		s.progress(Pulling, feed.Place.Number, feed.Newest)
		if from = feed.Place; len(feed.Versions) == 0 || from.Number >= feed.Newest {
			return nil
		}
	}
}
