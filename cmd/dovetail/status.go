package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/adopt"
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

// heldShown is how many of the changes that the hub would not take are told with their reasons.
const heldShown = 10

// statusObject is what `status --json` prints.
type statusObject struct {
	store.Status
	Held  []store.Answer  `json:"held,omitempty"`  // the first of those that the hub would not take
	Owed  []store.Owed    `json:"owed,omitempty"`  // the first of the rows that the application's tables would not take
	Owes  int64           `json:"owes,omitzero"`   // how many those are
	Drift []adopt.Finding `json:"drift,omitempty"` // what became of adopted tables since they were adopted
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
	var held []store.Answer
	if status.Origin != nil && status.Origin.Held > 0 {
		if _, held, err = s.Unsettled(ctx, heldShown); err != nil {
			return err
		}
	}
	drift, err := adopt.Look(ctx, s)
	if err != nil {
		return err
	}
	owes, owed, err := s.Owed(ctx, heldShown)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(statusObject{Status: status, Held: held, Owed: owed, Owes: owes, Drift: drift})
	}
	a.print("%s  %s", safe.Text(status.Info.Path), safe.Text(status.Info.Role))
	if o := status.Origin; o != nil {
		a.print("of %s, as %s", safe.Text(o.Hub), safe.Text(o.Device))
		a.print("%s to send%s%s", count(o.Unanswered, "change", "changes"), heldWord(o.Held),
			waitingWord(status.Counts.Open+status.Counts.Snoozed))
		a.printHeld(held, o.Held)
	}
	a.printOwed(owed, owes)
	a.print("%s, %d snoozed, %d resolved", count(status.Counts.Open, "open conflict", "open conflicts"),
		status.Counts.Snoozed, status.Counts.Resolved)
	if status.Counts.Drafts > 0 {
		a.print("%s of %s", count(status.Counts.Drafts, "draft", "drafts"), safe.Text(person))
	}
	if status.Counts.Parked > 0 && status.Origin == nil {
		a.print("%d parked", status.Counts.Parked)
	}
	if line := lastExchange(status); line != "" {
		a.print("last %s: %s", status.Last.Kind, line)
	}
	a.printDrift(drift)
	a.sayNext(status)
	if owes > 0 {
		a.say("such a row is tried again with every exchange: change what is in its way")
	}
	a.sayDrift(s, drift)
	return nil
}

// sayNext says what there is to do.
func (a *app) sayNext(status store.Status) {
	if status.Counts.Parked > 0 && status.Origin == nil {
		a.say("`%s` lists what is parked", a.command("doctor --parked"))
	}
	if o := status.Origin; o != nil && o.Unanswered > 0 {
		a.say("`%s` sends what waits", a.command("sync"))
	}
	if o := status.Origin; o != nil && o.Held > 0 {
		a.say("what is held goes along when its record is changed again")
	}
	if status.Counts.Open > 0 {
		a.say("`%s` lists them, `%s` opens the queue", a.command("conflicts"), a.command("resolve"))
	}
}

// heldWord tells of changes that the hub would not take; nothing where there are none.
func heldWord(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d that the hub would not take, kept here", n)
}

// waitingWord tells of changes that are neither to be sent nor at the hub: a person decides about them first.
func waitingWord(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d in a conflict", n)
}

// printHeld tells of changes that the hub would not take why, and how many more there are.
func (a *app) printHeld(first []store.Answer, all int64) {
	rows := []row{}
	for _, answer := range first {
		rows = append(rows, row{"  " + safe.Text(answer.Record.String()), safe.Text(string(answer.Outcome)), safe.Text(answer.Error)})
	}
	a.printTable(rows)
	if more := all - int64(len(first)); more > 0 {
		a.print("  and %d more", more)
	}
}

// printOwed tells of rows that are not what their records are why, and how many more there are.
func (a *app) printOwed(first []store.Owed, all int64) {
	if all == 0 {
		return
	}
	a.print("%s not as the record: the application's table would not take it", count(all, "row is", "rows are"))
	rows := []row{}
	for _, o := range first {
		rows = append(rows, row{"  " + safe.Text(o.Record.String()), safe.Text(o.Reason)})
	}
	a.printTable(rows)
	if more := all - int64(len(first)); more > 0 {
		a.print("  and %d more", more)
	}
}

// lastExchange is one line over what came in last; empty where nothing has.
func lastExchange(status store.Status) string {
	if status.Last == nil {
		return ""
	}
	t := status.Last.Tally
	decided := max(0, t.Conflicts-status.Counts.Open-status.Counts.Snoozed)
	if status.Last.Kind == "sync" {
		return syncLine(t, decided, status.Lost)
	}
	return tallyLine(t, decided) + lostWord(t, status.Lost)
}

// syncLine is one line over an exchange: what became of the changes that were sent, and the versions that came in.
func syncLine(t store.Tally, decided, lost int64) string {
	return count(t.Changes(), "change", "changes") + tallyParts(t, decided) + lostWord(t, lost) + "; " +
		count(t.Records, "version", "versions") + " came in"
}

// lostWord ends what became of changes with those that are in no place.
func lostWord(t store.Tally, lost int64) string {
	if t.Changes() == 0 {
		return fmt.Sprintf(": %d lost", lost)
	}
	return fmt.Sprintf(", %d lost", lost)
}
