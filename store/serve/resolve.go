package serve

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"dovetail/merge"
	"dovetail/store"
)

// Writing is what a person asks to be written of a conflict, with what was on the screen. The person is the token's.
type Writing struct {
	Revision      int64               `json:"revision"`       // of the conflict that was shown
	ServerVersion int64               `json:"server_version"` // the head that was shown
	Decisions     map[string]Decision `json:"decisions"`
	// Result is what the review showed, null for a deletion: nothing is written unless the decisions come to that, byte
	// for byte. Who has no merge of their own leaves it out, and has what they come to written.
	Result Shown  `json:"result,omitzero"`
	Note   string `json:"note,omitempty"`
}

// Shown is a document, or none, that somebody was shown; the zero value says that nothing was.
type Shown struct {
	There    bool
	Document merge.Document
}

// MarshalJSON writes the document, or null for none.
func (s Shown) MarshalJSON() ([]byte, error) { return s.Document.MarshalJSON() }

// UnmarshalJSON reads it, with the errors of [merge.Document.UnmarshalJSON].
func (s *Shown) UnmarshalJSON(text []byte) error {
	s.There = true
	return s.Document.UnmarshalJSON(text)
}

// Decision is a person's choice for one field.
type Decision struct {
	Choice merge.Choice `json:"choice"`
	Value  merge.Value  `json:"value,omitzero"`
	// Saw is what the person saw of the field. Where it is left out, it is what the revision shows that the writing names.
	Saw *merge.Seen `json:"saw,omitempty"`
	As  string      `json:"as,omitempty"` // of the choice "both"
}

// resolve writes what a person decided.
func (c *call) resolve() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	var asked Writing
	if err := c.object(&asked); err != nil {
		return err
	}
	if asked.Revision <= 0 {
		return invalid("revision is that of the conflict that was shown")
	}
	ctx := c.request.Context()
	w := merge.Writing{Conflict: number, Revision: asked.Revision, ServerVersion: asked.ServerVersion,
		Result: asked.Result.Document, Note: asked.Note, Person: c.who.Person}
	if w.Decisions, err = c.decisions(ctx, number, asked, &w.Result); err != nil {
		return c.orWasDone(number, asked, err)
	}
	written, err := c.hub.Resolve(ctx, w)
	if err != nil {
		return c.orWasDone(number, asked, err)
	}
	return c.answer(http.StatusCreated, written)
}

// orWasDone answers with what was written where the same person has had the same written already, and did not hear of
// it, and with the error else.
func (c *call) orWasDone(conflict int64, asked Writing, err error) error {
	if !errors.Is(err, merge.ErrClosed) {
		return err
	}
	was, unknown := c.hub.Settled(c.request.Context(), conflict)
	if unknown != nil || was.By != c.who.Person || !asked.madeOf(was) {
		return err
	}
	return c.answer(http.StatusOK, was.Written)
}

// madeOf reports whether the conflict was resolved by this.
func (w Writing) madeOf(was store.Settled) bool {
	if w.Revision != was.Revision || w.ServerVersion != was.ServerVersion || w.Note != was.Note ||
		len(w.Decisions) != len(was.Decisions) || w.Result.There && !bytes.Equal(w.Result.Document, was.Result) {
		return false
	}
	for path, d := range w.Decisions {
		made, decided := was.Decisions[path]
		if !decided || d.Choice != made.Choice || d.As != made.As || d.Value != merge.Absent && d.Value != made.Value {
			return false
		}
	}
	return true
}

// decisions are those that are asked for, made whole by what the conflict shows where they or the result need it.
func (c *call) decisions(ctx context.Context, number int64, asked Writing, result *merge.Document) (merge.Decisions, error) {
	whole := merge.Decisions{}
	var short []string
	for path, d := range asked.Decisions {
		if d.Saw == nil {
			short = append(short, path)
			continue
		}
		whole[path] = merge.Decision{Choice: d.Choice, Value: d.Value, Saw: *d.Saw, As: d.As}
	}
	if len(short) == 0 && asked.Result.There {
		return whole, nil
	}
	shown, err := c.hub.Case(ctx, number)
	switch {
	case err != nil:
		return nil, err
	case shown.Conflict.State == merge.Resolved:
		return nil, merge.ErrClosed
	case shown.Conflict.Revision != asked.Revision || shown.Conflict.ServerVersion != asked.ServerVersion:
		return nil, merge.ErrStale
	}
	r := shown.Merge()
	for _, path := range short {
		d := asked.Decisions[path]
		made, ok := merge.Decision{}, false
		if d.Choice == merge.KeepBoth && path == "" {
			made, ok = r.Both(d.As)
		} else if f, listed := r.Field(path); listed {
			made, ok = f.Choose(d.Choice, d.Value)
		}
		if !ok {
			return nil, invalid("%q cannot be decided as %q", path, d.Choice)
		}
		whole[path] = made
	}
	if !asked.Result.There {
		if *result, err = r.Apply(whole); err != nil {
			return nil, unfit(err)
		}
	}
	return whole, nil
}

// unfit is an error of putting decisions into a document: about what was sent, if merge has no other word for it.
func unfit(err error) error {
	if errors.Is(err, merge.ErrPath) || asProblem(err) != errPanic {
		return err
	}
	return invalid("%s", err)
}

// undo takes a resolution back.
func (c *call) undo() error {
	number, err := c.number("resolution")
	if err != nil {
		return err
	}
	if len(c.request.Header["Content-Type"]) > 0 {
		if err := c.object(&struct{}{}); err != nil {
			return err
		}
	}
	ctx := c.request.Context()
	written, err := c.hub.Undo(ctx, number, c.who.Person)
	if errors.Is(err, merge.ErrStale) { // if the same person took it back already, they did not hear of it
		if was, by, unknown := c.hub.Undone(ctx, number); unknown == nil && by == c.who.Person {
			written, err = was, nil
		}
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, written)
}
