package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"dovetail/merge"
	"dovetail/merge/autopsy"
	"dovetail/tui/safe"
)

// leastValue is how many columns a lost value has at least.
const leastValue = 12

// printLost prints one edit that was overwritten unseen.
func (a *app) printLost(l autopsy.Lost) error {
	if a.json {
		return a.writeObject(lostObject{Type: "lost", Record: l.Record, Field: l.Field, Value: l.Value, By: l.By, At: l.At,
			Line: l.Line, Over: overObject(l.Over)})
	}
	wide := a.width()
	a.print("%s", a.cut(safe.Text(l.Record)+"  "+safe.Text(l.Field), wide))
	a.printFate("  lost  ", l.Value, " of "+moments(l.By, l.At), wide)
	if l.Over.Deleted {
		a.print("  over  deleted, by %s", moments(l.Over.By, l.Over.At))
	} else {
		a.printFate("  over  ", l.Over.Value, " by "+moments(l.Over.By, l.Over.At), wide)
	}
	a.print("        %s", whatWasSeen(l.Over, wide-len("        ")))
	return nil
}

// printFate prints a value between words, on a line of its own where it has no room beside them.
func (a *app) printFate(before safe.Cell, v merge.Value, after safe.Cell, wide int) {
	drawn := safe.Value
	if a.ascii {
		drawn = safe.ValueASCII
	}
	room := wide - before.Width()
	if value := drawn(v); value.Width()+after.Width() <= room {
		a.print("%s%s%s", before, value, after)
		return
	}
	if beside := room - after.Width(); beside >= 2*leastValue {
		a.print("%s%s%s", before, a.cut(drawn(v), beside), after)
		return
	}
	a.print("%s%s", before, a.cut(drawn(v), room))
	a.print("%s%s", safe.Cell("        ")[:before.Width()-1], a.cut(after, room+1))
}

// cut is [safe.Cell.Truncate], with dots where only ASCII is wanted.
func (a *app) cut(c safe.Cell, width int) safe.Cell {
	if a.ascii {
		return c.TruncateWith(width, "...")
	}
	return c.Truncate(width)
}

// moments says who did something, and when.
func moments(by string, at time.Time) safe.Cell {
	if by == "" {
		by = "somebody"
	}
	words := safe.Text(by).Truncate(nameWidth)
	if !at.IsZero() {
		words += ", " + safe.Cell(moment(at))
	}
	return words
}

// whatWasSeen says how the log tells that an edit had not been seen.
func whatWasSeen(o autopsy.Over, room int) safe.Cell {
	switch {
	case o.Seen != nil:
		return safe.Cell(fmt.Sprintf("who had seen version %d", *o.Seen))
	case !o.SeenAt.IsZero():
		return safe.Cell("who had read it " + moment(o.SeenAt))
	case o.Old != nil:
		return "who had seen " + safe.Value(*o.Old).Truncate(max(room-len("who had seen "), leastValue))
	}
	return "who had not seen it"
}

// concludeAutopsy says what it all comes to.
func (a *app) concludeAutopsy(s autopsy.Summary, lines, bad int64, flags autopsyFlags) error {
	if a.json {
		return a.writeObject(autopsyObject{Type: "summary", Lost: s.Lost, People: s.People, CannotTell: s.CannotTell, Edits: s.Edits,
			Records: s.Records, Lines: lines, Bad: bad, From: s.From, To: s.To, Fields: s.Fields})
	}
	wide := a.width()
	if s.Lost > 0 {
		a.print("")
	}
	a.printWrapped("", "", lostInWords(s), wide)
	if list := mostLost(s.Fields); list != "" {
		a.printWrapped("", "", "most in "+list, wide)
	}
	if n := s.CannotTell - s.Inherited; n > 0 {
		words := count(n, "edit was", "edits were")
		if s.Lost > 0 {
			words = count(n, "more was", "more were")
		}
		a.printWrapped("", "", words+" overwritten by somebody of whom the log does not say what he had seen: it cannot tell", wide)
	}
	if s.Inherited > 0 {
		a.printWrapped("", "", count(s.Inherited, "value was", "values were")+" overwritten unseen, and stood in the first line of the "+
			"record: it cannot tell whether somebody had just put them there", wide)
	}
	if bad > 0 {
		a.say("%s set aside", count(bad, "bad line", "bad lines"))
	}
	a.cautions(s, lines, flags)
	return nil
}

// lostInWords is the one line that all of it comes to.
func lostInWords(s autopsy.Summary) string {
	words := count(s.Lost, "edit", "edits")
	if s.People > 0 {
		words += " by " + count(s.People, "person", "people")
	}
	switch {
	case s.Lost == 0 && s.CannotTell > 0:
		words = "no edit is known to be lost"
	case s.Lost == 0:
		words = "no edit was lost"
	case s.Lost == 1:
		words += " was lost"
	default:
		words += " were lost"
	}
	if span := s.To.Sub(s.From); !s.From.IsZero() {
		words += " in " + spanInWords(span)
	}
	return words + fmt.Sprintf(", of %d in %s", s.Edits, count(s.Records, "record", "records"))
}

// spanInWords rounds a time to days, or to hours where it is shorter than one.
func spanInWords(span time.Duration) string {
	const day = 24 * time.Hour
	if span >= day {
		return count(int64(span.Round(day)/day), "day", "days")
	}
	return count(max(int64(span.Round(time.Hour)/time.Hour), 1), "hour", "hours")
}

// mostFields is how many fields are named that lost the most.
const mostFields = 5

// mostLost names the fields that lost the most, if there are several.
func mostLost(lost map[string]int64) string {
	if len(lost) < 2 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(lost), func(x, y string) int {
		return cmp.Or(cmp.Compare(lost[y], lost[x]), cmp.Compare(x, y))
	})
	var words []string
	for _, name := range names[:min(mostFields, len(names))] {
		words = append(words, fmt.Sprintf("%s (%d)", safe.Text(name).Truncate(nameWidth), lost[name]))
	}
	return andMore(words, int64(len(names)))
}

// doubtful is from how many old values on it is strange that none was ever stale.
const doubtful = 20

// cautions says where the log may not be what it looks like, and what comes next.
func (a *app) cautions(s autopsy.Summary, lines int64, flags autopsyFlags) {
	switch {
	case lines == 0:
		a.say("the log is empty")
	case lines > 1 && s.Records == lines && flags.record == "":
		a.say("no record comes twice: name what is edited with --record NAME, if it is something else")
	case s.OldOnly >= doubtful && s.OldStale == 0:
		a.say("every old value is what the record held: if the database wrote them, and not the program of a person, they tell " +
			"nothing of what people saw")
	}
	if s.Backwards > 0 {
		a.say("%s older than a line before, of the same record: sort the log by time if that is not how it was written",
			count(s.Backwards, "line is", "lines are"))
	}
	if s.Inherited > 0 {
		a.say("begin the log where its records begin, or map the old values with --old NAME, to have it told")
	}
	if s.CannotTell > s.Inherited {
		a.say("log the version that each edit was made on, and map it with --seen NAME, to have it told")
	}
	if s.Lost > 0 {
		a.say("`dovetail play` shows how none is lost; `dovetail adopt` gives an application's tables versions")
	}
}
