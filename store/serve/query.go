package serve

import (
	"net/url"
	"strconv"
	"unicode/utf8"

	"dovetail/merge"
)

const (
	maxPage  = 500  // rows of a list
	maxWhere = 4096 // bytes of a filter
)

// values reads the query of the address, which may name each of some parameters once and no other.
func (c *call) values(known ...string) (url.Values, error) {
	all, err := url.ParseQuery(c.request.URL.RawQuery)
	if err != nil {
		return nil, invalid("the query of the address is broken")
	}
	allowed := map[string]bool{}
	for _, name := range known {
		allowed[name] = true
	}
	for name, given := range all {
		switch {
		case !allowed[name]:
			return nil, invalid("there is no parameter %q here", name)
		case len(given) > 1:
			return nil, invalid("the parameter %q is given twice", name)
		case !utf8.ValidString(given[0]):
			return nil, invalid("the parameter %q is not valid UTF-8", name)
		}
	}
	return all, nil
}

// limit is how many rows a page is to have at most; 50 where nobody says.
func limit(values url.Values) (int, error) {
	if !values.Has("limit") {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(values.Get("limit"))
	if err != nil || n < 1 || n > maxPage {
		return 0, invalid("limit is a number from 1 to %d", maxPage)
	}
	return n, nil
}

// where reads the filter.
func where(values url.Values) (merge.Filter, error) {
	text := values.Get("where")
	if len(text) > maxWhere {
		return merge.Filter{}, invalid("the filter is longer than %d bytes", maxWhere)
	}
	f, err := merge.ParseFilter(text)
	if err != nil {
		return f, invalid("where: %s", err)
	}
	return f, nil
}

// number is the number in the path that names a conflict or a resolution.
func (c *call) number(name string) (int64, error) {
	n, err := strconv.ParseInt(c.request.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, merge.ErrNotFound
	}
	return n, nil
}
