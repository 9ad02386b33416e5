package main

import (
	"context"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// refersToServers reports whether a result still refers to a record as local did, where that one stands for another now.
func refersToServers(n *merge.Naming, result *merge.Document) bool {
	if n == nil || n.One || result == nil || *result == nil {
		return false
	}
	for path, value := range n.Set {
		if merge.Equal(merge.Lookup(*result, path), value) {
			return false
		}
	}
	return true
}

// dropDraft throws a person's draft on one conflict away.
func (d decider) dropDraft(ctx context.Context, args []string, flags resolveFlags) error {
	switch {
	case !d.choices.empty() || flags.where != "" || flags.dryRun || d.note != "":
		return misuse("--drop-draft goes alone")
	case len(args) == 0:
		return misuse("nothing says on which conflict the draft is")
	}
	c, err := openCase(ctx, d.on, args[0])
	if err != nil {
		return err
	}
	draft, err := d.on.Draft(ctx, c.Conflict.Number, d.person)
	if err != nil {
		return err
	}
	became := "your draft is thrown away"
	if draft.SavedAt.IsZero() {
		became = "no draft of yours"
	}
	if err := d.on.DiscardDraft(ctx, c.Conflict.Number, d.person); err != nil {
		return err
	}
	v := verdict{Conflict: c.Conflict.Number, Record: c.Conflict.Record, Undecided: c.Merge().Conflicts()}
	if d.json {
		return d.writeObject(v)
	}
	d.print("%s  conflict %d  %s", safe.Text(v.Record.String()), v.Conflict, became)
	return nil
}
