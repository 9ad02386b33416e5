package store

import (
	"context"
	"errors"
	"slices"

	"dovetail/merge"
)

// Deliver takes in change lines, in order and in one transaction, and says what became of each. It is [Store.Push] of
// many: a line that is not a change is refused, and the others go on. The same lines again get the same answers.
// [ErrReplica] where the database is one.
func (s *Store) Deliver(ctx context.Context, lines [][]byte) ([]Answer, error) {
	return s.DeliverAs(ctx, everybody, lines)
}

// DeliverAs is [Store.Deliver] for the bearer of a token. All changes are the bearer's, whatever they say, also where they
// are told apart from others of the same key. One that settles a conflict needs [ScopeResolve]; without it it is refused,
// unless it was taken in before.
func (s *Store) DeliverAs(ctx context.Context, who Token, lines [][]byte) ([]Answer, error) {
	if err := s.onHub(); err != nil {
		return nil, wrap("deliver", err)
	}
	changes := make([]*change, len(lines))
	answers := make([]Answer, len(lines))
	for i, text := range lines {
		var err error
		if changes[i], err = changeOf(text, who); err == nil {
			continue
		}
		var bad *LineError
		if !errors.As(err, &bad) {
			return nil, wrap("deliver", err)
		}
		answers[i] = Answer{Outcome: Refused, Error: bad.Error()}
	}
	err := s.writeAround(ctx, func(t *tx) error {
		if err := t.takeAll(changes, answers); err != nil {
			return err
		}
		tally := Tally{}
		for _, a := range answers {
			tally.add(a.Outcome)
		}
		return t.countPush(tally)
	})
	if err != nil {
		return nil, wrap("deliver", err)
	}
	return answers, nil
}

// takeAll takes in changes that came together, each at its place or nil. Where a table of the application will not take the
// row of one yet, because another is still there or not there yet, it is taken after the others: a replica sends what it
// did to a record as one change, at the place of the first thing that it did.
func (t *tx) takeAll(changes []*change, answers []Answer) error {
	var due []int
	for i, c := range changes {
		if c != nil {
			due = append(due, i)
			t.comes(c)
		}
	}
	for last := false; len(due) > 0; {
		var later []int
		waits := map[merge.Key]bool{}
		for _, i := range due {
			record := changes[i].record
			if !waits[record] {
				early, err := t.takeEarly(changes[i], &answers[i], last)
				if err != nil {
					return err
				}
				if waits[record] = early; !early {
					continue
				}
			}
			later = append(later, i)
		}
		if len(later) == len(due) && t.store.adoption != nil {
			var err error
			if later, err = t.takeTogether(changes, answers, later); err != nil {
				return err
			}
		}
		last = len(later) == len(due)
		due = later
	}
	return nil
}

// takeTogether takes in changes whose rows name one another, and returns the places of those that it did not.
func (t *tx) takeTogether(changes []*change, answers []Answer, due []int) (left []int, err error) {
	var records []merge.Key
	for _, i := range due {
		records = append(records, changes[i].record)
	}
	in, err := t.together(records, func(n int) (bool, error) { return t.takeEarly(changes[due[n]], &answers[due[n]], false) })
	for n, i := range due {
		if !slices.Contains(in, n) {
			left = append(left, i)
		}
	}
	return left, err
}

// errEarly says that a change may be taken in once others are.
var errEarly = errors.New("the table does not take the row yet")

// takeEarly takes in one change, or says that it is too early for it, and that nothing was written; last: it never is.
func (t *tx) takeEarly(c *change, a *Answer, last bool) (early bool, err error) {
	if last || t.store.adoption == nil || !t.store.adoption.Adopted(c.record.Collection) {
		*a, err = t.take(c)
		t.came(c)
		return false, err
	}
	t.patient = true
	defer func() { t.patient = false }()
	taken, err := t.unless(func(err error) bool { return errors.Is(err, errEarly) }, func() (err error) {
		*a, err = t.take(c)
		return err
	})
	if taken == nil {
		t.came(c)
	}
	return taken != nil, err
}

// comes notes that a change makes a record which may not be there yet, and came that it was taken in.
func (t *tx) comes(c *change) {
	if t.store.adoption == nil || c.local == nil || c.unusable != "" || c.base != nil || c.baseVersion > 0 || c.buildsOn != "" {
		return
	}
	if t.coming == nil {
		t.coming = map[merge.Key]*change{}
	}
	t.coming[c.record] = c
}

func (t *tx) came(c *change) {
	if t.coming[c.record] == c {
		delete(t.coming, c.record)
		t.arrived = append(t.arrived, c)
	}
}

// countPush adds to what came in since the database was opened.
func (t *tx) countPush(tally Tally) error {
	session, err := t.exchanged(exchange{id: t.store.session, kind: "push", tally: tally})
	t.after = func() { t.store.session = session }
	return err
}
