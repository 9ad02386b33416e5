package serve

import (
	"net/http"
	"time"

	"dovetail/merge"
)

// getDraft answers with what the token's person has decided on a conflict so far. Nobody sees another person's.
func (c *call) getDraft() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	draft, err := c.hub.Draft(c.request.Context(), number, c.who.Person)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, draft)
}

// putDraft keeps the token's person's draft on the conflict that the path names, whatever the draft says of both.
func (c *call) putDraft() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	var draft merge.Draft
	if err := c.object(&draft); err != nil {
		return err
	}
	draft.Conflict, draft.Person = number, c.who.Person
	if err := c.hub.SaveDraft(c.request.Context(), draft); err != nil {
		return err
	}
	return c.done()
}

func (c *call) deleteDraft() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	if err := c.hub.DiscardDraft(c.request.Context(), number, c.who.Person); err != nil {
		return err
	}
	return c.done()
}

// done answers that it was done, where there is nothing else to tell.
func (c *call) done() error {
	c.out.WriteHeader(http.StatusNoContent)
	return nil
}

// Until says how long something is to last.
type Until struct {
	Until time.Time `json:"until"`
}

// snooze takes a conflict out of the open ones until a time.
func (c *call) snooze() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	var asked Until
	if err := c.object(&asked); err != nil {
		return err
	}
	if err := c.hub.Snooze(c.request.Context(), number, asked.Until); err != nil {
		return err
	}
	return c.done()
}

func (c *call) wake() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	if err := c.hub.Wake(c.request.Context(), number); err != nil {
		return err
	}
	return c.done()
}
