package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"dovetail/store/serve"
)

// maxToken bounds a token in bytes: it is to fit in a header.
const maxToken = 512

var (
	// ErrToken is for a text that cannot be a token. The error does not repeat it.
	ErrToken = errors.New("that is no token: it is one word of printable ASCII")
	// ErrPlain is for a token that would go over a network for anybody to read.
	ErrPlain = errors.New("a token is sent over https only, or to this machine")
)

// Token is what lets its bearer into a hub; the zero value lets into one that is open to everybody on its machine. It
// shows itself nowhere but in the header of a request: printed, logged or encoded it is a word in its place.
type Token struct{ secret string }

// NewToken is the token that a text is, without the blanks around it; [ErrToken] where it is none.
func NewToken(text string) (Token, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxToken || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Token{}, ErrToken
	}
	return Token{text}, nil
}

// IsZero reports whether there is none.
func (t Token) IsZero() bool { return t.secret == "" }

// Authorize puts the token on a request, if there is one. [ErrPlain] where anybody could read it on the way; the request
// is as it was then.
func (t Token) Authorize(req *http.Request) error {
	if t.IsZero() {
		return nil
	}
	if req.URL.Scheme != "https" && !serve.Loopback(req.URL.Host) {
		return ErrPlain
	}
	req.Header.Set("Authorization", "Bearer "+t.secret)
	return nil
}

// Reveal is the text itself, for whoever keeps it.
func (t Token) Reveal() string { return t.secret }

// String is a word that stands for a token.
func (t Token) String() string {
	if t.IsZero() {
		return "no token"
	}
	return "[token]"
}

// Format writes the same word for every verb: those for numbers would write the field itself.
func (t Token) Format(s fmt.State, _ rune) { io.WriteString(s, t.String()) }

// GoString writes the same word.
func (t Token) GoString() string { return t.String() }

// MarshalJSON writes the same word.
func (t Token) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// MarshalText writes the same word.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue writes the same word.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }
