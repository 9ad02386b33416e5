package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

// maxCompletions is how many conflicts, or parked changes, a shell is offered.
const maxCompletions = 50

// completeConflict offers the numbers of open conflicts, with their records, to the shell. A database that cannot be
// opened offers nothing: an error has no place in a command line that is being typed.
func (a *app) completeConflict(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var offers []string
	err := a.withStore(c.Context(), func(s *store.Store) error {
		page, err := s.Conflicts(c.Context(), merge.Query{Limit: maxCompletions})
		for _, row := range page.Conflicts {
			offers = append(offers, strconv.FormatInt(row.Number, 10)+"\t"+string(safe.Text(row.Record.String())))
		}
		return err
	})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeParked offers the keys of parked changes, with their reasons.
func (a *app) completeParked(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	offers := []string{"all\teach that is parked"}
	silent := *a
	silent.in = nil // a shell that completes a line is no place to ask for a token
	err := silent.withTarget(c.Context(), func(s target) error {
		page, err := s.Parked(c.Context(), 0, maxCompletions)
		for _, p := range page {
			if key := string(safe.Text(p.Key)); key == p.Key { // another is no key any more once it is safe to print
				offers = append(offers, key+"\t"+string(safe.Text(p.Reason)))
			}
		}
		return err
	})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeWhere offers what --where may become, by the names of the filter and by what the queue holds.
func (a *app) completeWhere(c *cobra.Command) {
	const way = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	err := c.RegisterFlagCompletionFunc("where", func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var offers []string
		silent := *a
		silent.in = nil // a shell that completes a line is no place to ask for a token
		err := silent.withTarget(c.Context(), func(on target) error {
			all, err := merge.TypingFilter(typed).Complete(func(name, value string) ([]string, error) {
				return on.FilterValues(c.Context(), name, value, maxCompletions)
			})
			for _, offer := range all {
				if string(safe.Text(offer)) == offer { // another is no filter any more once it is safe to print
					offers = append(offers, offer)
				}
			}
			return err
		})
		if err != nil {
			return nil, way
		}
		return offers, way
	})
	if err != nil {
		panic(err) // the flag is not there: a mistake of ours, seen by every test
	}
}
