package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dovetail/merge"
)

// Scope is something that the bearer of a token may do.
type Scope string

const (
	ScopeRead    Scope = "read"    // look at records, versions, conflicts and resolutions
	ScopePush    Scope = "push"    // write records and send changes
	ScopeResolve Scope = "resolve" // claim, decide and undo conflicts
)

// Scopes are all there are, in the order in which they are listed.
var Scopes = []Scope{ScopeRead, ScopePush, ScopeResolve}

// usedEvery is how exactly it is known when a token was used last: to note each use would make every request a write.
const usedEvery = time.Hour

// Token lets a person in over the network. What its bearer says is kept nowhere, only a hash of it.
type Token struct {
	Number    int64     `json:"token"`
	Person    string    `json:"person"`
	Scopes    []Scope   `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at,omitzero"` // to the hour
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// May reports whether the token has a scope.
func (t Token) May(scope Scope) bool { return slices.Contains(t.Scopes, scope) }

// AddToken lets whoever says secret in as a person, who may do what the scopes say. A secret is of at least 256 random
// bits; it is not kept. [ErrReplica] where the database is one.
func (s *Store) AddToken(ctx context.Context, person string, scopes []Scope, secret string) (Token, error) {
	if err := s.onHub(); err != nil {
		return Token{}, wrap("add token", err)
	}
	if person == "" || secret == "" {
		return Token{}, errors.New("add token: it is of a person, and has a secret")
	}
	listed, err := listScopes(scopes)
	if err != nil {
		return Token{}, wrap("add token", err)
	}
	made := Token{Person: person, Scopes: listed}
	err = s.write(ctx, func(t *tx) error {
		hash := sha256.Sum256([]byte(secret))
		id, err := t.insert(`
			INSERT INTO dovetail_token (hash, person, scopes, created_at)
			VALUES ($1, $2, $3, $4)`,
			hash[:], person, joinScopes(listed), micros(t.now))
		made.Number, made.CreatedAt = id, t.now
		t.proof = proof{`SELECT 1 FROM dovetail_token WHERE hash = $1`, []any{hash[:]}}
		return err
	})
	return made, wrap("add token", err)
}

// listScopes puts scopes in their order, each once.
func listScopes(scopes []Scope) ([]Scope, error) {
	for _, scope := range scopes {
		if !slices.Contains(Scopes, scope) {
			return nil, fmt.Errorf("%q is no scope", scope)
		}
	}
	var listed []Scope
	for _, scope := range Scopes {
		if slices.Contains(scopes, scope) {
			listed = append(listed, scope)
		}
	}
	if len(listed) == 0 {
		return nil, errors.New("no scope")
	}
	return listed, nil
}

func joinScopes(scopes []Scope) string {
	all := make([]string, len(scopes))
	for i, scope := range scopes {
		all[i] = string(scope)
	}
	return strings.Join(all, ",")
}

// Tokens returns all tokens that were ever added, oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	var all []Token
	err := s.read(ctx, func(v *view) error {
		return v.rows(func(rows *sql.Rows) error {
			one, _, err := scanToken(rows.Scan)
			all = append(all, one)
			return err
		}, selectToken+` ORDER BY id`)
	})
	return all, wrap("list tokens", err)
}

// Guarded reports whether a token was ever added, also where all were revoked since: whoever revokes the last one does not
// mean to let everybody in.
func (s *Store) Guarded(ctx context.Context) (bool, error) {
	var one int
	guarded := false
	err := s.read(ctx, func(v *view) (err error) {
		guarded, err = v.row([]any{&one}, `SELECT 1 FROM dovetail_token LIMIT 1`)
		return err
	})
	return guarded, wrap("look for tokens", err)
}

const selectToken = `SELECT id, hash, person, scopes, created_at, used_at, revoked_at FROM dovetail_token`

func scanToken(scan func(...any) error) (Token, []byte, error) {
	var one Token
	var hash []byte
	var scopes string
	var created, used, revoked moment
	err := scan(&one.Number, &hash, &one.Person, &scopes, &created, &used, &revoked)
	for scope := range strings.SplitSeq(scopes, ",") {
		one.Scopes = append(one.Scopes, Scope(scope))
	}
	one.CreatedAt, one.UsedAt, one.RevokedAt = created.Time, used.Time, revoked.Time
	return one, hash, err
}

// RevokeToken ends a token for good; one that has ended stays as it is. [merge.ErrNotFound] where there is none of that
// number.
func (s *Store) RevokeToken(ctx context.Context, number int64) error {
	return wrap("revoke token", s.write(ctx, func(t *tx) error {
		var one int
		found, err := t.row([]any{&one}, `SELECT 1 FROM dovetail_token WHERE id = $1`, number)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("token %d: %w", number, merge.ErrNotFound)
		}
		t.proof = proof{`SELECT 1 FROM dovetail_token WHERE id = $1 AND revoked_at IS NOT NULL`, []any{number}}
		_, err = t.run(`UPDATE dovetail_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL`, micros(t.now), number)
		return err
	}))
}

// TokenOf returns the token that a secret belongs to, and notes that it was used; [merge.ErrNotFound] where there is
// none, or it was revoked.
func (s *Store) TokenOf(ctx context.Context, secret string) (Token, error) {
	sum := sha256.Sum256([]byte(secret))
	var one Token
	err := s.read(ctx, func(v *view) error {
		var hash []byte
		found := false
		err := v.rows(func(rows *sql.Rows) (err error) {
			one, hash, err = scanToken(rows.Scan)
			found = true
			return err
		}, selectToken+` WHERE hash = $1`, sum[:])
		if err == nil && (!found || !one.RevokedAt.IsZero() || subtle.ConstantTimeCompare(hash, sum[:]) != 1) {
			return merge.ErrNotFound
		}
		return err
	})
	if err != nil {
		return Token{}, wrap("find token", err)
	}
	now := s.now()
	if now.Sub(one.UsedAt) < usedEvery {
		return one, nil
	}
	// Whoever has the right token is let in, also while this cannot be written down.
	if s.write(ctx, func(t *tx) error {
		_, err := t.run(`UPDATE dovetail_token SET used_at = $1 WHERE id = $2`, micros(t.now), one.Number)
		return err
	}) == nil {
		one.UsedAt = now
	}
	return one, nil
}
