package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

const (
	secretPrefix = "dt_" // by which a token is found where it should not be
	secretBytes  = 32
)

func (a *app) tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Who may use a hub over HTTP",
		Long: `A token lets one person into a hub that is served. It says who they are, whatever their program says, and what they may
do: read, push (write records and send changes) and resolve (decide conflicts). The hub keeps only a hash of it.`,
		Example: `  dovetail token add ana
  dovetail token list
  dovetail token revoke ana`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return hint(misuse("token is given as: dovetail token add NAME, token list, or token revoke N"), "see `dovetail token --help`")
		},
	}
	list := &cobra.Command{
		Use:     "list",
		Short:   "List the tokens, with those that were revoked",
		Long:    "list tells of every token whose it is, what it may do, and when it was made, used last and revoked.",
		Example: "  dovetail token list\n  dovetail token list --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runTokenList(c.Context(), s) })
		},
	}
	revoke := &cobra.Command{
		Use:     "revoke N|NAME",
		Short:   "End a token for good, by its number or its person",
		Long:    "revoke ends a token for good: from the next request on, it lets nobody in.",
		Example: "  dovetail token revoke 3\n  dovetail token revoke ana",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runTokenRevoke(c.Context(), s, args[0]) })
		},
		ValidArgsFunction: a.completeToken,
	}
	c.AddCommand(a.tokenAddCommand(), list, revoke)
	return c
}

func (a *app) tokenAddCommand() *cobra.Command {
	var scopes []string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a token for a person, and print it this once",
		Long: `add makes a token and prints it. It is not to be seen again: give it to the person, who puts it into DOVETAIL_TOKEN or
is asked for it. The token names the person: what is written with it is by NAME.`,
		Example: `  dovetail token add ana
  dovetail token add --scope read,push ana
  DOVETAIL_TOKEN=$(dovetail token add ci) ./nightly.sh`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runTokenAdd(c.Context(), s, args[0], scopes) })
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().StringSliceVar(&scopes, "scope", scopeNames(store.Scopes), "what it lets its bearer do: a `LIST` of read, push, resolve")
	if err := c.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(scopeNames(store.Scopes), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	return c
}

func scopeNames(scopes []store.Scope) []string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = string(scope)
	}
	return names
}

func (a *app) runTokenAdd(ctx context.Context, s *store.Store, person string, names []string) error {
	if err := a.onHub(ctx, s, "tokens are given out", "token add NAME"); err != nil {
		return err
	}
	if person == "" {
		return misuse("the name is empty")
	}
	if err := checkPerson(person); err != nil {
		return err
	}
	var scopes []store.Scope
	for _, name := range names {
		if !slices.Contains(store.Scopes, store.Scope(name)) {
			return misuse("--scope %s: it is of %s", name, strings.Join(scopeNames(store.Scopes), ", "))
		}
		scopes = append(scopes, store.Scope(name))
	}
	if len(scopes) == 0 {
		return misuse("--scope: the token would let nobody do anything")
	}
	secret, err := newSecret(rand.Reader)
	if err != nil {
		return err
	}
	made, err := s.AddToken(ctx, person, scopes, secret)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(struct {
			store.Token
			Secret string `json:"secret"`
		}{made, secret})
	}
	a.say("token %d of %s may %s; it is shown this once:", made.Number, person, scopeList(made.Scopes))
	a.print("%s", secret)
	return nil
}

// newSecret makes what the bearer of a token says.
func newSecret(random io.Reader) (string, error) {
	var secret [secretBytes]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return secretPrefix + base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// scopeList names scopes in a sentence.
func scopeList(scopes []store.Scope) string {
	names := scopeNames(scopes)
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (a *app) runTokenList(ctx context.Context, s *store.Store) error {
	if err := a.onHub(ctx, s, "tokens are given out", "token list"); err != nil {
		return err
	}
	tokens, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(tokens))
	for _, t := range tokens {
		if a.json {
			if err := a.writeObject(t); err != nil {
				return err
			}
			continue
		}
		used := "never used"
		if !t.UsedAt.IsZero() {
			used = "used " + moment(t.UsedAt)
		}
		if !t.RevokedAt.IsZero() {
			used = "revoked " + moment(t.RevokedAt)
		}
		rows = append(rows, row{safe.Cell(strconv.FormatInt(t.Number, 10)), safe.Text(t.Person),
			safe.Cell(strings.Join(scopeNames(t.Scopes), ",")), safe.Cell("made " + moment(t.CreatedAt)), safe.Cell(used)})
	}
	a.printTable(rows)
	if len(tokens) == 0 {
		a.say("there is no token; `%s` makes one", a.command("token add NAME"))
	}
	return nil
}

func (a *app) runTokenRevoke(ctx context.Context, s *store.Store, name string) error {
	if err := a.onHub(ctx, s, "tokens are given out", "token revoke "+name); err != nil {
		return err
	}
	number, err := a.tokenNumber(ctx, s, name)
	if err != nil {
		return err
	}
	err = s.RevokeToken(ctx, number)
	if errors.Is(err, merge.ErrNotFound) {
		return hint(misuse("there is no token %d", number), "`%s` lists them", a.command("token list"))
	}
	if err != nil {
		return err
	}
	all, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		switch {
		case t.Number != number:
		case a.json:
			return a.writeObject(t)
		default:
			a.say("token %d of %s lets nobody in any more", t.Number, t.Person)
		}
	}
	return nil
}

// tokenNumber finds a token by its number, or by its person where they have one that lets them in.
func (a *app) tokenNumber(ctx context.Context, s *store.Store, name string) (int64, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return n, nil
	}
	live, err := liveTokens(ctx, s)
	if err != nil {
		return 0, err
	}
	var numbers []int64
	for _, t := range live {
		if t.Person == name {
			numbers = append(numbers, t.Number)
		}
	}
	switch len(numbers) {
	case 0:
		return 0, hint(misuse("%s has no token that lets them in", name), "`%s` lists all", a.command("token list"))
	case 1:
		return numbers[0], nil
	}
	return 0, hint(misuse("%s has %d tokens", name, len(numbers)), "name one by its number: %s", joinNumbers(numbers))
}

// completeToken offers the numbers of the tokens that let somebody in, with their persons.
func (a *app) completeToken(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if len(args) > 0 {
		return nil, directive
	}
	var offers []string
	err := a.withStore(c.Context(), func(s *store.Store) error {
		live, err := liveTokens(c.Context(), s)
		for _, t := range live {
			offers = append(offers, strconv.FormatInt(t.Number, 10)+"\t"+string(safe.Text(t.Person)))
		}
		return err
	})
	if err != nil {
		return nil, directive
	}
	return offers, directive
}
