package main

import (
	"fmt"
	"strings"
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

// upTo lists the first few words of a list, and how many more there are.
func upTo(n int, words []string) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}

// count puts a number before a word, in the plural where it is due.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
