package main

import (
	"fmt"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// fieldName is a field's path for people; the record as a whole has none.
func fieldName(path string) string {
	if path == "" {
		return "the record"
	}
	return string(safe.Text(merge.PathLabel(path)))
}

// explainField says in words what became of one field.
func explainField(f merge.Field) string {
	return fieldName(f.Path) + ": " + reason(f)
}

// reason says why a field came out as it did, with the values that matter.
func reason(f merge.Field) string {
	base, local, server := safe.Value(f.Base), safe.Value(f.Local), safe.Value(f.Server)
	switch f.Outcome {
	case merge.Unchanged:
		return fmt.Sprintf("nobody changed it: %s", base)
	case merge.Local:
		return fmt.Sprintf("only local changed it: %s became %s", base, local)
	case merge.Server:
		return fmt.Sprintf("only the server changed it: %s became %s", base, server)
	case merge.Agreed:
		return fmt.Sprintf("both made the same change: %s became %s", base, server)
	case merge.Combined:
		return fmt.Sprintf("both changed it, and %s joins them: base %s, local %s, server %s become %s",
			safe.Text(f.Rule), base, local, server, safe.Value(f.Result))
	default:
		return fmt.Sprintf("%s: base %s, local %s, server %s; a person decides", conflictReason(f), base, local, server)
	}
}

// conflictReason says what kind of conflict a field is in.
func conflictReason(f merge.Field) string {
	switch f.Kind {
	case merge.EditDelete:
		return "local edited the record, the server deleted it"
	case merge.DeleteEdit:
		return "local deleted the record, the server edited it"
	case merge.CreateCreate:
		return "both sides created it, differently"
	case merge.TypeChange:
		return fmt.Sprintf("the sides hold different types (%s, %s)", f.Local.Type(), f.Server.Type())
	case merge.GroupKind:
		return fmt.Sprintf("both sides changed the group %s", safe.Text(f.Group))
	case merge.RuleKind:
		return fmt.Sprintf("the joined record breaks the rule %s", safe.Text(f.Rule))
	case merge.NoBase:
		return "the sides differ, and what they started from is not known"
	default:
		return "both sides changed it"
	}
}

// who names a person and a device, as far as they are known.
func who(by, device string) safe.Cell {
	switch {
	case by == "" && device == "":
		return "unknown"
	case device == "":
		return safe.Text(by)
	case by == "":
		return safe.Text(device)
	}
	return safe.Text(by) + ", " + safe.Text(device)
}

// moment is a time for people, in their zone.
func moment(t time.Time) string {
	if t.IsZero() {
		return "time unknown"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// count puts a number before a word, in the plural where it is due.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
