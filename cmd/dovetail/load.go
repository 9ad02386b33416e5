package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"dovetail/fixtures"
	"dovetail/store"
)

func (a *app) loadCommand() *cobra.Command {
	var load fixtures.Load
	var keep string
	c := &cobra.Command{
		Use:   "load --keep FILE",
		Short: "Make a database of many records that changed on both sides",
		Long: `load makes the load that speed is measured on: records of 20 fields, 3 changed on each side, one record in so many with
a conflict. The same seed makes the same records.`,
		Example: `  dovetail play load --keep load.db
  dovetail play load --records 100000 --seed 42 --conflict-every 10 --keep load.db`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if keep == "" {
				return misuse("--keep FILE says where the database goes")
			}
			if load.Records < 0 || load.ConflictEvery < 0 {
				return misuse("--records and --conflict-every are 0 or more")
			}
			return a.makeLoad(c.Context(), load, keep)
		},
	}
	c.Flags().IntVar(&load.Records, "records", 1000, "how many records, `N`")
	c.Flags().Uint64Var(&load.Seed, "seed", 42, "`NUMBER` that chooses the values")
	c.Flags().IntVar(&load.ConflictEvery, "conflict-every", 10, "one record in `K` has a conflict; 0 is none")
	c.Flags().StringVar(&keep, "keep", "", "the database `FILE`, which must not exist")
	return c
}

func (a *app) makeLoad(ctx context.Context, load fixtures.Load, path string) (err error) {
	s, err := createPlayground(ctx, path, store.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil && e != nil {
			err = e
		}
	}()
	a.say("making %s with seed %d", count(int64(load.Records), "record", "records"), load.Seed)
	in, out := io.Pipe()
	defer in.Close()
	go func() { out.CloseWithError(load.Lines(out)) }()
	tally, err := s.Import(ctx, in, store.ImportOptions{Progress: a.progress("load")}, func(store.Answer) error { return nil })
	if err != nil {
		return err
	}
	a.say("%s: %s", path, tallyLine(tally, 0))
	return nil
}
