package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"

	"dovetail/store/remote"
	"dovetail/store/serve"
)

// tokenVariable is where a script keeps its token. It is not taken from the command line, which everybody on the machine
// can read.
const tokenVariable = "DOVETAIL_TOKEN"

// tokenTry bounds the asking of a hub whether it knows a token.
const tokenTry = 20 * time.Second

// tokenFor finds the token for the hub at a base URL: that of DOVETAIL_TOKEN, else the one that is kept for the hub, else
// it asks on a terminal and keeps what the hub knows. It is the zero token where a hub on this machine is open to everybody
// here, and where nobody can be asked there.
func (a *app) tokenFor(ctx context.Context, base string) (remote.Token, error) {
	origin, err := hubOrigin(base)
	if err != nil {
		return remote.Token{}, err
	}
	if text := os.Getenv(tokenVariable); text != "" {
		token, err := remote.NewToken(text)
		if err != nil {
			err = misuse("%s: %w", tokenVariable, err)
		}
		return token, err
	}
	path, err := tokenFile(origin)
	if err != nil {
		return remote.Token{}, err
	}
	token, err := readToken(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	if serve.Loopback(origin.Host) && !wantsToken(ctx, base) {
		return remote.Token{}, nil
	}
	return a.askToken(ctx, base, path)
}

// hubOrigin is the part of a hub's address that a token belongs to. It is misuse if a token could be read on the way, or
// a secret stands in the address itself.
func hubOrigin(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, misuse("that is no address of a hub: %w", errors.Unwrap(err)) // the text may hold a secret
	}
	switch {
	case u.User != nil:
		return nil, hint(misuse("a hub's address holds no name and no secret"), "the token goes into %s, or is asked for", tokenVariable)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, misuse("%s is no address of a hub: it begins with https://", base)
	case u.Scheme == "http" && !serve.Loopback(u.Host):
		return nil, hint(misuse("%s: %w", base, remote.ErrPlain), "begin it with https://")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// tokenFile is where the token for a hub is kept.
func tokenFile(origin *url.URL) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", hint(misuse("there is no place to look for a token: %w", err), "put it into %s", tokenVariable)
	}
	port := origin.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[origin.Scheme]
	}
	return filepath.Join(dir, "dovetail", "token-"+origin.Scheme+"-"+fileName(origin.Hostname())+"-"+port), nil
}

// fileName writes any host so that it is part of a file's name everywhere, and no two become the same.
func fileName(host string) string {
	var out strings.Builder
	for _, b := range []byte(host) {
		if b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '.' || b == '-' {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02x", b)
		}
	}
	return out.String()
}

// readToken reads a token that is kept; [fs.ErrNotExist] where there is none. One that others may read is not used: it
// is theirs as well by now.
func readToken(path string) (remote.Token, error) {
	f, err := os.Open(path)
	if err != nil {
		return remote.Token{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return remote.Token{}, err
	}
	if !info.Mode().IsRegular() {
		return remote.Token{}, misuse("%s: it is no plain file, so no token is taken from it", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return remote.Token{}, hint(misuse("%s: others may read it, so it is not used", path),
			"have the token revoked, remove the file, and use a new one; a token's file has the rights 0600")
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<12))
	if err != nil {
		return remote.Token{}, err
	}
	token, err := remote.NewToken(string(text))
	if err != nil {
		return token, misuse("%s: %w", path, err)
	}
	return token, nil
}

// keepToken writes a token where only its owner may read it. Whoever looks meanwhile finds the old one whole, or the new.
func keepToken(path string, token remote.Token) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".token-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(token.Reveal() + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// askToken has a person type the token for a hub. It is kept once the hub knows it.
func (a *app) askToken(ctx context.Context, base, path string) (remote.Token, error) {
	if !isTerminal(a.in) || !isTerminal(a.errw) {
		return remote.Token{}, hint(misuse("%s needs a token, and nobody can be asked for it here", base),
			"put it into %s; the hub's owner makes one with `dovetail token add NAME`", tokenVariable)
	}
	text, err := a.readSecret(ctx, a.in.(*os.File), "token for "+printable(base)+": ")
	if err != nil {
		return remote.Token{}, err
	}
	token, err := remote.NewToken(text)
	if err != nil {
		return token, misuseError{err}
	}
	if known, err := knowsToken(ctx, base, token); err != nil {
		return token, fmt.Errorf("ask %s: %w", base, err)
	} else if !known {
		return token, a.tokenRefused(base)
	}
	if err := keepToken(path, token); err != nil {
		a.say("the token could not be kept, so it will be asked for again: %v", err)
		return token, nil
	}
	a.say("the token is kept in %s", path)
	return token, nil
}

// readSecret asks for a line that is not shown, also where it is typed before it is asked for. The terminal is as it was
// afterwards, also where ctx ends first.
func (a *app) readSecret(ctx context.Context, in *os.File, prompt string) (text string, err error) {
	fd := int(in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, term.Restore(fd, before)) }()
	type typed struct {
		text string
		err  error
	}
	done := make(chan typed, 1)
	go func() {
		text, err := term.NewTerminal(terminalStream{in, a.errw}, "").ReadPassword(prompt)
		done <- typed{text, err}
	}()
	select {
	case t := <-done:
		if errors.Is(t.err, io.EOF) { // ctrl-c, or ctrl-d
			return "", errInterrupted
		}
		return t.text, t.err
	case <-ctx.Done():
		return "", errInterrupted
	}
}

// terminalStream is both ends of a terminal.
type terminalStream struct {
	io.Reader
	io.Writer
}

// tokenRefused is what to tell of a hub that does not know the token it was shown (401).
func (a *app) tokenRefused(base string) error {
	err := misuse("%s does not know that token, or it was revoked", base)
	if os.Getenv(tokenVariable) != "" {
		return hint(err, "put another into %s; the hub's owner makes one with `dovetail token add NAME`", tokenVariable)
	}
	origin, bad := hubOrigin(base)
	if bad == nil {
		if path, bad := tokenFile(origin); bad == nil {
			if _, bad := os.Stat(path); bad == nil {
				return hint(err, "remove %s to be asked for another; the hub's owner makes one with `dovetail token add NAME`", path)
			}
		}
	}
	return hint(err, "the hub's owner makes one with `dovetail token add NAME`; put it into %s", tokenVariable)
}

// wantsToken reports whether a hub lets nobody in without a token. One that cannot be asked does not: whoever calls will
// hear why.
func wantsToken(ctx context.Context, base string) bool {
	known, err := knowsToken(ctx, base, remote.Token{})
	return err == nil && !known
}

// knowsToken asks a hub whether it lets the bearer of a token in.
func knowsToken(ctx context.Context, base string, token remote.Token) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTry)
	defer cancel()
	address, err := url.JoinPath(base, "v1/records")
	if err != nil {
		return false, misuseError{err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, misuseError{err}
	}
	if err := token.Authorize(req); err != nil {
		return false, misuseError{err}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return false, err
	}
	return res.StatusCode != http.StatusUnauthorized, res.Body.Close()
}
