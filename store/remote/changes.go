package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"dovetail/store"
)

// outcomes are all that can become of a change.
var outcomes = []store.Outcome{store.Applied, store.Converged, store.Merged, store.Superseded, store.Conflicted, store.Parked,
	store.Refused}

// Deliver sends change lines to the hub, in order, and returns an answer for each. After an error some may have come there:
// the same lines again are answered in the same way. It implements a method of the hub of package replicate.
func (h *Hub) Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	body, err := joinLines(lines)
	if err != nil {
		return nil, err
	}
	var answers []store.Answer
	err = h.do(ctx, request{method: http.MethodPost, path: "/v1/changes", kind: typeLines, body: body}, func(r reply) error {
		answers = make([]store.Answer, 0, len(lines))
		if err := eachLine(r, func(line []byte) error { return takeAnswer(line, &answers, len(lines)) }); err != nil {
			return err
		}
		if len(answers) < len(lines) {
			return fmt.Errorf("%w: %d of %d changes have an answer", ErrCut, len(answers), len(lines))
		}
		return nil
	})
	if err != nil {
		return nil, h.notThere(err)
	}
	return answers, nil
}

// joinLines is the body that holds lines.
func joinLines(lines [][]byte) ([]byte, error) {
	size := 0
	for _, line := range lines {
		if len(bytes.TrimSpace(line)) == 0 || bytes.IndexByte(line, '\n') >= 0 {
			return nil, errors.New("a change is to stand on one line")
		}
		size += len(line) + 1
	}
	body := make([]byte, 0, size)
	for _, line := range lines {
		body = append(append(body, line...), '\n')
	}
	return body, nil
}

// takeAnswer reads one line of what the hub answers to so many changes: an answer, or the problem that ends them.
func takeAnswer(line []byte, answers *[]store.Answer, most int) error {
	var a store.Answer
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf("%w: an answer that is none: %w", ErrNotHub, err)
	}
	if slices.Contains(outcomes, a.Outcome) {
		if len(*answers) == most {
			return fmt.Errorf("%w: more answers than changes", ErrNotHub)
		}
		*answers = append(*answers, a)
		return nil
	}
	if p, ok := problem(line); ok {
		return p
	}
	return fmt.Errorf("%w: an answer of outcome %q", ErrNotHub, a.Outcome)
}

// notThere makes of "nothing is here" that there is no hub: these resources every hub has.
func (h *Hub) notThere(err error) error {
	var told *Error
	if errors.As(err, &told) && (told.Status == http.StatusNotFound || told.Status == http.StatusMethodNotAllowed) {
		return fmt.Errorf("%s: %w: %s", h.base, ErrNotHub, told)
	}
	return err
}
