package replicate_test

import (
	"context"
	"errors"
	"math/rand/v2"

	"dovetail/fixtures"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

var errLine = errors.New("the line is down")

// network is a bad line, without anything that stands for one. What is still under way is of all exchanges.
type network struct{ late [][][]byte }

// Hub implements [world.Network].
func (n *network) Hub(w *world.World, trouble fixtures.Trouble) replicate.Hub {
	return &line{hub: w.Hub, r: rand.New(rand.NewPCG(trouble.Seed, 2)), t: trouble, late: &n.late, hits: w.Hits}
}

// Lost implements [world.Network].
func (n *network) Lost(err error) bool { return errors.Is(err, errLine) }

// line is a hub at the other end of a bad line. Whatever happens on it is counted in hits.
type line struct {
	hub  *store.Store
	r    *rand.Rand
	t    fixtures.Trouble
	late *[][][]byte
	hits map[string]int
}

func (l *line) chance(percent int, name string) bool {
	if percent == 0 || l.r.IntN(100) >= percent {
		return false
	}
	l.hits[name]++
	return true
}

// Deliver implements [replicate.Hub].
func (l *line) Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
	if l.chance(l.t.Crash, "crash before") {
		return nil, world.ErrCrash
	}
	if l.chance(l.t.DropRequest, "request dropped") {
		return nil, errLine
	}
	if len(*l.late) > 0 && l.r.IntN(2) == 0 {
		i := l.r.IntN(len(*l.late))
		l.hits["came late"]++
		if _, err := l.hub.Deliver(ctx, (*l.late)[i]); err != nil {
			return nil, err
		}
	}
	if l.chance(l.t.Late, "held up") {
		*l.late = append(*l.late, lines)
		return nil, errLine
	}
	answers, err := l.hub.Deliver(ctx, lines)
	if err == nil && l.chance(l.t.Repeat, "repeated") {
		answers, err = l.hub.Deliver(ctx, lines)
	}
	switch {
	case err != nil:
		return nil, err
	case l.chance(l.t.DropReply, "reply dropped"):
		return nil, errLine
	case l.chance(l.t.Crash, "crash after"):
		return nil, world.ErrCrash
	}
	return answers, nil
}

// Feed implements [replicate.Hub].
func (l *line) Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
	if l.chance(l.t.DropRequest, "feed dropped") {
		return store.Feed{}, errLine
	}
	if l.chance(l.t.Crash, "crash in feed") {
		return store.Feed{}, world.ErrCrash
	}
	if l.chance(l.t.CutShort, "feed cut short") {
		limit = 1 + l.r.IntN(3)
	}
	return l.hub.Feed(ctx, from, limit)
}
