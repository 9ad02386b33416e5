package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/tui/safe"
)

const policyWords = "ask, local, server, latest, max, min, counter, set, list, keyed:NAME, text, fields, ignore, immutable"

func (a *app) schemaCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "schema",
		Short: "How the fields of a collection are joined and checked",
		Long: `A collection may have a JSON Schema (2020-12). It says what a record must keep to, and by x-merge how two edits of the
same field are joined. What a number is in, as in EUR, its x-unit says. Without a schema, a person is asked about every field that
both sides changed.`,
		Example: `  dovetail schema get deal
  dovetail schema set deal visits=counter tags=set notes=text`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return hint(misuse("schema is given as: dovetail schema get COLLECTION, or schema set COLLECTION …"), "see `dovetail schema --help`")
		},
	}
	get := &cobra.Command{
		Use:     "get COLLECTION",
		Short:   "Print the schema of a collection",
		Long:    "get prints the schema of a collection, so that `schema set` takes it back; nothing where it has none.",
		Example: "  dovetail schema get deal > deal.schema.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runSchemaGet(c.Context(), s, args[0]) })
		},
	}
	suggest := &cobra.Command{
		Use:   "suggest COLLECTION",
		Short: "Print a schema made of what an adopted table says of its rows",
		Long: `suggest prints a JSON Schema of an application's table that is adopted: types, NOT NULL, CHECK … IN, defaults, and foreign
keys as comments. A blob is {"$blob": its base64}. No row that is there breaks it: what one does is left out. Give it policies,
and to ` + "`schema set`" + `.`,
		Example: `  dovetail --db app.db schema suggest customer > customer.schema.json
  dovetail --db app.db schema set customer customer.schema.json notes=text`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runSchemaSuggest(c.Context(), s, args[0]) })
		},
	}
	c.AddCommand(get, a.schemaSetCommand(), a.schemaTryCommand(), suggest)
	return c
}

// schemaFlags say what a schema is to become beyond its file and its policies.
type schemaFlags struct {
	strategy, deletes string
	remove            bool
}

func (a *app) schemaSetCommand() *cobra.Command {
	var flags schemaFlags
	c := &cobra.Command{
		Use:   "set COLLECTION [FILE] [FIELD=POLICY …]",
		Short: "Say how the fields of a collection are joined, in a file or in a few words",
		Long: `set gives a collection a schema: the JSON Schema in FILE (- is standard input), else the one it has, with a policy for
each FIELD=POLICY. The policies are ` + policyWords + `.

From then on changes are joined and records are checked by it. The conflicts that wait are merged again; decisions that
still stand are kept.`,
		Example: `  dovetail schema set deal visits=counter tags=set notes=text products=keyed:sku
  dovetail schema set deal deal.schema.json
  dovetail schema set sensor --strategy last-write-wins`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error {
				return a.runSchemaSet(c.Context(), s, args[0], args[1:], flags)
			})
		},
	}
	c.Flags().StringVar(&flags.strategy, "strategy", "", "join whole changes by `NAME`: field-merge, last-write-wins or op-replay")
	c.Flags().StringVar(&flags.deletes, "delete", "", "of a deletion against an edit this `SIDE` wins: local or server; ask asks")
	c.Flags().BoolVar(&flags.remove, "remove", false, "take the schema away")
	return c
}

// schemaObject is what `schema --json` prints; Number is 0 where there is none.
type schemaObject struct {
	Collection string         `json:"collection"`
	Number     int64          `json:"number"`
	Schema     merge.Document `json:"schema,omitzero"`
}

func (a *app) runSchemaGet(ctx context.Context, s *store.Store, collection string) error {
	if err := merge.CheckCollection(collection); err != nil {
		return misuseError{err}
	}
	text, number, err := s.Schema(ctx, collection)
	switch {
	case err != nil:
		return err
	case a.json:
		return a.writeObject(schemaObject{collection, number, text})
	case text == nil:
		a.say("%s has no schema", collection)
		return nil
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return fmt.Errorf("print schema: %w", err)
	}
	return a.writeMerged(indented.Bytes(), "")
}

