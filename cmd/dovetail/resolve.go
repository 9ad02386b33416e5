package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

// resolveFlags are the flags of `resolve`.
type resolveFlags struct {
	take, set, unset []string
	expect           int64
	expected         *int64
	note, where      string
	keepBoth         string
	dryRun, yes      bool
	dropDraft        bool
}

func (a *app) resolveCommand() *cobra.Command {
	var flags resolveFlags
	c := &cobra.Command{
		Use:   "resolve [CONFLICT]",
		Short: "Decide a conflict, here or on the screen",
		Long: `resolve opens a conflict, named by its number or by its record, on the terminal; without one, the queue. With --take,
--set or --unset it decides without a screen, and writes when nothing is left undecided. A partial choice is saved as
your draft, and the exit code is 1.

With --where it decides many at once: it shows what would be written, and writes with --yes. A deletion against an edit
is left alone there unless the filter names its kind.

Where both sides created a record of the same name, --keep-both keeps the server's and gives local's an ID of its own.

--drop-draft throws your draft on a conflict away.`,
		Example: `  dovetail resolve 7
  dovetail resolve 7 --take status=local --set amount=50000 --expect-version 4
  dovetail resolve 8 --keep-both D-1043
  dovetail resolve --where 'field:status by:ana' --take local --yes`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: a.completeConflict,
		RunE: func(c *cobra.Command, args []string) error {
			args, err := keepBothArgs(args, &flags)
			if err != nil {
				return err
			}
			flags.expected = expectation(c, flags.expect)
			return a.withTarget(c.Context(), func(d target) error { return a.runResolve(c.Context(), d, args, flags) })
		},
	}
	c.Flags().StringArrayVar(&flags.take, "take", nil, "take `SIDE` (local, server, base) for all that is undecided, or FIELD=SIDE")
	c.Flags().StringArrayVar(&flags.set, "set", nil, "give a field a value: `FIELD=VALUE`, or FIELD:=JSON")
	c.Flags().StringArrayVar(&flags.unset, "unset", nil, "remove `FIELD`")
	c.Flags().Int64Var(&flags.expect, "expect-version", 0, "write only if the server's record is at version `N`")
	c.Flags().StringVar(&flags.note, "note", "", "`TEXT` to keep with the resolution")
	c.Flags().StringVar(&flags.keepBoth, "keep-both", "", "where both created it: keep local's as `ID`, without one under a free one")
	c.Flags().Lookup("keep-both").NoOptDefVal = freeName
	c.Flags().BoolVar(&flags.dropDraft, "drop-draft", false, "throw away what you decided and did not write")
	c.Flags().BoolVarP(&flags.dryRun, "dry-run", "n", false, "say what would be written, and write nothing")
	c.Flags().StringVar(&flags.where, "where", "", "decide all that `FILTER` chooses")
	a.completeWhere(c)
	c.Flags().BoolVar(&flags.yes, "yes", false, "with --where: write")
	return c
}

