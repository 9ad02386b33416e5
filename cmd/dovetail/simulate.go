package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"dovetail/fixtures"
	"dovetail/fixtures/simulation"
	"dovetail/merge"
)

// noVersions is what applications do that write whatever comes; it is no strategy of dovetail's.
const noVersions = "no-versions"

// strategyNames are what `simulate --strategy` takes, in the order in which they are shown.
var strategyNames = []string{noVersions, merge.LastWriteWins.String(), merge.FieldMerge.String(), merge.OpReplay.String()}

// maxSimulated bounds what a simulation holds in memory: devices, records and edits.
const maxSimulated = 10_000_000

type simulateFlags struct {
	fixtures.Outages
	edits    int
	strategy string
}

func (a *app) simulateCommand() *cobra.Command {
	var flags simulateFlags
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Play devices, outages and edits at random, and count what each strategy loses",
		Long: `simulate has people edit the same records on devices that lose the line again and again, under each strategy, and then
looks for every single edit: an edit is lost silently where it is nowhere any more and nobody who overwrote it had seen
it. no-versions is what happens without dovetail, in an application that writes whatever comes last. The others run on
databases that are made for the occasion and removed afterwards.

The same --seed and flags print the same.`,
		Example: `  dovetail simulate
  dovetail simulate --devices 5 --records 40 --edits 2000 --offline 4h
  dovetail simulate --strategy field-merge,op-replay --edits 1000000 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			chosen, err := flags.check()
			if err != nil {
				return err
			}
			return a.simulate(c.Context(), flags, chosen)
		},
	}
	c.Flags().IntVar(&flags.Devices, "devices", 50, "how many devices, `N`, with one person each")
	c.Flags().IntVar(&flags.Records, "records", 0, "how many records, `N` (default 100 for each device)")
	c.Flags().IntVar(&flags.edits, "edits", 100_000, "how many edits, `N`, under each strategy")
	c.Flags().DurationVar(&flags.Offline, "offline", 40*time.Minute, "how `LONG` an outage lasts, in the mean: 40m, 4h; 0: none ever")
	c.Flags().DurationVar(&flags.Online, "online", 20*time.Minute, "how `LONG` the line holds, in the mean")
	c.Flags().StringVar(&flags.strategy, "strategy", "all", "the `NAMES` of strategies: all, or of "+strings.Join(strategyNames, ", "))
	c.Flags().Uint64Var(&flags.Seed, "seed", 1, "`NUMBER` that chooses what happens")
	offers := append([]string{"all"}, strategyNames...)
	if err := c.RegisterFlagCompletionFunc("strategy", cobra.FixedCompletions(offers, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is ours
	}
	return c
}

// check refuses what cannot be played, fills in what depends on other flags, and returns the strategies by their names.
func (f *simulateFlags) check() ([]string, error) {
	if f.Records == 0 {
		f.Records = min(100*max(f.Devices, 0), maxSimulated)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"devices", f.Devices}, {"records", f.Records}, {"edits", f.edits}} {
		if n.value < 1 || n.value > maxSimulated {
			return nil, misuse("--%s is from 1 to %d", n.name, maxSimulated)
		}
	}
	if f.Offline < 0 || f.Offline > 0 && f.Offline < time.Minute {
		return nil, misuse("--offline is a minute or more, or 0")
	}
	if f.Online < time.Minute {
		return nil, misuse("--online is a minute or more")
	}
	if f.strategy == "all" {
		return strategyNames, nil
	}
	chosen := strings.Split(f.strategy, ",")
	for _, name := range chosen {
		if !slices.Contains(strategyNames, name) {
			return nil, misuse("--strategy %s: it is all, or of %s, with commas between", f.strategy, strings.Join(strategyNames, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(strategyNames), func(name string) bool { return !slices.Contains(chosen, name) }), nil
}

// simulated is what one strategy came to, as `simulate --json` prints it.
type simulated struct {
	Strategy string `json:"strategy"`
	Seed     uint64 `json:"seed"`
	Devices  int    `json:"devices"`
	Records  int    `json:"records"`
	simulation.Report
}

// simulate runs all strategies at once: none knows of another, and each waits for its disk now and then.
func (a *app) simulate(ctx context.Context, flags simulateFlags, chosen []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tell := a.progressOfMany("edits", int64(len(chosen)*flags.edits))
	all := make([]simulated, len(chosen))
	errs := make([]error, len(chosen))
	var running sync.WaitGroup
	for i, name := range chosen {
		running.Go(func() {
			all[i] = simulated{Strategy: name, Seed: flags.Seed, Devices: flags.Devices, Records: flags.Records}
			all[i].Report, errs[i] = simulateOne(ctx, name, simulation.Options{Outages: flags.Outages, Edits: flags.edits, Progress: tell})
			if errs[i] != nil {
				cancel()
			}
		})
	}
	running.Wait()
	if err := firstCause(errs); err != nil {
		return err
	}
	if a.json {
		for _, one := range all {
			if err := a.writeObject(one); err != nil {
				return err
			}
		}
		return nil
	}
	a.printWrapped("", "", fmt.Sprintf("%s on %s at once, in %s; seed %d", count(int64(flags.edits), "edit", "edits"),
		count(int64(flags.Devices), "device", "devices"), count(int64(flags.Records), "record", "records"), flags.Seed), a.width())
	a.print("")
	a.printSimulated(all)
	return nil
}

// firstCause is the error that had the others broken off.
func firstCause(errs []error) error {
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || exitCode(first) == exitInterrupted) {
			first = err
		}
	}
	return first
}

// progressOfMany is progress for works that run at once and count one by one; nil where nobody looks.
func (a *app) progressOfMany(what string, total int64) func(int) {
	tell := a.progress(what)
	if tell == nil {
		return nil
	}
	const every = 256 // more often nobody sees it
	var done atomic.Int64
	var turn sync.Mutex
	return func(int) {
		n := done.Add(1)
		if n%every != 0 && n != total {
			return
		}
		turn.Lock()
		defer turn.Unlock()
		tell(n, total)
	}
}

// simulateOne plays one strategy, on a database of its own.
func simulateOne(ctx context.Context, name string, options simulation.Options) (simulation.Report, error) {
	if name == noVersions {
		return simulation.Run(ctx, simulation.NewOverwriting(), options)
	}
	var strategy merge.Strategy
	if err := strategy.UnmarshalText([]byte(name)); err != nil {
		return simulation.Report{}, err
	}
	options.Strategy = strategy
	hub, err := newSimulatedHub(ctx, strategy)
	if err != nil {
		return simulation.Report{}, fmt.Errorf("simulate %s: %w", name, err)
	}
	report, err := simulation.Run(ctx, hub, options)
	if e := hub.close(); err == nil {
		err = e
	}
	if err != nil {
		return report, fmt.Errorf("simulate %s: %w", name, err)
	}
	return report, nil
}
