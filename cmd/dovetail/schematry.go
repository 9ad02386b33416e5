package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) schemaTryCommand() *cobra.Command {
	var flags schemaFlags
	c := &cobra.Command{
		Use:   "try COLLECTION [FILE] [FIELD=POLICY …]",
		Short: "Say what a policy would have decided, and would settle in the queue",
		Long: `try runs policies that are not set yet backwards over what people decided in a collection, and forwards over the conflicts
that wait in it. It writes nothing. It is given as ` + "`schema set`" + ` is.`,
		Example: `  dovetail schema try deal last_seen=server
  dovetail schema try deal deal.schema.json --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error {
				return a.runSchemaTry(c.Context(), s, args[0], args[1:], flags)
			})
		},
	}
	c.Flags().StringVar(&flags.strategy, "strategy", "", "join whole changes by `NAME`: field-merge, last-write-wins or op-replay")
	c.Flags().StringVar(&flags.deletes, "delete", "", "of a deletion against an edit this `SIDE` wins: local or server; ask asks")
	return c
}

// trialObject is what `schema try --json` prints.
type trialObject struct {
	Collection string `json:"collection"`
	merge.Trial
}

func (a *app) runSchemaTry(ctx context.Context, s *store.Store, collection string, words []string, flags schemaFlags) error {
	if err := merge.CheckCollection(collection); err != nil {
		return misuseError{err}
	}
	text, err := a.newSchema(ctx, s, collection, words, flags)
	if err != nil {
		return err
	}
	trial, err := s.TrySchema(ctx, collection, text)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(trialObject{collection, trial})
	}
	a.print("%s  %s", safe.Text(collection), safe.Text(strings.Join(words, " ")))
	a.print("decided so far: %s", trialWords(trial))
	for _, o := range trial.Differs {
		a.print("  %s  conflict %d  %s  %s took %s: %s, the rule: %s", safe.Text(o.Record.String()), o.Conflict,
			safe.Text(merge.PathLabel(o.Path)), personName(o.By), o.Choice, valueOrGone(o.Value), valueOrGone(o.Rule))
	}
	if more := trial.Different - int64(len(trial.Differs)); more > 0 {
		a.print("  %d more", more)
	}
	a.print("in the queue: %s", queueWords(trial))
	return nil
}

// trialWords say how the rule and the people get on.
func trialWords(t merge.Trial) string {
	total := t.Agrees + t.Different
	if total == 0 {
		return "nothing that the rule would have decided"
	}
	words := fmt.Sprintf("agrees with %d of %s", t.Agrees, count(total, "decision", "decisions"))
	switch {
	case t.Different == 1:
		words += "; differs in this one:"
	case t.Different > 1:
		words += fmt.Sprintf("; differs in these %d:", t.Different)
	}
	return words
}

func queueWords(t merge.Trial) string {
	words := fmt.Sprintf("would settle %d of %s", t.Settles, count(t.Waiting, "conflict", "conflicts"))
	if t.Eases > 0 {
		words += fmt.Sprintf(", and ask about fewer fields in %d more", t.Eases)
	}
	return words
}

func personName(by string) safe.Cell {
	if by == "" {
		return "somebody"
	}
	return safe.Text(by)
}

func valueOrGone(v merge.Value) safe.Cell {
	if v == merge.Absent {
		return "removed"
	}
	return safe.Value(v)
}
