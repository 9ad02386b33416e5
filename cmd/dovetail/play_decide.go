package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dovetail/merge"
)

// decide has a person decide on what waits of a record, as it is now. Nothing is written.
func (w *playWorld) decide(ctx context.Context, person string, s playStep) (string, error) {
	c, err := w.waiting(ctx, s.Record)
	if err != nil {
		return "", err
	}
	r := c.Merge()
	writing := merge.Writing{Conflict: c.Conflict.Number, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{}, Note: s.note, Person: person}
	for _, choice := range s.Choices {
		f, ok := r.Field(choice.Path)
		if !ok {
			return "", fmt.Errorf("%s is not in question", fieldName(choice.Path))
		}
		decision, ok := f.Choose(choice.Choice, merge.Absent)
		if !ok {
			return "", fmt.Errorf("%s cannot be %s", fieldName(choice.Path), choice.Choice)
		}
		writing.Decisions[choice.Path] = decision
	}
	if writing.Result, err = r.Apply(writing.Decisions); err != nil {
		return "", err
	}
	w.decided[s.Record] = writing
	return fmt.Sprintf("%s has decided in front of v%d; nothing is written yet", person, writing.ServerVersion), nil
}

// waiting returns the conflict of a record that waits at the hub.
func (w *playWorld) waiting(ctx context.Context, key merge.Key) (merge.Case, error) {
	numbers, err := w.hub.ConflictsOf(ctx, key)
	if err != nil {
		return merge.Case{}, err
	}
	if len(numbers) == 0 {
		return merge.Case{}, fmt.Errorf("nothing of %s waits for a person under %s", key, w.strategy)
	}
	return w.hub.Case(ctx, numbers[0])
}

// resolve writes what was decided: before, in the same step, or on the screens.
func (w *playWorld) resolve(ctx context.Context, d *playDevice, s playStep) (string, error) {
	if s.undo {
		return w.undo(ctx, s)
	}
	person := s.person
	if d != nil {
		person = d.Person
	}
	var writing merge.Writing
	var err error
	switch {
	case s.decisions != nil:
		writing, err = w.again(ctx, s)
	case len(s.Choices) > 0:
		_, err = w.decide(ctx, person, s)
		writing = w.decided[s.Record]
	default:
		var ok bool
		if writing, ok = w.decided[s.Record]; !ok {
			_, err = w.waiting(ctx, s.Record)
			err = errors.Join(err, fmt.Errorf("nobody decided on %s as it is now", s.Record))
		}
	}
	if err != nil {
		return "", err
	}
	delete(w.decided, s.Record)
	written, err := w.hub.Resolve(ctx, writing)
	if errors.Is(err, merge.ErrStale) {
		return "", w.stale(ctx, s.Record, writing)
	}
	if err != nil {
		return "", err
	}
	w.wasResolved(ctx, s.Record, written.Version, person)
	return fmt.Sprintf("written v%d, as %s decided", written.Version, person), w.settle(ctx, nil)
}

// again are the decisions that were made on the screens, where they stand in this world as well.
func (w *playWorld) again(ctx context.Context, s playStep) (merge.Writing, error) {
	c, err := w.waiting(ctx, s.Record)
	if err != nil {
		return merge.Writing{}, err
	}
	r := c.Merge()
	kept, moved := r.Standing(s.decisions)
	if len(moved) > 0 {
		return merge.Writing{}, fmt.Errorf("it is another question here: %s", fieldNames(moved))
	}
	result, err := r.Apply(kept)
	return merge.Writing{Conflict: c.Conflict.Number, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: kept, Result: result, Note: s.note, Person: s.person}, err
}

// stale says what is left of decisions that came too late.
func (w *playWorld) stale(ctx context.Context, key merge.Key, writing merge.Writing) error {
	c, err := w.waiting(ctx, key)
	if err != nil {
		return err
	}
	kept, moved := c.Merge().Standing(writing.Decisions)
	said := fmt.Sprintf("refused: the record moved from v%d to v%d meanwhile, and nothing was written over it; ",
		writing.ServerVersion, c.Conflict.ServerVersion)
	if len(moved) == 0 {
		return fmt.Errorf("%sthe decision still stands, and is to be looked at again", said)
	}
	return fmt.Errorf("%s%s, %s is asked again", said, count(int64(len(kept)), "decision stands", "decisions stand"), fieldNames(moved))
}

func (w *playWorld) undo(ctx context.Context, s playStep) (string, error) {
	last, err := w.hub.LastResolution(ctx, s.Record)
	if err != nil {
		return "", err
	}
	written, err := w.hub.Undo(ctx, last.Resolution, s.person)
	if err != nil {
		return "", err
	}
	w.wasUndone(s.Record)
	return fmt.Sprintf("taken back as v%d; the conflict is open again", written.Version), w.settle(ctx, nil)
}

func fieldNames(paths []string) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = fieldName(path)
	}
	return strings.Join(names, ", ")
}
