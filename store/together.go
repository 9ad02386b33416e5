package store

import (
	"errors"
	"slices"

	"dovetail/merge"
)

// errApart says that rows which were tried together do not go in together.
var errApart = errors.New("not all of the rows go in together")

// together tries things that an application's tables refuse one by one, because their rows name one another, as one. do does
// one and reports whether it was refused. Those that were are left out, with all of the same record, and so are those whose
// foreign keys do not hold at the end, until the others go in, or fewer than two are left. It returns which went in.
func (t *tx) together(records []merge.Key, do func(i int) (refused bool, err error)) (in []int, err error) {
	for i := range records {
		in = append(in, i)
	}
	for len(in) > 1 {
		out := map[merge.Key]bool{}
		taken, err := t.unless(func(err error) bool { return errors.Is(err, errApart) }, func() error {
			broken, err := t.store.adoption.Together(t.foreign(t.ctx), func() error {
				return t.inTurn(records, in, out, do)
			})
			if err != nil {
				return err
			}
			for _, record := range broken {
				out[record] = true
			}
			for _, i := range in {
				if out[records[i]] {
					return errApart
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if taken == nil {
			return in, nil
		}
		left := slices.DeleteFunc(slices.Clone(in), func(i int) bool { return out[records[i]] })
		if len(left) == len(in) { // it was a row that a trigger had written
			return nil, nil
		}
		in = left
	}
	return nil, nil
}

// inTurn does things, and those again that were refused, until all are done, or none any more; out are the records of those.
func (t *tx) inTurn(records []merge.Key, in []int, out map[merge.Key]bool, do func(i int) (bool, error)) error {
	for left := []int(nil); len(in) > 0 && len(left) != len(in); {
		clear(out)
		if left != nil {
			in = left
		}
		left = []int{}
		for _, i := range in {
			if !out[records[i]] {
				refused, err := do(i)
				if err != nil {
					return err
				}
				out[records[i]] = refused
			}
			if out[records[i]] {
				left = append(left, i)
			}
		}
	}
	return nil
}

// putTogether writes rows that name one another, and returns those that it did not write.
func (t *tx) putTogether(due []*head, why []error) (left []*head, whyLeft []error, err error) {
	var tried []*head
	var records []merge.Key
	for i, h := range due {
		var refused *ConstraintError
		if errors.As(why[i], &refused) && refused.ForeignKey {
			tried, records = append(tried, h), append(records, h.key)
		}
	}
	in, err := t.together(records, func(i int) (bool, error) {
		err := t.putRow(tried[i])
		if isRefused(err) && t.err == nil {
			return true, nil
		}
		return false, err
	})
	if err != nil {
		return nil, nil, err
	}
	written := map[merge.Key]bool{}
	for _, i := range in {
		written[records[i]] = true
	}
	for i, h := range due {
		if !written[h.key] {
			left, whyLeft = append(left, h), append(whyLeft, why[i])
		}
	}
	return left, whyLeft, nil
}
