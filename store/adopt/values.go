package adopt

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"dovetail/merge"
)

// What JSON has no value for is an object of one member, named by one of these.
const (
	tagBlob = "$blob" // base64
	tagText = "$text" // base64 of a text that is not UTF-8
	tagReal = "$real" // a number that JSON, or a document, would not tell from another one
)

// Encode makes JSON of what a cell holds: nil, int64, float64, string or []byte, as the driver reads it.
//
// NULL is null, INTEGER an integer, REAL the shortest decimal that reads back the same, always with a point or an
// exponent, TEXT a string, BLOB {"$blob": base64}. Tagged are also a text that is not UTF-8, {"$text": base64}, and what
// compares or reads as another number: {"$real": "inf"}, "-inf", "-0.0". Documents compare 1 and 1.0 as equal; where a
// column may hold both, mixed says so, and a REAL without a fraction is {"$real": "1.0"}.
func Encode(cell any, mixed bool) (merge.Value, error) {
	switch v := cell.(type) {
	case nil:
		return merge.Null, nil
	case int64:
		return merge.Value(strconv.FormatInt(v, 10)), nil
	case float64:
		text := realText(v)
		if math.IsInf(v, 0) || v == 0 && math.Signbit(v) || mixed && v == math.Trunc(v) {
			return merge.Value(`{"` + tagReal + `":"` + text + `"}`), nil
		}
		return merge.Value(text), nil
	case string:
		if text, ok := merge.StringValue(v); ok {
			return text, nil
		}
		return tagged(tagText, []byte(v)), nil
	case []byte:
		return tagged(tagBlob, v), nil
	}
	return merge.Absent, fmt.Errorf("a cell of type %T", cell)
}

func tagged(tag string, data []byte) merge.Value {
	return merge.Value(`{"` + tag + `":"` + base64.StdEncoding.EncodeToString(data) + `"}`)
}

// realText is the shortest text that reads back the same, and is no integer.
func realText(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	form := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		form = 'e'
	}
	text := strconv.FormatFloat(v, form, -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// Decode returns what a cell holds for which [Encode] made a value, and the error of a value that no cell can hold.
func Decode(v merge.Value) (any, error) {
	if v == merge.Absent {
		return nil, errors.New("there is no value")
	}
	switch c := v[0]; {
	case v == merge.Null:
		return nil, nil
	case c == '"':
		var text string
		err := json.Unmarshal([]byte(v), &text)
		return text, err
	case c == '{':
		return untag(v)
	case c == '[':
		return nil, errors.New("a cell holds no list")
	case c == 't' || c == 'f':
		return nil, fmt.Errorf("a cell holds no %s; 1 and 0 are what SQLite has", v)
	case strings.ContainsAny(string(v), ".eE"):
		return parseReal(string(v))
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is larger than an integer of SQLite", v)
	}
	return n, nil
}

func parseReal(text string) (any, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is larger than a number of SQLite", text)
	}
	return f, nil
}

// untag reads an object that Encode made.
func untag(v merge.Value) (any, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(v), &object); err != nil {
		return nil, err
	}
	for tag, raw := range object {
		var text string
		if len(object) != 1 || json.Unmarshal(raw, &text) != nil {
			break
		}
		switch tag {
		case tagBlob, tagText:
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", tag, err)
			}
			if tag == tagText {
				return string(data), nil
			}
			return data, nil
		case tagReal:
			switch text {
			case "inf":
				return math.Inf(1), nil
			case "-inf":
				return math.Inf(-1), nil
			}
			if _, err := merge.ParseValue([]byte(text)); err != nil || text == "" || text[0] > '9' {
				return nil, fmt.Errorf("%q is no number", text)
			}
			return parseReal(text)
		}
	}
	return nil, errors.New("a cell holds no object")
}
