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
			return a.withTarget(c.Context(), func(d target) error { return a.runStatus(c.Context(), d) })
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

// standing is how a file stands, or how a hub elsewhere stood at the beginning.
func (d target) standing(ctx context.Context, person string) (store.Status, error) {
	if d.file != nil {
		return d.file.Status(ctx, person)
	}
	return store.Status{Info: store.Info{Path: d.hub.Address(), Role: d.told.Role, Generation: d.told.Generation},
		Counts: d.told.Counts, Last: d.told.Last, Lost: d.told.Lost}, nil
}

// status is standing with all that there is to see of it.
func (d target) status(ctx context.Context, person string) (statusObject, error) {
	if d.file != nil {
		return fileStatus(ctx, d.file, person)
	}
	status, err := d.standing(ctx, person)
	return statusObject{Status: status, Owed: d.told.Owed, Owes: d.told.Owes}, err
}

func fileStatus(ctx context.Context, s *store.Store, person string) (o statusObject, err error) {
	if o.Status, err = s.Status(ctx, person); err != nil {
		return o, err
	}
	if o.Origin != nil && o.Origin.Held > 0 {
		if _, o.Held, err = s.Unsettled(ctx, heldShown); err != nil {
			return o, err
		}
	}
	if o.Drift, err = adopt.Look(ctx, s); err != nil {
		return o, err
	}
	o.Owes, o.Owed, err = s.Owed(ctx, heldShown)
	return o, err
}

func (a *app) runStatus(ctx context.Context, d target) error {
	person, err := a.person()
	if err != nil {
		return err
	}
	status, err := d.status(ctx, person)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeObject(status)
	}
	a.print("%s  %s", pathText(status.Info.Path), safe.Text(status.Info.Role))
	if o := status.Origin; o != nil {
		a.print("of %s, as %s", pathText(o.Hub), safe.Text(o.Device))
		a.print("%s to send%s%s", count(o.Unanswered, "change", "changes"), heldWord(o.Held),
			waitingWord(status.Counts.Open+status.Counts.Snoozed))
		a.printHeld(status.Held, o.Held)
	}
	a.printOwed(status.Owed, status.Owes)
	a.print("%s, %d snoozed, %d resolved", count(status.Counts.Open, "open conflict", "open conflicts"),
		status.Counts.Snoozed, status.Counts.Resolved)
	if status.Counts.Drafts > 0 {
		a.print("%s of %s", count(status.Counts.Drafts, "draft", "drafts"), safe.Text(person))
	}
	if status.Counts.Parked > 0 && status.Origin == nil {
		a.print("%d parked", status.Counts.Parked)
	}
	if line := lastExchange(status.Status); line != "" {
		a.print("last %s: %s", status.Last.Kind, line)
	}
	a.printDrift(status.Drift)
	a.sayNext(status.Status)
	if status.Owes > 0 {
		a.say("such a row is tried again with every exchange: change what is in its way")
	}
	if d.file != nil {
		a.sayDrift(d.file, status.Drift)
	}
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
	return count(t.Changes(), "change", "changes") + tallyParts(t, decided, usualOutcomes) + lostWord(t, lost) + "; " +
		count(t.Records, "version", "versions") + " came in"
}

// lostWord ends what became of changes with those that are in no place.
func lostWord(t store.Tally, lost int64) string {
	if t.Changes() == 0 {
		return fmt.Sprintf(": %d lost", lost)
	}
	return fmt.Sprintf(", %d lost", lost)
}
