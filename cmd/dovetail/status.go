package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say how things stand, on one screen",
		Example: `  dovetail status
  dovetail status --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runStatus(c.Context(), s) })
		},
	}
}

func (a *app) runStatus(ctx context.Context, s *store.Store) error {
	person, err := a.person()
	if err != nil {
		return err
	}
	status, err := s.Status(ctx, person)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(status)
	}
	a.print("%s  %s", safe.Text(status.Info.Path), safe.Text(status.Info.Role))
	if o := status.Origin; o != nil {
		a.print("of %s, as %s", safe.Text(o.Hub), safe.Text(o.Device))
		a.print("%s to send%s", count(o.Unanswered, "change", "changes"), heldWord(o.Held))
	}
	a.print("%s, %d snoozed, %d resolved", count(status.Counts.Open, "open conflict", "open conflicts"),
		status.Counts.Snoozed, status.Counts.Resolved)
	if status.Counts.Drafts > 0 {
		a.print("%s of %s", count(status.Counts.Drafts, "draft", "drafts"), safe.Text(person))
	}
	if status.Counts.Parked > 0 {
		a.print("%d parked", status.Counts.Parked)
	}
	if line := lastExchange(status); line != "" {
		a.print("last %s: %s", status.Last.Kind, line)
	}
	if status.Counts.Parked > 0 {
		a.say("`%s` lists what is parked", a.command("doctor --parked"))
	}
	if status.Counts.Open > 0 {
		a.say("`%s` lists them, `%s` opens the queue", a.command("conflicts"), a.command("resolve"))
	}
	return nil
}

// heldWord tells of changes that the hub would not take; nothing where there are none.
func heldWord(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d that the hub would not take, kept here", n)
}

// lastExchange is one line over what came in last; empty where nothing has.
func lastExchange(status store.Status) string {
	if status.Last == nil {
		return ""
	}
	t := status.Last.Tally
	pulled := ""
	if status.Last.Kind == "sync" {
		pulled, t.Records = "; "+cameIn(t.Records), 0
	}
	separator := ", "
	if t.Changes() == 0 {
		separator = ": "
	}
	decided := max(0, t.Conflicts-status.Counts.Open-status.Counts.Snoozed)
	return tallyLine(t, decided) + separator + strconv.FormatInt(status.Lost, 10) + " lost" + pulled
}

// cameIn says how many versions a sync brought.
func cameIn(versions int64) string { return count(versions, "version", "versions") + " came in" }
