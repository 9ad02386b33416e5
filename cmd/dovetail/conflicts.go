package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/tui"
	"dovetail/tui/safe"
)

// pageSize is how many rows are asked for at once where a command goes through the whole queue.
const pageSize = 500

type conflictsFlags struct {
	where  string
	limit  int
	after  int64
	group  bool
	newest bool
}

func (a *app) conflictsCommand() *cobra.Command {
	var flags conflictsFlags
	c := &cobra.Command{
		Use:   "conflicts",
		Short: "List the conflicts that wait for a person",
		Long: `conflicts lists the open conflicts, oldest first. --where chooses among all of them by the words
collection, field, kind, by, device, state, record and claimed (by whom), by age, and by any word in the record's name:

  --where 'collection:deal field:status kind:edit-delete by:ana device:ana-7 age>2d state:open'`,
		Example: `  dovetail conflicts --where 'field:status age>2d'
  dovetail conflicts --json --limit 50 --after 107
  dovetail conflicts --group`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runConflicts(c.Context(), d, flags) })
		},
	}
	c.Flags().StringVar(&flags.where, "where", "", "only those that `FILTER` chooses")
	c.Flags().IntVar(&flags.limit, "limit", 0, "`N` at most; 0 is all")
	c.Flags().Int64Var(&flags.after, "after", 0, "begin after the conflict with this `NUMBER`")
	a.completeWhere(c)
	c.Flags().BoolVar(&flags.newest, "newest", false, "begin with the newest")
	c.Flags().BoolVar(&flags.group, "group", false, "count them by collection, fields, kind and author")
	return c
}

func (a *app) runConflicts(ctx context.Context, d target, flags conflictsFlags) error {
	if flags.limit < 0 {
		return misuse("--limit %d: it is 0 or more", flags.limit)
	}
	query, err := a.query(flags.where)
	if err != nil {
		return err
	}
	query.Newest = flags.newest
	if flags.after != 0 {
		if query.From, err = cursorAfter(ctx, d, flags.after); err != nil {
			return err
		}
	}
	return a.buffered(func() error {
		if flags.group {
			return a.printGroups(ctx, d, query)
		}
		found := false
		err := eachPage(ctx, d, query, flags.limit, func(conflicts []merge.Conflict) error {
			found = true
			return a.printConflicts(conflicts)
		})
		if err != nil || found || flags.where != "" || flags.after != 0 {
			return err
		}
		return a.sayNoneOpen(ctx, d, query.Person)
	})
}

// sayNoneOpen says where the queue is empty what else there is.
func (a *app) sayNoneOpen(ctx context.Context, d target, person string) error {
	counts, err := d.Counts(ctx, person)
	if err != nil {
		return err
	}
	if counts.Snoozed == 0 {
		a.say("nothing waits for a person")
		return nil
	}
	a.say("none is open, and %s: `%s`", count(counts.Snoozed, "is snoozed", "are snoozed"), a.command("conflicts --where state:snoozed"))
	return nil
}

// cursorAfter is the place in the queue behind a conflict, whatever state that is in by now.
func cursorAfter(ctx context.Context, d target, number int64) (merge.Cursor, error) {
	c, err := d.Case(ctx, number)
	if err != nil {
		return "", fmt.Errorf("--after %d: %w", number, err)
	}
	query := merge.Query{Limit: 1, Filter: merge.Filter{Terms: []merge.Term{
		{Name: "record", Op: ':', Value: c.Conflict.Record.String()},
		{Name: "state", Op: ':', Value: merge.Open.String()},
		{Name: "state", Op: ':', Value: merge.Snoozed.String()},
		{Name: "state", Op: ':', Value: merge.Resolved.String()},
	}}}
	for {
		page, err := d.Conflicts(ctx, query)
		if err != nil {
			return "", err
		}
		if len(page.Conflicts) == 0 {
			return "", fmt.Errorf("--after %d: %w", number, merge.ErrNotFound)
		}
		if page.Conflicts[0].Number == number {
			return page.Last, nil
		}
		query.From = page.Last
	}
}

