//go:build unix

package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"dovetail/store/remote"
)

// guarded is a hub that knows one token; "" lets everybody in.
func guarded(t *testing.T, secret string) *httptest.Server {
	t.Helper()
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if secret != "" && r.Header.Get("Authorization") != "Bearer "+secret {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(hub.Close)
	return hub
}

func credential(t *testing.T, base string) (remote.Token, string, error) {
	t.Helper()
	var talk bytes.Buffer
	token, err := (&app{in: strings.NewReader(""), errw: &talk}).tokenFor(context.Background(), base)
	report(&talk, err)
	return token, talk.String(), err
}

// configured gives the test a configuration of its own, and returns where tokens are kept.
func configured(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	t.Setenv(tokenVariable, "")
	dir, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "dovetail")
}

// A token is taken from the environment, else from a file that nobody else can read; an open hub here needs none.
func TestTokenFor(t *testing.T) {
	dir := configured(t)
	hub, open := guarded(t, "kept-secret"), guarded(t, "")
	if token, talk, err := credential(t, open.URL); err != nil || !token.IsZero() {
		t.Errorf("an open hub: %v, %v %s", token, err, talk)
	}
	_, talk, err := credential(t, hub.URL)
	if exitCode(err) != exitMisuse || !strings.Contains(talk, "needs a token, and nobody can be asked") || !strings.Contains(talk, "DOVETAIL_TOKEN") {
		t.Errorf("nobody to ask: %v %s", err, talk)
	}

	origin, err := hubOrigin(hub.URL + "/prefix?x")
	if err != nil {
		t.Fatal(err)
	}
	path, err := tokenFile(origin)
	if err != nil || filepath.Dir(path) != dir {
		t.Fatalf("kept at %s, %v", path, err)
	}
	token, err := remote.NewToken("kept-secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := keepToken(path, token); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("rights %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("in the directory: %v, %v", left, err)
	}
	if token, _, err := credential(t, hub.URL); err != nil || token.Reveal() != "kept-secret" {
		t.Errorf("from the file: %v", err)
	}
	t.Setenv(tokenVariable, "of-the-environment")
	if token, _, err := credential(t, hub.URL); err != nil || token.Reveal() != "of-the-environment" {
		t.Errorf("from the environment: %v", err)
	}
	t.Setenv(tokenVariable, "two words")
	if _, talk, err := credential(t, hub.URL); exitCode(err) != exitMisuse || strings.Contains(talk, "two words") {
		t.Errorf("no token in the environment: %v %s", err, talk)
	}
	t.Setenv(tokenVariable, "")

	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, talk, err := credential(t, hub.URL); exitCode(err) != exitMisuse || !strings.Contains(talk, "others may read it") || strings.Contains(talk, "kept-secret") {
		t.Errorf("a file for others: %v %s", err, talk)
	}
}

// On a terminal the token is asked for, not shown while it is typed, and kept once the hub knows it.
func TestTokenIsAskedFor(t *testing.T) {
	dir := configured(t)
	hub := guarded(t, "typed-secret")
	ask := func(typed string) (remote.Token, string, error) {
		t.Helper()
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		screen, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer screen.Close()
		shown := make(chan string)
		go func() {
			var all []byte
			for chunk := make([]byte, 256); ; {
				n, err := screen.Read(chunk)
				if all = append(all, chunk[:n]...); err != nil {
					shown <- string(all)
					return
				}
				switch {
				case !bytes.HasSuffix(all, []byte(": ")):
				case typed == "":
					interrupt()
				default:
					screen.WriteString(typed + "\r")
				}
			}
		}()
		token, err := (&app{in: terminal, errw: terminal}).tokenFor(ctx, hub.URL)
		report(terminal, err)
		screen.WriteString("\r") // what still reads keeps the terminal open
		terminal.Close()
		return token, <-shown, err
	}
	_, shown, err := ask("wrong-secret")
	if exitCode(err) != exitMisuse || !strings.Contains(shown, "does not know that token") || strings.Contains(shown, "wrong-secret") {
		t.Errorf("a wrong one: %v\n%s", err, shown)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a wrong one is kept: %v", err)
	}
	token, shown, err := ask("typed-secret")
	if err != nil || token.Reveal() != "typed-secret" || !strings.Contains(shown, "is kept in") || strings.Contains(shown, "typed-secret") {
		t.Errorf("the right one: %v\n%s", err, shown)
	}
	if token, _, err := credential(t, hub.URL); err != nil || token.Reveal() != "typed-secret" {
		t.Errorf("the next time: %v", err)
	}

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"", "\x03"} {
		if _, _, err := ask(typed); exitCode(err) != exitInterrupted {
			t.Errorf("interrupted by %q: %v", typed, err)
		}
	}
}

// No address makes a token go where others could read it, and none that holds a secret is repeated.
func TestTokenForAddresses(t *testing.T) {
	dir := configured(t)
	t.Setenv(tokenVariable, "secret")
	for base, want := range map[string]string{
		"http://hub.example":              "https only",
		"http://127.0.0.1.example":        "https only",
		"http://10.0.0.1:7733":            "https only",
		"ftp://hub.example":               "no address of a hub",
		"https://":                        "no address of a hub",
		"hub.example":                     "no address of a hub",
		"https://ana:planted@hub.example": "holds no name and no secret",
		"https://planted\x7f":             "no address of a hub",
	} {
		token, talk, err := credential(t, base)
		if exitCode(err) != exitMisuse || !token.IsZero() || !strings.Contains(talk, want) || strings.Contains(talk, "planted") {
			t.Errorf("%q: %v, %v\n%s", base, token, err, talk)
		}
	}
	files := map[string]string{}
	for _, base := range []string{"https://hub.example", "https://hub.example:8443", "https://hub.example.8443", "http://[::1]:7733",
		"http://127.0.0.1:7733", "https://hub.example-443", "https://../etc", "https://ü.example"} {
		origin, err := hubOrigin(base)
		if err != nil {
			t.Fatal(err)
		}
		path, err := tokenFile(origin)
		if err != nil || filepath.Dir(path) != dir || files[path] != "" {
			t.Errorf("%s and %s are kept at %s, %v", base, files[path], path, err)
		}
		files[path] = base
	}
	for _, same := range []string{"https://hub.example:443/", "https://HUB.example/v1"} {
		origin, err := hubOrigin(same)
		if err != nil {
			t.Fatal(err)
		}
		if path, err := tokenFile(origin); err != nil || files[path] != "https://hub.example" {
			t.Errorf("%s is kept at %s, %v", same, path, err)
		}
	}
}

// Two tokens are never the same, and each is of 256 bits.
func TestNewSecret(t *testing.T) {
	secret, err := newSecret(bytes.NewReader(bytes.Repeat([]byte{0xff}, 32)))
	if err != nil || secret != "dt_"+strings.Repeat("_", 42)+"8" {
		t.Errorf("%s, %v", secret, err)
	}
	if _, err := newSecret(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("made of too little")
	}
}
