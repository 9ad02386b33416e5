package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

// maxCompletions is how many conflicts a shell is offered.
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
