package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// ErrOtherMerge says that a conflict comes out otherwise where it was sent than at its hub, which is of another version.
var ErrOtherMerge = errors.New("the hub merges this otherwise than this program does: one of them is of another version")

// Case is a conflict with all that is needed to decide it: whoever has it can run the hub's merge and get the same.
type Case struct {
	merge.Conflict
	Sides  merge.Sides  `json:"sides"`
	Stamps Stamps       `json:"stamps"`
	Edits  *Edits       `json:"edits,omitempty"`
	Rules  store.Manner `json:"rules"`
	// Operations are the steps of the change where the strategy is op-replay, and Applied the ids of those that had their
	// effect already.
	Operations []merge.Operation `json:"operations,omitempty"`
	Applied    []string          `json:"applied,omitempty"`
	Refused    string            `json:"refused,omitempty"` // what the application's table said
	// Naming is a record that local names, and of which there are two.
	Naming *merge.Naming `json:"names,omitempty"`
	// Merge is what the hub makes of it, as `dovetail merge --json` prints it.
	Merge json.RawMessage `json:"merge"`
}

// Stamps say who left the sides as they are.
type Stamps struct {
	Base   merge.Stamp `json:"base,omitzero"`
	Local  merge.Stamp `json:"local,omitzero"`
	Server merge.Stamp `json:"server,omitzero"`
}

// Edits are the times of the last edit of each field, by path, where a rule asks for them.
type Edits struct {
	Local  map[string]time.Time `json:"local"`
	Server map[string]time.Time `json:"server"`
}

// NewCase puts a conflict into the shape that goes over the wire; under is what its rules were made of.
func NewCase(c merge.Case, under store.Manner) (Case, error) {
	w := Case{Conflict: c.Conflict, Sides: c.Sides, Stamps: Stamps{c.Base, c.Local, c.Server}, Rules: under,
		Operations: c.Operations, Refused: c.Refused, Naming: c.Naming}
	if e := c.Sides.Edits; e != nil {
		w.Edits = &Edits{e.Local, e.Server}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Applied)) {
		if c.Applied[id] {
			w.Applied = append(w.Applied, id)
		}
	}
	var err error
	w.Merge, err = c.Merge().MarshalJSON()
	return w, err
}

// Case is the conflict as it was before it went over the wire; rules are those that Rules stand for. [ErrOtherMerge] where
// its merge does not come to what the hub made of it.
func (w Case) Case(rules *merge.Rules) (merge.Case, error) {
	c := merge.Case{Conflict: w.Conflict, Sides: w.Sides, Rules: rules, Operations: w.Operations, Refused: w.Refused, Naming: w.Naming,
		Base: w.Stamps.Base, Local: w.Stamps.Local, Server: w.Stamps.Server}
	if w.Edits != nil {
		c.Sides.Edits = &merge.Edits{Local: w.Edits.Local, Server: w.Edits.Server}
	}
	if len(w.Applied) > 0 {
		c.Applied = make(map[string]bool, len(w.Applied))
		for _, id := range w.Applied {
			c.Applied[id] = true
		}
	}
	here, err := c.Merge().MarshalJSON()
	if err != nil {
		return c, err
	}
	if !bytes.Equal(here, w.Merge) {
		return c, ErrOtherMerge
	}
	return c, nil
}

// getCase answers with one conflict.
func (c *call) getCase() error {
	number, err := c.number("conflict")
	if err != nil {
		return err
	}
	if _, err := c.values(); err != nil {
		return err
	}
	conflict, under, err := c.hub.CaseUnder(c.request.Context(), number)
	if err != nil {
		return err
	}
	told, err := NewCase(conflict, under)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, told)
}
