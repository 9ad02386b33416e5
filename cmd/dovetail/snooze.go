package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) snoozeCommand() *cobra.Command {
	var until string
	c := &cobra.Command{
		Use:   "snooze CONFLICT",
		Short: "Put a conflict off, or open it again",
		Long: `snooze takes a conflict, named by its number or by its record, out of the open ones until a time; then it is open again
by itself. --until takes a while (30m, 2h, 3d, 1w), a day, which begins at nine (2026-12-01, tomorrow, monday), or a time
(2026-12-01T14:00). --until wake opens it now.`,
		Example: `  dovetail snooze 7 --until 2h
  dovetail snooze deal/D-1042 --until monday
  dovetail snooze 7 --until wake`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConflict,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runSnooze(c.Context(), d, args[0], until) })
		},
	}
	c.Flags().StringVar(&until, "until", "tomorrow", "until `WHEN`")
	offers := []string{"1h", "tomorrow", "monday", "1w", "wake"}
	if err := c.RegisterFlagCompletionFunc("until", cobra.FixedCompletions(offers, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is ours
	}
	return c
}

// snoozeObject is what `snooze --json` prints.
type snoozeObject struct {
	Conflict     int64       `json:"conflict"`
	Record       merge.Key   `json:"record"`
	State        merge.State `json:"state"`
	SnoozedUntil time.Time   `json:"snoozed_until,omitzero"`
}

func (a *app) runSnooze(ctx context.Context, on target, name, when string) error {
	until, wake, err := snoozeTime(when, time.Now())
	if err != nil {
		return err
	}
	c, err := openCase(ctx, on, name)
	if err != nil {
		return err
	}
	out := snoozeObject{Conflict: c.Conflict.Number, Record: c.Conflict.Record, State: merge.Snoozed, SnoozedUntil: until.UTC()}
	if wake {
		out.State, out.SnoozedUntil = merge.Open, time.Time{}
		err = on.Wake(ctx, out.Conflict)
	} else {
		err = on.Snooze(ctx, out.Conflict, until)
	}
	switch {
	case errors.Is(err, store.ErrPast):
		return misuse("--until %s: %v", when, store.ErrPast)
	case err != nil:
		return err
	case a.json:
		return a.writeObject(out)
	case wake:
		a.print("%s  conflict %d  open", safe.Text(out.Record.String()), out.Conflict)
	default:
		a.print("%s  conflict %d  snoozed until %s", safe.Text(out.Record.String()), out.Conflict, moment(until))
	}
	return nil
}

// workBegins is when a day that is named begins, in hours, as on the screen.
const workBegins = 9

// snoozeTime reads what --until takes, in the zone of now; wake is for now itself.
func snoozeTime(when string, now time.Time) (until time.Time, wake bool, err error) {
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, workBegins, 0, 0, 0, now.Location())
	}
	word := strings.ToLower(strings.TrimSpace(when))
	switch word {
	case "wake", "now":
		return time.Time{}, true, nil
	case "tomorrow":
		return day(1), false, nil
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if word == strings.ToLower(d.String()) {
			return day((int(d-now.Weekday())+6)%7 + 1), false, nil
		}
	}
	if word != "" {
		days := map[byte]int{'d': 1, 'w': 7}[word[len(word)-1]]
		if n, err := strconv.ParseUint(word[:len(word)-1], 10, 16); err == nil && days > 0 {
			return now.AddDate(0, 0, days*int(n)), false, nil
		}
	}
	if d, err := time.ParseDuration(word); err == nil {
		return now.Add(d), false, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, word, now.Location()); err == nil {
		return t.Add(workBegins * time.Hour), false, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(when), now.Location()); err == nil {
			return t, false, nil
		}
	}
	return time.Time{}, false, hint(misuse("--until %s: no time", when),
		"write 2h, 3d, tomorrow, monday, 2026-12-01, 2026-12-01T14:00 or wake")
}
