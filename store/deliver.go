package store

import (
	"context"
	"errors"
)

// Deliver takes in change lines, in order and in one transaction, and says what became of each. It is [Store.Push] of
// many: a line that is not a change is refused, and the others go on. The same lines again get the same answers.
// [ErrReplica] where the database is one.
func (s *Store) Deliver(ctx context.Context, lines [][]byte) ([]Answer, error) {
	if err := s.onHub(); err != nil {
		return nil, wrap("deliver", err)
	}
	changes := make([]*change, len(lines))
	answers := make([]Answer, len(lines))
	for i, text := range lines {
		l, err := parseLine(text)
		switch {
		case err == nil && l.change == nil:
			err = &LineError{Path: "/type", Reason: "a record, where a change is wanted"}
		case err == nil:
			changes[i] = l.change
			continue
		}
		var bad *LineError
		if !errors.As(err, &bad) {
			return nil, wrap("deliver", err)
		}
		answers[i] = Answer{Outcome: Refused, Error: bad.Error()}
	}
	err := s.write(ctx, func(t *tx) error {
		tally := Tally{}
		for i, c := range changes {
			if c != nil {
				var err error
				if answers[i], err = t.take(c); err != nil {
					return err
				}
			}
			tally.add(answers[i].Outcome)
		}
		return t.countPush(tally)
	})
	if err != nil {
		return nil, wrap("deliver", err)
	}
	return answers, nil
}

// countPush adds to what came in since the database was opened.
func (t *tx) countPush(tally Tally) error {
	session, err := t.exchanged(exchange{id: t.store.session, kind: "push", tally: tally})
	t.after = func() { t.store.session = session }
	return err
}
