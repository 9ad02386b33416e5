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

// andMore lists the first of so many words, and how many more there are.
func andMore(first []string, all int64) string {
	list := strings.Join(first, ", ")
	if more := all - int64(len(first)); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// nameWidth bounds a record's name in a line that lists several.
const nameWidth = 40

// recordList names the first of so many records.
func recordList(first []merge.Key, all int64) string {
	names := make([]string, len(first))
	for i, key := range first {
		names[i] = string(safe.Text(key.String()).Truncate(nameWidth))
	}
	return andMore(names, all)
}

// count puts a number before a word, in the plural where it is due.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
