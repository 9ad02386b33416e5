package remote_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"dovetail/store/remote"
)

// A token shows itself nowhere, however it is printed.
func TestTokenIsNotShown(t *testing.T) {
	token, err := remote.NewToken(" planted-secret\n")
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
		fmt.Fprintf(&shown, verb+verb+verb+"\n", token, &token, struct{ T remote.Token }{token})
	}
	fmt.Fprintln(&shown, fmt.Errorf("wrap %v", token), []remote.Token{token}, map[remote.Token]int{token: 1})
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&shown, nil), slog.NewTextHandler(&shown, nil)} {
		slog.New(handler).Info("told", "token", token, "pointer", &token, "in", struct{ T remote.Token }{token})
	}
	if err := json.NewEncoder(&shown).Encode(map[string]any{"token": token, "pointer": &token}); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"planted-secret", fmt.Sprintf("%x", "planted"), fmt.Sprintf("%X", "planted")} {
		if strings.Contains(shown.String(), leak) {
			t.Errorf("%q is shown:\n%s", leak, &shown)
		}
	}
}

// A token goes over https, or to this machine, and is what the header says.
func TestTokenIsSentToFewOnly(t *testing.T) {
	token, err := remote.NewToken("planted-secret")
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]error{
		"https://hub.example/v1":        nil,
		"http://127.0.0.1:7733/":        nil,
		"http://localhost:7733/":        nil,
		"http://[::1]:7733/":            nil,
		"http://hub.example/":           remote.ErrPlain,
		"http://127.0.0.1.example/":     remote.ErrPlain,
		"http://localhost.example:7733": remote.ErrPlain,
		"http://192.168.0.1:7733/":      remote.ErrPlain,
	} {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Authorize(req); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", url, err, want)
		}
		sent := req.Header.Get("Authorization")
		if want == nil && sent != "Bearer planted-secret" || want != nil && sent != "" {
			t.Errorf("%s: sent %q", url, sent)
		}
		if err := (remote.Token{}).Authorize(req); err != nil {
			t.Errorf("%s without a token: %v", url, err)
		}
	}
	for _, text := range []string{"", " ", "two words", "a\r\nX-Evil: 1", "ü", "a\x00", strings.Repeat("a", 513)} {
		if _, err := remote.NewToken(text); !errors.Is(err, remote.ErrToken) {
			t.Errorf("%q is a token: %v", text, err)
		}
	}
}
