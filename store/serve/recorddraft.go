package serve

import (
	"net/http"

	"dovetail/merge"
)

// RecordDrafts are what a person has edited in records and not written.
type RecordDrafts struct {
	Drafts []merge.RecordDraft `json:"drafts"`
}

// listRecordDrafts answers with those of the token's person. Nobody sees another person's.
func (c *call) listRecordDrafts() error {
	if _, err := c.values(); err != nil {
		return err
	}
	drafts, err := c.hub.RecordDrafts(c.request.Context(), c.who.Person)
	if err != nil {
		return err
	}
	if drafts == nil {
		drafts = []merge.RecordDraft{}
	}
	return c.answer(http.StatusOK, RecordDrafts{drafts})
}

// putRecordDraft keeps the token's person's draft of the record that the path names, whatever the draft says of both.
func (c *call) putRecordDraft() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	var draft merge.RecordDraft
	if err := c.object(&draft); err != nil {
		return err
	}
	draft.Record, draft.Person = key, c.who.Person
	if err := c.hub.SaveRecordDraft(c.request.Context(), draft); err != nil {
		return err
	}
	return c.done()
}

func (c *call) deleteRecordDraft() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	if err := c.hub.DiscardRecordDraft(c.request.Context(), key, c.who.Person); err != nil {
		return err
	}
	return c.done()
}
