package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/store/replicate"
)

func (a *app) syncCommand() *cobra.Command {
	var hub string
	var watch bool
	every := watchEvery
	c := &cobra.Command{
		Use:   "sync",
		Short: "Send what was changed here to the hub, and bring what others did",
		Long: `sync sends the changes of a replica to its hub, in order, and takes in the hub's newer versions. What cannot be joined
waits as a conflict on both sides. A sync that fails is safe to repeat: what has no answer is sent again, and has one
effect. The exit code is 1 where a change needs a person, or the hub would not take it.`,
		Example: `  dovetail --db laptop.db sync
  dovetail --db laptop.db sync --hub /mnt/office/hub.db
  dovetail --db laptop.db sync --hub https://hub.example --watch`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if every <= 0 {
				return misuse("--every %s: it is more than nothing", every)
			}
			return a.withStore(c.Context(), func(s *store.Store) error {
				if !watch {
					return a.runSync(c.Context(), s, hub)
				}
				return a.watch(c.Context(), s, hub, every)
			})
		},
	}
	c.Flags().StringVar(&hub, "hub", "", "the hub is now at `HUB`, a file or a URL; it is the same one")
	c.Flags().BoolVar(&watch, "watch", false, "go on until you stop it")
	c.Flags().DurationVar(&every, "every", watchEvery, "with --watch: how long to wait in between")
	return c
}

func (a *app) runSync(ctx context.Context, s *store.Store, moved string) (err error) {
	origin, err := s.Origin(ctx)
	if errors.Is(err, store.ErrNotReplica) {
		return hint(misuse("%s is a hub: its replicas sync with it", a.database()), "`dovetail clone HUB FILE` makes one")
	}
	if err != nil {
		return err
	}
	at := origin.Hub
	if moved != "" {
		at = moved
	}
	hub, err := a.follow(ctx, at)
	if errors.Is(err, errNoHub) {
		err = hint(err, "if it was moved, `%s` says where it is now", a.command("sync --hub FILE"))
	}
	if err != nil {
		return notSent(err, 0, origin.Unanswered)
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	if err := hub.apart(s.Info().Path); err != nil {
		return err
	}
	report, err := replicate.Sync(ctx, s, hub, a.exchangeProgress())
	if err != nil {
		return a.syncFailed(ctx, s, a.explain(err, hub), report)
	}
	if hub.address != origin.Hub {
		if err := s.MoveOrigin(ctx, hub.address); err != nil {
			return err
		}
	}
	if err := a.printReport(ctx, s, report); err != nil {
		return err
	}
	if hub.file != nil {
		if err := a.sayBeside(ctx, s, hub.file); err != nil {
			return err
		}
	}
	if report.Conflicts+report.Parked+report.Refused > 0 {
		return errUndecided
	}
	return nil
}

// errNoHub is of a place where no hub is.
var errNoHub = errors.New("there is no hub")

// openHub opens the database that a replica follows.
func (a *app) openHub(ctx context.Context, path string) (*store.Store, error) {
	hub, err := store.Open(ctx, path, a.options())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misuse("%w at %s", errNoHub, path)
	}
	if err == nil && hub.Info().Replica() {
		err = errors.Join(hint(misuse("%s is a replica, not a hub", path), "`dovetail --db %s status` tells of which hub", shellWord(path)), hub.Close())
	}
	if err != nil {
		return nil, err
	}
	return hub, nil
}

// syncFailed says what a sync came to that did not end well.
func (a *app) syncFailed(ctx context.Context, s *store.Store, err error, report replicate.Report) error {
	origin, failed := s.Origin(context.WithoutCancel(ctx))
	if failed != nil {
		return errors.Join(err, failed)
	}
	if errors.Is(err, store.ErrOtherHub) {
		return hint(misuseError{notSent(err, report.Pushed, origin.Unanswered)},
			"`%s` names the right one where it was moved; to follow this one, clone it beside this file and import there what `%s` writes",
			a.command("sync --hub HUB"), a.command("export --pending"))
	}
	if errors.Is(err, store.ErrWentBack) {
		return hint(notSent(err, report.Pushed, origin.Unanswered),
			"keep this file; import at the hub what `%s` writes, the versions that it forgot, then what `%s` writes, "+
				"the changes that it has not taken, and clone it anew beside this file",
			a.command("export"), a.command("export --pending"))
	}
	return notSent(err, report.Pushed, origin.Unanswered)
}