// query reads a filter, for the person who acts.
func (a *app) query(where string) (merge.Query, error) {
	filter, err := merge.ParseFilter(where)
	if err != nil {
		return merge.Query{}, misuseError{fmt.Errorf("--where: %w", err)}
	}
	person, err := a.person()
	return merge.Query{Filter: filter, Person: person}, err
}

// eachPage goes through the queue a page at a time, up to limit rows; 0 is all of them.
func eachPage(ctx context.Context, queue tui.Queue, query merge.Query, limit int, page func([]merge.Conflict) error) error {
	left := limit
	for {
		query.Limit = pageSize
		if limit > 0 {
			query.Limit = min(pageSize, left)
		}
		p, err := queue.Conflicts(ctx, query)
		if err != nil {
			return err
		}
		if len(p.Conflicts) == 0 {
			return nil
		}
		if err := page(p.Conflicts); err != nil {
			return err
		}
		left -= len(p.Conflicts)
		if !p.After || limit > 0 && left <= 0 {
			return nil
		}
		query.From = p.Last
	}
}

func (a *app) printConflicts(conflicts []merge.Conflict) error {
	if a.json {
		for _, c := range conflicts {
			if err := a.writeObject(c); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([]row, 0, len(conflicts))
	for _, c := range conflicts {
		rows = append(rows, row{
			safe.Text(strconv.FormatInt(c.Number, 10)),
			safe.Text(c.Record.String()),
			safe.Text(c.Kind.String()),
			safe.Cell(fieldList(c.Fields)),
			"local " + who(c.LocalBy, c.Device),
			"server " + who(c.ServerBy, ""),
			safe.Text(moment(c.OpenedAt)),
			safe.Text(conflictNotes(c)),
		})
	}
	a.printTable(rows)
	if i := slices.IndexFunc(conflicts, func(c merge.Conflict) bool { return len(c.Fields) == 0 && c.State != merge.Resolved }); i >= 0 {
		number := strconv.FormatInt(conflicts[i].Number, 10)
		a.say("`%s` tells why one waits with nothing left to decide, and what to do", a.command("show "+number))
	}
	return nil
}

// nothingToDecide is of a conflict in which no field is undecided: a table of an application refused it, or the rules have
// changed since.
const nothingToDecide = "nothing left to decide"

func conflictNotes(c merge.Conflict) string {
	var notes []string
	if len(c.Fields) == 0 && c.State != merge.Resolved {
		notes = append(notes, nothingToDecide)
	}
	if c.State != merge.Open {
		notes = append(notes, c.State.String())
	}
	if c.ClaimedBy != "" {
		notes = append(notes, claimedWord(c))
	}
	if c.Draft != nil && c.State != merge.Resolved {
		notes = append(notes, fmt.Sprintf("draft %d of %d", c.Draft.Decided, len(c.Fields)))
		if c.Draft.Stale {
			notes = append(notes, "moved")
		}
	}
	return strings.Join(notes, ", ")
}

// claimedWord says who is at a conflict.
func claimedWord(c merge.Conflict) string {
	return fmt.Sprintf("%s is at it until %s", c.ClaimedBy, moment(c.ClaimedUntil))
}

func (a *app) printGroups(ctx context.Context, queue tui.Queue, query merge.Query) error {
	groups, err := queue.Groups(ctx, query)
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(groups))
	for _, g := range groups {
		if a.json {
			if err := a.writeObject(g); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, row{safe.Text(strconv.FormatInt(g.Count, 10)),
			safe.Text(g.Collection) + " · " + safe.Cell(cmp.Or(fieldList(g.Fields), nothingToDecide)) + " · " + safe.Text(g.Kind.String()) + " · " + who(g.LocalBy, g.Device)})
	}
	a.printTable(rows)
	return nil
}
