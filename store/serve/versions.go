package serve

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dovetail/store"
)

const (
	maxVersions = 1000             // of one part of the feed
	maxWait     = 30 * time.Second // for news
	// lookEvery is how often it is looked for what others wrote, beside this process: another one, or an application.
	lookEvery = time.Second
)

var versionRoutes = []route{
	{"/v1/versions", map[string]method{
		http.MethodGet: {store.ScopeRead, (*call).getVersions},
	}},
	{"/v1/resolutions", map[string]method{
		http.MethodGet: {store.ScopeRead, (*call).getResolutions},
	}},
}

// getVersions answers with the versions after a place, in the order of their commits. Where there are none it waits for
// them as long as it is asked to.
func (c *call) getVersions() error {
	values, err := c.values("after", "generation", "hash", "manners", "answered", "limit", "wait")
	if err != nil {
		return err
	}
	from, limit, wait, err := placeOf(values)
	if err != nil {
		return err
	}
	if from.Generation == "" {
		from.Generation = c.hub.Info().Generation // whoever does not say follows no other
	}
	feed, err := c.news(from, limit, wait)
	if err != nil {
		return err
	}
	feed.Versions = list(feed.Versions)
	return c.answer(http.StatusOK, feed)
}

// placeOf reads which versions are asked for, how many, and how long somebody waits for them.
func placeOf(values url.Values) (from store.Place, limit int, wait time.Duration, err error) {
	from = store.Place{Generation: values.Get("generation"), Hash: values.Get("hash"), Answered: values.Get("answered")}
	var most, seconds int64
	for _, number := range []struct {
		name        string
		into        *int64
		least, most int64
	}{
		{"after", &from.Number, 0, math.MaxInt64},
		{"manners", &from.Manners, -1, math.MaxInt64}, // a replica that was just made knows of none
		{"limit", &most, 0, maxVersions},
		{"wait", &seconds, 0, int64(maxWait / time.Second)},
	} {
		if *number.into, err = whole(values, number.name, number.least, number.most); err != nil {
			return from, 0, 0, err
		}
	}
	return from, int(most), time.Duration(seconds) * time.Second, nil
}

// whole is a parameter that is a number; 0 where it is not there.
func whole(values url.Values, name string, least, most int64) (int64, error) {
	if !values.Has(name) {
		return 0, nil
	}
	n, err := strconv.ParseInt(values.Get(name), 10, 64)
	if err != nil || n < least || n > most {
		return 0, invalid("%s is a number from %d to %d", name, least, most)
	}
	return n, nil
}

// news reads the feed, and waits for something in it.
func (c *call) news(from store.Place, limit int, wait time.Duration) (store.Feed, error) {
	ctx := c.request.Context()
	late := time.NewTimer(wait)
	defer late.Stop()
	look := time.NewTicker(c.lookEvery())
	defer look.Stop()
	for last := wait == 0; ; {
		written := c.hub.Written()
		feed, err := c.hub.Feed(ctx, from, limit)
		if err != nil || last || len(feed.Versions) > 0 || len(feed.Collections) > 0 {
			return feed, err
		}
		select {
		case <-written:
		case <-look.C:
		case <-late.C:
			last = true
		case <-c.Closing:
			last = true
		case <-ctx.Done():
			return feed, ctx.Err()
		}
	}
}

func (c *call) lookEvery() time.Duration {
	if c.LookEvery > 0 {
		return c.LookEvery
	}
	return lookEvery
}

// getResolutions answers with what conflicts, and changes that merged by themselves, came to, in their order, a line each.
func (c *call) getResolutions() error {
	values, err := c.values("after", "limit")
	if err != nil {
		return err
	}
	after, err := whole(values, "after", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	limit, err := whole(values, "limit", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	s := c.answerLines()
	told := int64(0)
	err = c.hub.EachResolution(c.request.Context(), after, func(one store.Resolution) error {
		if limit > 0 && told == limit {
			return errLast
		}
		told++
		return s.line(one)
	})
	if err != nil && err != errLast {
		return s.broken(err)
	}
	return s.finish()
}