func (a *app) runResolve(ctx context.Context, on target, args []string, flags resolveFlags) error {
	picked, err := parseChoices(flags.take, flags.set, flags.unset)
	if err == nil {
		picked, err = picked.withBoth(flags)
	}
	if err != nil {
		return err
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	d := decider{app: a, on: on, person: person, choices: picked, note: flags.note, expected: flags.expected, dryRun: flags.dryRun}
	headless := !picked.empty() || flags.dryRun || a.json
	switch {
	case flags.dropDraft:
		return d.dropDraft(ctx, args, flags)
	case flags.where != "" && len(args) == 0:
		return d.many(ctx, flags.where, flags.yes)
	case flags.where != "":
		return misuse("a conflict and --where: one of them")
	case flags.yes:
		return misuse("--yes goes with --where")
	case headless && len(args) == 0:
		return hint(misuse("nothing says which conflict to decide"), "name one, or choose many by --where FILTER")
	case headless:
		return d.one(ctx, args[0])
	case len(args) == 0:
		return a.openScreens(ctx, on, 0)
	}
	c, err := openCase(ctx, on, args[0])
	if err != nil {
		return err
	}
	return a.openScreens(ctx, on, c.Conflict.Number)
}

// decider decides conflicts without a screen.
type decider struct {
	*app
	on       target
	person   string
	choices  choices
	note     string
	expected *int64
	dryRun   bool
	bulk     bool // named fields count only where they are in conflict
}

// verdict is what became of one conflict, as `resolve --json` prints it.
type verdict struct {
	Conflict   int64           `json:"conflict"`
	Record     merge.Key       `json:"record"`
	Version    int64           `json:"version,omitzero"`
	Resolution int64           `json:"resolution,omitzero"`
	Result     *merge.Document `json:"result,omitempty"`
	Pending    bool            `json:"pending,omitempty"`
	Undecided  []string        `json:"undecided,omitempty"` // what is left; then nothing was written
	Skipped    string          `json:"skipped,omitempty"`   // why nothing was tried
	Error      string          `json:"error,omitempty"`     // why nothing was written
	KeptAs     string          `json:"kept_as,omitempty"`   // the record that local's becomes
	// FromDraft is what was decided before, by field.
	FromDraft map[string]merge.Choice `json:"from_draft,omitempty"`

	nothing bool // was to be decided
	before  merge.Document
	rules   *merge.Rules
}

func (d decider) one(ctx context.Context, name string) error {
	c, err := openCase(ctx, d.on, name)
	if err != nil {
		return err
	}
	v, err := d.decide(ctx, c)
	if err != nil {
		return err
	}
	if err := d.show(v); err != nil {
		return err
	}
	if refersToServers(c.Naming, v.Result) {
		d.say("like this it refers to the server's %s, which is another one than local's", c.Naming.Record)
	}
	if len(v.Undecided) == 0 {
		return nil
	}
	if !d.dryRun {
		d.say("your draft is saved; `%s` goes on", d.command("resolve "+strconv.FormatInt(v.Conflict, 10)))
	}
	return errUndecided
}

// decide adds the choices to the person's draft and writes the resolution if that leaves nothing undecided. The draft
// is saved first: it is what is left if the record moves at this moment, and what an undo brings back.
func (d decider) decide(ctx context.Context, c merge.Case) (verdict, error) {
	v := verdict{Conflict: c.Conflict.Number, Record: c.Conflict.Record, before: c.Sides.Server, rules: c.Rules}
	if err := d.checkExpected(c.Conflict.Record, c.Conflict.ServerVersion, d.expected); err != nil {
		return v, err
	}
	if c.Conflict.State == merge.Resolved {
		return v, hint(fmt.Errorf("conflict %d: %w", v.Conflict, merge.ErrClosed), "`dovetail log %s` tells by whom", v.Record)
	}
	if by := c.Conflict.ClaimedBy; by != "" && by != d.person {
		d.say("conflict %d: %s", v.Conflict, safe.Text(claimedWord(c.Conflict)))
	}
	draft, r, err := d.draft(ctx, c)
	if err != nil {
		return v, err
	}
	if v.FromDraft, err = d.add(ctx, &draft, r, c); err != nil {
		return v, err
	}
	v.Undecided = r.Undecided(draft.Decisions)
	var result merge.Document
	if len(v.Undecided) == 0 {
		if result, err = r.Apply(draft.Decisions); err != nil {
			return v, misuseError{err}
		}
		v.Result = &result
		if as := draft.Decisions.Both(); as != "" {
			v.KeptAs = merge.Key{Collection: v.Record.Collection, ID: as}.String()
		}
	}
	if d.dryRun {
		if v.Pending = d.on.replica(); v.Result != nil && !v.Pending {
			v.Version = c.Conflict.ServerVersion + 1
		}
		return v, nil
	}
	if err := d.on.SaveDraft(ctx, draft); err != nil {
		return v, err
	}
	if v.Result == nil {
		return v, nil
	}
	written, err := d.on.Resolve(ctx, merge.Writing{
		Conflict: v.Conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: draft.Decisions, Result: result, Note: draft.Note, Person: d.person,
	})
	if errors.Is(err, merge.ErrStale) {
		return v, hint(err, "nothing was written, your draft is kept; `%s` shows it as it is now",
			d.command("show "+strconv.FormatInt(v.Conflict, 10)))
	}
	if isRefusedRow(err) {
		return v, hint(err, "nothing was written, your draft is kept; --take FIELD=SIDE and --set FIELD=VALUE change it, `%s` throws it away",
			d.command("resolve "+strconv.FormatInt(v.Conflict, 10)+" --drop-draft"))
	}
	v.Version, v.Resolution, v.Result, v.Pending = written.Version, written.Resolution, &written.Result, written.Pending
	v.nothing = len(r.Conflicts()) == 0 && len(draft.Decisions) == 0
	return v, notKeptTwice(err)
}

// isRefusedRow reports whether an application's table does not take a row as it was decided.
func isRefusedRow(err error) bool {
	return errors.As(err, new(*store.ConstraintError))
}

// draft is the person's draft on the merge as it is now.
func (d decider) draft(ctx context.Context, c merge.Case) (merge.Draft, merge.Result, error) {
	r := c.Merge()
	draft, err := d.on.Draft(ctx, c.Conflict.Number, d.person)
	if err != nil {
		return draft, r, err
	}
	draft.Rebase(r, c.Conflict.Revision, c.Conflict.ServerVersion)
	return draft, r, nil
}

// add adds the choices to a draft and returns what of it they left alone.
func (d decider) add(ctx context.Context, draft *merge.Draft, r merge.Result, c merge.Case) (map[string]merge.Choice, error) {
	picked, rules := d.choices, c.Rules
	picked.refused = c.Conflict.Kind == merge.RuleKind && len(r.Conflicts()) == 0
	if d.bulk {
		picked = picked.within(r)
	}
	before, both := draft.Decisions, false
	if !picked.empty() {
		before, both = withoutBoth(before)
	}
	var decided merge.Decisions
	var err error
	if picked.both != "" {
		decided, err = d.decideBoth(ctx, *draft, r, c)
	} else if decided, err = picked.decide(r, rules, before); both && len(decided) > 0 {
		if _, anew := decided[""]; !anew {
			decided[""] = merge.Decision{}
		}
	}
	if err != nil {
		return nil, err
	}
	kept := map[string]merge.Choice{}
	for path, decision := range draft.Decisions {
		if _, anew := decided[path]; !anew {
			kept[path] = decision.Choice
		}
	}
	if len(decided) > 0 {
		draft.Decide(inWords(decided), decided)
	}
	if d.note != "" {
		draft.Note = d.note
	}
	return kept, nil
}

// inWords says what one step of a draft decided.
func inWords(decided merge.Decisions) string {
	choices := make(map[string]merge.Choice, len(decided))
	for path, d := range decided {
		if d.Choice != merge.Undecided {
			choices[path] = d.Choice
		}
	}
	return choiceWords(choices)
}

func choiceWords(choices map[string]merge.Choice) string {
	words := make([]string, 0, len(choices))
	for path, choice := range choices {
		words = append(words, fmt.Sprintf("%s for %s", choice, merge.PathLabel(path)))
	}
	sort.Strings(words)
	return strings.Join(words, ", ")
}

// show prints what became of one conflict.
func (d decider) show(v verdict) error {
	if d.json {
		return d.writeObject(v)
	}
	record := safe.Text(v.Record.String())
	drafted := ""
	if v.KeptAs != "" {
		drafted = "; local's as " + string(safe.Text(v.KeptAs))
	}
	if len(v.FromDraft) > 0 {
		drafted += "; from your draft: " + string(safe.Text(choiceWords(v.FromDraft)))
	}
	if v.nothing {
		drafted += "; nothing of it was left to decide"
	}
	switch {
	case v.Error != "":
		d.print("%s  conflict %d  not written: %s", record, v.Conflict, safe.Text(v.Error))
	case v.Skipped != "":
		d.print("%s  conflict %d  left alone: %s", record, v.Conflict, safe.Text(v.Skipped))
	case len(v.Undecided) > 0:
		d.print("%s  conflict %d  undecided: %s", record, v.Conflict, fieldList(v.Undecided))
	case d.dryRun && v.Pending:
		d.print("%s  conflict %d  would be sent: %s%s", record, v.Conflict, d.result(v), drafted)
	case d.dryRun:
		d.print("%s  conflict %d  would write v%d: %s%s", record, v.Conflict, v.Version, d.result(v), drafted)
	case v.Pending:
		d.print("%s  conflict %d  to be sent: %s%s", record, v.Conflict, d.result(v), drafted)
	default:
		d.print("%s  conflict %d  v%d, resolution %d: %s%s", record, v.Conflict, v.Version, v.Resolution, d.result(v), drafted)
	}
	return nil
}
