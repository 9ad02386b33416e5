package serve

import (
	"net/http"
	"strconv"
	"strings"

	"dovetail/store"
)

// maxTags is how many entity tags one header may list.
const maxTags = 100

// entityTag is the validator of RFC 9110: the text between its quotes, and whether it says only that two are about alike.
type entityTag struct {
	opaque string
	weak   bool
}

// tags is what If-Match or If-None-Match says: nothing, any representation, or one of some.
type tags struct {
	given bool
	any   bool
	list  []entityTag
}

// conditions are under which a request is to be done.
type conditions struct{ match, none tags }

// etag is a record's version as HTTP has it.
func etag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

// conditions reads the two headers.
func (c *call) conditions() (conditions, error) {
	var all conditions
	var err error
	if all.match, err = readTags(c.request.Header, "If-Match"); err != nil {
		return all, err
	}
	all.none, err = readTags(c.request.Header, "If-None-Match")
	return all, err
}

func readTags(header http.Header, name string) (tags, error) {
	lines, given := header[name]
	if !given {
		return tags{}, nil
	}
	parsed, ok := parseTags(strings.Join(lines, ","))
	if !ok {
		return tags{}, invalid(`%s is * or a list of tags such as "4"`, name)
	}
	return parsed, nil
}

// parseTags reads a list of entity tags by RFC 9110: `"1", W/"2"`, or `*`.
func parseTags(text string) (tags, bool) {
	t := tags{given: true}
	text = strings.Trim(text, " \t")
	if text == "*" {
		t.any = true
		return t, true
	}
	for {
		text = strings.TrimLeft(text, " \t,") // an element of a list may be empty
		switch {
		case text == "" && len(t.list) > 0:
			return t, true
		case text == "":
			return tags{}, false
		}
		rest, weak := strings.CutPrefix(text, "W/")
		if len(rest) == 0 || rest[0] != '"' || len(t.list) == maxTags {
			return tags{}, false
		}
		opaque, after, ended := strings.Cut(rest[1:], `"`)
		if !ended || strings.ContainsFunc(opaque, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return tags{}, false
		}
		t.list = append(t.list, entityTag{opaque, weak})
		text = strings.TrimLeft(after, " \t")
		if text != "" && text[0] != ',' {
			return tags{}, false
		}
	}
}

// has reports whether a version is one of the tags; weak ones count only where that is enough.
func (t tags) has(version int64, weak bool) bool {
	number := strconv.FormatInt(version, 10)
	for _, tag := range t.list {
		if tag.opaque == number && (weak || !tag.weak) {
			return true
		}
	}
	return false
}

// stands reports whether a request is to be done on the record as it is now. The second is about If-None-Match, which
// says of a read that nothing is new.
func (c conditions) stands(now store.Record) (match, none bool) {
	there := now.Version > 0 && !now.Deleted
	match = !c.match.given || there && (c.match.any || c.match.has(now.Version, false))
	none = !c.none.given || !there || !c.none.any && !c.none.has(now.Version, true)
	return match, none
}

// guards reports whether a write under the conditions can hit no version but one that whoever writes has seen. If-Match: *
// is met by whatever somebody else wrote meanwhile.
func (c conditions) guards() bool { return c.match.given && !c.match.any || c.none.any }

// text is what the conditions are, for telling requests apart.
func (c *call) conditionText() string {
	return strings.Join(c.request.Header["If-Match"], ",") + "\x00" + strings.Join(c.request.Header["If-None-Match"], ",")
}
