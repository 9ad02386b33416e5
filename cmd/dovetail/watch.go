package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"dovetail/store"
	"dovetail/store/remote"
)

const (
	// watchEvery is how long `sync --watch` waits between two exchanges.
	watchEvery = 30 * time.Second
	// How long it waits once a hub on the network was out of reach, and at most after that happened again and again.
	retryFirst = time.Second
	retryLast  = 5 * time.Minute
	// lookHere is how often it looks for changes that other programs made to the replica.
	lookHere = time.Second
)

// watch syncs again and again. A hub that is out of reach is no end: the next time may do.
func (a *app) watch(ctx context.Context, s *store.Store, hub string, every time.Duration) error {
	failures := 0
	for {
		err := a.runSync(ctx, s, hub)
		switch {
		case err == nil, errors.Is(err, errUndecided):
			failures = 0
			hub = "" // it is known from now on
			err = a.rest(ctx, s, every)
		case ctx.Err() != nil:
			return errInterrupted
		case hopeless(err):
			return err
		default:
			failures++
			report(a.errw, err)
			err = pause(ctx, a.retryAfter(err, failures, every))
		}
		if err != nil {
			return err
		}
	}
}

// pause waits; [errInterrupted] where ctx ends first.
func pause(ctx context.Context, long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errInterrupted
	}
}

// retryAfter is how long to wait after so many failures in a row. A file is there or not: it is looked at as often as
// ever. A hub on the network is asked less and less often, and not by all its replicas at the same moment.
func (a *app) retryAfter(err error, failures int, every time.Duration) time.Duration {
	if a.far == nil {
		return every
	}
	chance := rand.Float64
	if a.chance != nil {
		chance = a.chance
	}
	wait := backoff(failures, min(retryFirst, every), max(retryLast, every), chance())
	var told *remote.Error
	if errors.As(err, &told) {
		wait = max(wait, told.After)
	}
	return wait
}

// backoff doubles from first to last; chance, from 0 to 1, makes it up to a half less.
func backoff(failures int, first, last time.Duration, chance float64) time.Duration {
	wait := first
	for range failures - 1 {
		if wait *= 2; wait >= last {
			wait = last
			break
		}
	}
	return wait - time.Duration(chance*float64(wait/2))
}

// rest waits until there may be something to exchange: for as long as it says, or until a hub on the network has news, or
// something was changed here.
func (a *app) rest(ctx context.Context, s *store.Store, every time.Duration) error {
	if a.far == nil {
		return pause(ctx, every)
	}
	origin, err := s.Origin(ctx)
	if err != nil {
		return pause(ctx, every)
	}
	resting, stop := context.WithTimeout(ctx, every)
	defer stop()
	news := make(chan struct{})
	go func() {
		defer close(news)
		a.untilNews(resting, origin.Place)
	}()
	look := time.NewTicker(lookHere)
	defer look.Stop()
	for waiting := true; waiting; {
		select {
		case <-news:
			waiting = false
		case <-look.C:
			now, err := s.Origin(resting)
			waiting = err != nil || now.Unanswered <= origin.Unanswered
		}
	}
	stop()
	<-news
	if ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// untilNews waits until the hub has something after a place, or ctx ends.
func (a *app) untilNews(ctx context.Context, from store.Place) {
	for ctx.Err() == nil {
		begun := time.Now()
		news, err := a.far.Wait(ctx, from, watchEvery)
		if news {
			return
		}
		// One that does not wait, or cannot, is not asked without end.
		if left := watchEvery - time.Since(begun); err != nil || left > 0 {
			pause(ctx, left)
		}
	}
}
