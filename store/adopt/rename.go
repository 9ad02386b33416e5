package adopt

import (
	"fmt"

	"dovetail/merge"
)

// Rename returns the document of a row of an adopted table with the key that an id stands for. The error says in words
// that the id is no key of the table.
func (t *Tables) Rename(collection string, document merge.Document, id string) (merge.Document, error) {
	k := t.known.Load()
	if k == nil || k.byCollection[collection] == nil {
		return nil, fmt.Errorf("%s is no adopted table", collection)
	}
	at := k.byCollection[collection]
	key, err := parseID(id, at.shape.Key)
	if err != nil {
		return nil, fmt.Errorf("%q is no key of the table: %w", id, err)
	}
	if _, whole := key[0].(int64); at.shape.Alias && !whole {
		return nil, fmt.Errorf("%q is no key of the table, which takes integers", id)
	}
	for i, place := range at.key {
		log := at.logs[place]
		value, err := Encode(key[i], log.mixed)
		if err != nil {
			return nil, err
		}
		if document, err = merge.With(document, pointer(log.name), value); err != nil {
			return nil, err
		}
	}
	return merge.Canonical(document)
}
