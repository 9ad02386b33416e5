package serve

import (
	"net/http"
	"time"
)

// maxClaim is how long a claim may last: whoever is at it makes it anew.
const maxClaim = 24 * time.Hour

// Claim says that the token's person is at a conflict.
type Claim struct {
	// Seconds is how long, from when the hub hears it: the clocks of the two may differ.
	Seconds int64 `json:"seconds"`
	Over    bool  `json:"over,omitempty"` // also where somebody else is at it
}

// Claimed is what a claim answers with.
type Claimed struct {
	Until time.Time `json:"until"`
	Was   string    `json:"was,omitempty"` // who was at it before
}

func (c *call) claim() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	var asked Claim
	if err := c.object(&asked); err != nil {
		return err
	}
	if asked.Seconds < 1 || asked.Seconds > int64(maxClaim/time.Second) {
		return invalid("seconds is a number from 1 to %d", int64(maxClaim/time.Second))
	}
	ctx := c.request.Context()
	made := Claimed{Until: c.Now().Add(time.Duration(asked.Seconds) * time.Second).UTC()}
	if asked.Over {
		made.Was, err = c.hub.TakeOver(ctx, number, c.who.Person, made.Until)
	} else {
		err = c.hub.Claim(ctx, number, c.who.Person, made.Until)
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, made)
}

func (c *call) unclaim() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	if err := c.hub.Unclaim(c.request.Context(), number, c.who.Person); err != nil {
		return err
	}
	return c.done()
}
