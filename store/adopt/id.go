package adopt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"dovetail/merge"
)

// tagHash stands in an id for a key that is too long for one.
const tagHash = "$sha256"

// errHashed says that a key is too long to stand in its id.
var errHashed = errors.New("the id holds the hash of a key that is longer than an id may be")

// makeID names a row by the cells of its key; ok is false where one of them is NULL, which names nothing.
//
// A key of one column is its digits where the column takes numbers, and its text where it takes text or numbers; whatever
// could be read as something else, cannot be printed, or is of several columns is a JSON list of the cells.
func makeID(cells []any, key []KeyPart) (id string, ok bool) {
	for _, cell := range cells {
		if cell == nil {
			return "", false
		}
	}
	if len(cells) == 1 {
		if id, plain := plainID(cells[0], key[0].Affinity); plain {
			return id, true
		}
	}
	var out strings.Builder
	out.WriteByte('[')
	for i, cell := range cells {
		if i > 0 {
			out.WriteByte(',')
		}
		if f, real := cell.(float64); real && f == 0 {
			cell = math.Abs(f) // a key does not tell 0.0 and -0.0 apart
		}
		v, err := Encode(cell, key[i].Affinity == None)
		if err != nil {
			return "", false
		}
		out.WriteString(printable(string(v)))
	}
	out.WriteByte(']')
	id = out.String()
	if (merge.Key{Collection: "x", ID: id}).Check() != nil {
		sum := sha256.Sum256([]byte(id))
		id = `[{"` + tagHash + `":"` + hex.EncodeToString(sum[:]) + `"}]`
	}
	return id, true
}

// plainID is an id without brackets and quotes.
func plainID(cell any, affinity Affinity) (string, bool) {
	switch v := cell.(type) {
	case int64:
		return strconv.FormatInt(v, 10), affinity == Integer || affinity == Numeric
	case string:
		usable := !strings.HasPrefix(v, "[") && (merge.Key{Collection: "x", ID: v}).Check() == nil
		switch affinity {
		case Text:
			return v, usable
		case Integer, Numeric:
			return v, usable && !isInteger(v)
		}
	}
	return "", false
}

func isInteger(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == text
}

// printable escapes in a JSON text what an id must not hold.
func printable(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// parseID returns the cells that makeID named. An id that it would not have made is an error, so that no row has two.
func parseID(id string, key []KeyPart) ([]any, error) {
	cells, err := idCells(id, key)
	if err != nil {
		return nil, err
	}
	if again, ok := makeID(cells, key); !ok || again != id {
		return nil, fmt.Errorf("%q is not how the table names a row", id)
	}
	return cells, nil
}

func idCells(id string, key []KeyPart) ([]any, error) {
	if strings.HasPrefix(id, `[{"`+tagHash+`":`) {
		return nil, errHashed
	}
	if strings.HasPrefix(id, "[") {
		var values []merge.Value
		if err := json.Unmarshal([]byte(id), &values); err != nil {
			return nil, fmt.Errorf("%q is not a list of what stands in the key", id)
		}
		if len(values) != len(key) {
			return nil, fmt.Errorf("%q has %d values, the key has %d columns", id, len(values), len(key))
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cell, err := Decode(v)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", id, err)
			}
			cells[i] = cell
		}
		return cells, nil
	}
	if len(key) != 1 {
		return nil, fmt.Errorf("%q is not a list of what stands in the key, as in [1,\"a\"]", id)
	}
	if affinity := key[0].Affinity; (affinity == Integer || affinity == Numeric) && isInteger(id) {
		n, err := strconv.ParseInt(id, 10, 64)
		return []any{n}, err
	}
	return []any{id}, nil
}
