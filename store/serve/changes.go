package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"

	"dovetail/store"
)

// A stream of changes is taken in by batches of one transaction each.
const (
	batchLines = 500
	batchBytes = 4 << 20
	// streamLines is how many changes one request may bring: whoever has more begins another one.
	streamLines = 100_000
)

var changeRoutes = []route{
	{"/v1/changes", map[string]method{
		http.MethodPost: {store.ScopePush, (*call).postChanges},
	}},
}

var errTooMany = &problem{status: http.StatusRequestEntityTooLarge, code: "too-many", title: "too many changes in one request",
	detail: fmt.Sprintf("%d are taken in; send the others in the next", streamLines)}

// postChanges takes in one change, or a stream of them.
func (c *call) postChanges() error {
	kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if kind == typeLines {
		return c.takeStream()
	}
	return c.takeChange()
}

// takeChange answers one change: what became of it, and where it waits if it does.
func (c *call) takeChange() error {
	text, _, err := c.body(typeJSON, typeLines)
	if err != nil {
		return err
	}
	key, err := c.requestKey()
	if err != nil {
		return err
	}
	if text, err = withKey(text, key); err != nil {
		return err
	}
	a, err := c.hub.PushAs(c.request.Context(), c.who, text)
	switch {
	case err != nil:
		return err
	case a.Outcome == store.Refused:
		return errKeyTaken.because("%s", a.Error)
	case a.Outcome == store.Conflicted && a.Conflict > 0:
		c.out.Header().Set("Location", fmt.Sprintf("/v1/conflicts/%d", a.Conflict))
		return c.answer(http.StatusAccepted, a)
	}
	return c.answer(http.StatusOK, a)
}

// withKey gives a change that has no key the one that stands in the header; "": none does.
func withKey(text []byte, header string) ([]byte, error) {
	if header == "" {
		return text, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return text, nil // which is told where it is read for good
	}
	has, ok := members["key"]
	if ok && string(has) != "null" {
		var key string
		if json.Unmarshal(has, &key) == nil && key != header {
			return nil, invalid("Idempotency-Key is another one than the key of the change")
		}
		return text, nil
	}
	key, err := encode(header)
	if err != nil || ok {
		return nil, invalid("the key of the change is null")
	}
	at := bytes.IndexByte(text, '{') + 1
	more := ","
	if len(members) == 0 {
		more = ""
	}
	return fmt.Appendf(nil, `%s"key":%s%s%s`, text[:at], bytes.TrimSpace(key), more, text[at:]), nil
}

// takeStream answers each line of a stream, in their order, a batch of them at a time. What was answered is done, and what
// was not may be sent again as it was.
func (c *call) takeStream() error {
	if len(c.request.Header.Values("Idempotency-Key")) > 0 {
		return invalid("Idempotency-Key is for one change; each line of many has a key of its own")
	}
	s := c.stream()
	for taken := 0; ; {
		batch, end := s.next(streamLines - taken)
		if len(batch) > 0 {
			answers, err := c.hub.DeliverAs(c.request.Context(), c.who, batch)
			if err != nil {
				return s.broken(err)
			}
			taken += len(batch)
			if err := s.tell(answers); err != nil {
				return err
			}
		}
		switch {
		case end == nil && taken == streamLines:
			return s.overfull()
		case end == errLast:
			return s.finish()
		case end != nil:
			return s.broken(end)
		}
	}
}