// notSent tells of an error what became of the changes that were to be sent, if there were any.
func notSent(err error, sent, left int64) error {
	if sent+left == 0 {
		return err
	}
	told := fmt.Errorf("%w: %d sent, %d safe on this laptop", err, sent, left)
	var hinted hintedError
	if errors.As(err, &hinted) {
		return hint(told, "%s", hinted.hint)
	}
	return told
}

// syncObject is what `sync --json` prints.
type syncObject struct {
	replicate.Report
	Open   int64           `json:"open"`            // conflicts that wait here
	Owes   int64           `json:"owes"`            // rows that the application's tables would not take
	Drifts int             `json:"drifts"`          // how many findings drift has
	Drift  []adopt.Finding `json:"drift,omitempty"` // what became of adopted tables since they were adopted
}

func (a *app) printReport(ctx context.Context, s *store.Store, r replicate.Report) error {
	drift, err := adopt.Look(ctx, s)
	if err != nil {
		return err
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	status, err := s.Status(ctx, person)
	if err != nil {
		return err
	}
	if a.json {
		owes, _, err := s.Owed(ctx, 0)
		if err != nil {
			return err
		}
		return a.writeObject(syncObject{r, status.Counts.Open, owes, len(drift), drift})
	}
	a.print("%s", syncLine(r.Tally(), 0, status.Lost))
	if status.Origin != nil && status.Origin.Held > 0 {
		if err := a.sayHeld(ctx, s); err != nil {
			return err
		}
	}
	if err := a.sayOwed(ctx, s); err != nil {
		return err
	}
	a.sayWhatSyncFound(s, drift)
	if status.Counts.Open > 0 {
		return a.sayConflicts(ctx, s, status.Counts.Open)
	}
	return nil
}

// sayOwed names the records whose rows the application's tables would not take.
func (a *app) sayOwed(ctx context.Context, s *store.Store) error {
	all, first, err := s.Owed(ctx, namesShown)
	if err != nil || all == 0 {
		return err
	}
	keys := make([]merge.Key, len(first))
	for i, o := range first {
		keys[i] = o.Record
	}
	a.say("your tables would not take %s: %s; `%s` tells why", count(all, "row", "rows"), recordList(keys, all), a.command("status"))
	return nil
}

// namesShown is how many records an exchange names of those that need a look.
const namesShown = 5

// sayHeld names the records of the changes that the hub would not take.
func (a *app) sayHeld(ctx context.Context, s *store.Store) error {
	all, first, err := s.Unsettled(ctx, namesShown)
	if err != nil {
		return err
	}
	keys := make([]merge.Key, len(first))
	for i, answer := range first {
		keys[i] = answer.Record
	}
	a.say("the hub would not take %s: %s; `%s` tells why", count(all, "change", "changes"), recordList(keys, all), a.command("status"))
	return nil
}

// sayConflicts names the records of the conflicts that wait.
func (a *app) sayConflicts(ctx context.Context, s *store.Store, all int64) error {
	page, err := s.Conflicts(ctx, merge.Query{Limit: namesShown})
	if err != nil {
		return err
	}
	keys := make([]merge.Key, len(page.Conflicts))
	for i, c := range page.Conflicts {
		keys[i] = c.Record
	}
	a.say("%s: %s; `%s` lists them, `%s` opens the queue", count(all, "conflict needs you", "conflicts need you"),
		recordList(keys, all), a.command("conflicts"), a.command("resolve"))
	a.say("the hub has other numbers for conflicts: there, name one by its record")
	return nil
}

// exchangeProgress tells on a terminal how far an exchange is.
func (a *app) exchangeProgress() replicate.Progress {
	if !isTerminal(a.errw) {
		return nil
	}
	bar := a.bar()
	return func(stage replicate.Stage, done, total int64) { bar(string(stage), done, total) }
}
