package store_test

import (
	"errors"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// A token lets one person do what it says until it is revoked, also after the file was opened again, and its secret
// stands nowhere in the file.
func TestToken(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	made, err := s.AddToken(ctx, "ana", []store.Scope{store.ScopePush, store.ScopeRead}, "a secret of ana's")
	if err != nil {
		t.Fatal(err)
	}
	if want := []store.Scope{store.ScopeRead, store.ScopePush}; !slices.Equal(made.Scopes, want) {
		t.Errorf("scopes %v, want %v", made.Scopes, want)
	}
	for _, scopes := range [][]store.Scope{nil, {"everything"}} {
		if _, err := s.AddToken(ctx, "ana", scopes, "another"); err == nil {
			t.Errorf("a token with the scopes %q was made", scopes)
		}
	}
	s = reopen(t, s)
	got, err := s.TokenOf(ctx, "a secret of ana's")
	if err != nil || got.Person != "ana" || got.May(store.ScopeResolve) || !got.May(store.ScopePush) || got.UsedAt.IsZero() {
		t.Errorf("token %+v, %v", got, err)
	}
	for _, wrong := range []string{"", "a secret of ana", "a secret of ana's "} {
		if _, err := s.TokenOf(ctx, wrong); !errors.Is(err, merge.ErrNotFound) {
			t.Errorf("secret %q: %v", wrong, err)
		}
	}
	if err := s.RevokeToken(ctx, made.Number+1); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("revoke one that is not there: %v", err)
	}
	if err := s.RevokeToken(ctx, made.Number); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TokenOf(ctx, "a secret of ana's"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
	all, err := s.Tokens(ctx)
	if err != nil || len(all) != 1 || all[0].RevokedAt.IsZero() {
		t.Errorf("tokens %+v, %v", all, err)
	}
}
