package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/tui"
	"dovetail/tui/safe"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show CONFLICT",
		Short: "Show one conflict, field by field, with the reasons",
		Long: `show prints one conflict, named by its number or by its record: every field that a side changed, what became of it
and why, and what you have decided so far.`,
		Example: `  dovetail show 7
  dovetail show --json deal/D-1042`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConflict,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runShow(c.Context(), d, args[0]) })
		},
	}
}

// showObject is what `show --json` prints: the row of the queue, the merge, and the person's decisions.
type showObject struct {
	merge.Conflict
	Received  time.Time       `json:"received_at,omitzero"` // the change, by the hub it was sent to
	Merge     mergeObject     `json:"merge"`
	Decisions merge.Decisions `json:"decisions"`
	Refused   string          `json:"refused,omitempty"` // what the application's table said
	Naming    *merge.Naming   `json:"names,omitempty"`   // a record that local names, and of which there are two
}

func (a *app) runShow(ctx context.Context, on cases, name string) error {
	person, err := a.person()
	if err != nil {
		return err
	}
	c, err := openCase(ctx, on, name)
	if err != nil {
		return err
	}
	draft, err := on.Draft(ctx, c.Conflict.Number, person)
	if err != nil {
		return err
	}
	r := c.Merge()
	draft.Rebase(r, c.Conflict.Revision, c.Conflict.ServerVersion)
	e := explainer{result: r, rules: c.Rules}
	if a.json {
		decisions := draft.Decisions
		if decisions == nil {
			decisions = merge.Decisions{}
		}
		object := newMergeObject(r)
		object.explain(e)
		return a.writeObject(showObject{c.Conflict, c.Local.ReceivedAt, object, decisions, c.Refused, c.Naming})
	}
	a.printCaseHead(c)
	if c.Refused != "" {
		a.print("%s", safe.Text(c.Refused))
	}
	a.printFields(e, draft)
	if c.Conflict.State == merge.Resolved {
		a.say("`%s` tells by whom it was resolved, and what was written", a.command("log "+shellWord(c.Conflict.Record.String())))
		return nil
	}
	a.sayWhatNext(c, draft, r.Undecided(draft.Decisions))
	return nil
}

// sayWhatNext says what to do about a conflict that waits, of which the person's draft leaves some fields undecided.
func (a *app) sayWhatNext(c merge.Case, draft merge.Draft, left []string) {
	resolve := "resolve " + strconv.FormatInt(c.Conflict.Number, 10)
	switch {
	case c.Naming != nil && c.Naming.One:
		a.say("`%s` writes it as it is", a.command(resolve+" --take local"))
	case c.Naming != nil && c.Naming.As == (merge.Key{}):
		a.say("decide that one first: `%s`; if both are kept, this one is shown under which key local's is then",
			a.command("resolve "+shellWord(c.Naming.Record.String())))
	case c.Naming != nil && c.Naming.InKey:
		a.say("that is in its own key: write it anew as one of %s, by the application or `%s`, and then here `%s`", c.Naming.As,
			a.command("set RECORD FIELD=VALUE …"), a.command(resolve+" --take server"))
	case c.Naming != nil && len(c.Naming.Set) > 0:
		a.say("`%s` has it refer to that one", a.command(resolve+setWords(c.Naming.Set)))
	case c.Refused != "":
		a.say("nothing of it was written; change what is in the way, in this record or in another, and write it again: `%s`",
			a.command(resolve))
	}
	switch {
	case len(left) > 0:
		a.say("%s to decide; `%s` opens it, or --take, --set and --unset decide from here", fieldList(left), a.command(resolve))
	case len(draft.Decisions) > 0 && c.Refused == "":
		a.say("your draft decides it all; `%s` opens it to be written, `%s` writes it from here", a.command(resolve), a.command(resolve+" --json"))
	case len(c.Conflict.Fields) == 0 && c.Refused == "":
		a.say("nothing of it is left to decide, and it waits for somebody who looks at it: `%s` writes what it joins to", a.command(resolve+" --take local"))
	}
}

// setWords are the flags that give fields these values.
func setWords(values map[string]merge.Value) string {
	var out strings.Builder
	for _, path := range slices.Sorted(maps.Keys(values)) {
		value, sign := values[path], ":="
		text := string(value)
		if t := value.Type(); t == merge.NumberType {
			sign = "="
		} else if plain, ok := value.Text(); ok {
			text, sign = plain, "="
		}
		out.WriteString(" --set " + shellWord(merge.PathLabel(path)+sign+text))
	}
	return out.String()
}

// printCaseHead says which conflict this is and who left the sides as they are.
func (a *app) printCaseHead(c merge.Case) {
	a.print("conflict %d  %s  %s  %s", c.Conflict.Number, safe.Text(c.Conflict.Record.String()), c.Conflict.Kind, c.Conflict.State)
	rows := []row{}
	if !c.Sides.BaseLost {
		rows = append(rows, row{"  base", version64(c.Base.Version), who(c.Base.By, c.Base.Device), safe.Text(moment(c.Base.At))})
	} else {
		rows = append(rows, row{"  base", "not known"})
	}
	rows = append(rows,
		row{"  local", version64(c.Local.Version), who(c.Local.By, c.Local.Device), safe.Text(moment(c.Local.At)), tui.Offline(c.Local)},
		row{"  server", version64(c.Server.Version), who(c.Server.By, c.Server.Device), safe.Text(moment(c.Server.At))})
	a.printTable(rows)
}

func version64(n int64) safe.Cell {
	if n == 0 {
		return ""
	}
	return safe.Cell(fmt.Sprintf("v%d", n))
}

// valueIn is a value, behind a number with what it is in.
func valueIn(unit string, v merge.Value) safe.Cell {
	if unit == "" || v.Type() != merge.NumberType {
		return safe.Value(v)
	}
	return safe.Value(v) + " " + safe.Text(unit)
}

// printFields prints each field's outcome, why it is so, the sides and the decision.
func (a *app) printFields(e explainer, draft merge.Draft) {
	moved := map[string]bool{}
	for _, path := range draft.Moved {
		moved[path] = true
	}
	for _, f := range e.result.Fields {
		a.print("")
		x := e.explain(f)
		a.print("%s  %s: %s", e.name(f.Path), f.Outcome, x.Reason)
		value := func(v merge.Value) safe.Cell { return valueIn(e.rules.Unit(f.Path), v) }
		rows := []row{{"  base", value(f.Base)}, {"  local", value(f.Local)}, {"  server", value(f.Server)}}
		if f.Outcome != merge.FieldConflict {
			rows = append(rows, row{"  result", value(f.Result)})
		}
		if d, ok := draft.Decisions[f.Path]; ok {
			rows = append(rows, row{"  decided", value(d.Value), safe.Cell("(" + d.Choice.String() + ")")})
		}
		a.printTable(rows)
		for _, line := range x.Evidence {
			a.print("  %s", line)
		}
		if moved[f.Path] {
			a.print("  it changed since you decided; decide it again")
		}
	}
}