func (a *app) runSchemaSuggest(ctx context.Context, s *store.Store, collection string) error {
	text, leftOut, err := adopt.Suggest(ctx, s, collection)
	if errors.Is(err, adopt.ErrNotAdopted) {
		return hint(misuseError{err}, "`dovetail adopt APP.db TABLE` adopts one")
	}
	if err != nil {
		return err
	}
	for _, words := range leftOut {
		a.say("left out: %s", words)
	}
	if a.json {
		return a.writeObject(schemaObject{collection, 0, text})
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return fmt.Errorf("print schema: %w", err)
	}
	return a.writeMerged(append(indented.Bytes(), '\n'), "")
}

func (a *app) runSchemaSet(ctx context.Context, s *store.Store, collection string, words []string, flags schemaFlags) error {
	if err := merge.CheckCollection(collection); err != nil {
		return misuseError{err}
	}
	if err := a.onHub(ctx, s, "schemas come to it", "schema set "+collection+" …"); err != nil {
		return err
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	_, was, err := s.Schema(ctx, collection)
	if err != nil {
		return err
	}
	text, err := a.newSchema(ctx, s, collection, words, flags)
	if err != nil {
		return err
	}
	before, err := s.Counts(ctx, "")
	if err != nil {
		return err
	}
	number, err := s.ReplaceSchema(ctx, collection, was, text, person)
	if err != nil {
		return err
	}
	after, err := s.Counts(ctx, "")
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(schemaObject{collection, number, text})
	}
	if number == 0 {
		a.print("%s  no schema", collection)
	} else {
		a.print("%s  schema %d", collection, number)
	}
	if closed := before.Open + before.Snoozed - after.Open - after.Snoozed; closed > 0 {
		a.say("%s closed by it", count(closed, "conflict is", "conflicts are"))
	}
	return nil
}

// newSchema is what the words and flags make of a collection's schema; nil takes it away.
func (a *app) newSchema(ctx context.Context, s *store.Store, collection string, words []string, flags schemaFlags) (merge.Document, error) {
	nothing := len(words) == 0 && flags.strategy == "" && flags.deletes == ""
	switch {
	case flags.remove && nothing:
		return nil, nil
	case flags.remove:
		return nil, misuse("--remove takes the whole schema away and goes alone")
	case nothing:
		return nil, hint(misuse("nothing says what the schema becomes"), "name a file, or FIELD=POLICY: %s", policyWords)
	}
	text, words, err := a.startOfSchema(ctx, s, collection, words)
	if err == nil {
		err = a.checkFields(ctx, s, collection, words)
	}
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		field, policy, ok := cutLast(word, "=")
		if !ok || field == "" || policy == "" {
			return nil, hint(misuse("%q is no FIELD=POLICY", word), "the policies are %s", policyWords)
		}
		if text, err = schema.SetPolicy(text, field, policy); err != nil {
			return nil, hint(misuseError{fmt.Errorf("%s: %w", word, err)}, "the policies are %s", policyWords)
		}
	}
	for _, set := range []struct{ at, word string }{{"/x-merge-strategy", flags.strategy}, {"/x-merge-delete", flags.deletes}} {
		if set.word == "" {
			continue
		}
		value, ok := merge.StringValue(set.word)
		if !ok {
			return nil, misuse("%q is no word", set.word)
		}
		if text, err = merge.With(text, set.at, value); err != nil {
			return nil, misuseError{err}
		}
	}
	if _, err := schema.Parse(text); err != nil {
		return nil, misuseError{err}
	}
	return text, nil
}

// startOfSchema is the schema in the file that the first word names, if it is no FIELD=POLICY, else the one there is;
// and the words that are left.
func (a *app) startOfSchema(ctx context.Context, s *store.Store, collection string, words []string) (merge.Document, []string, error) {
	if len(words) == 0 || strings.Contains(words[0], "=") {
		text, _, err := s.Schema(ctx, collection)
		return text, words, err
	}
	name := words[0]
	in, err := a.source(name)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	raw, err := readUnmarked(in)
	if err != nil {
		return nil, nil, misuseError{err}
	}
	text, err := merge.Canonical(raw)
	if err == nil {
		_, err = schema.Parse(text)
	}
	if err != nil {
		return nil, nil, misuseError{fmt.Errorf("%s: %w", name, err)}
	}
	return text, words[1:], nil
}

// brokenRule gives a person who was refused by a schema what to do next.
func brokenRule(err error, collection string) error {
	var broken *merge.RuleError
	if !errors.As(err, &broken) {
		return err
	}
	return hint(misuseError{err}, "nothing was written; `dovetail schema get %s` tells the rules", safe.Text(collection))
}
