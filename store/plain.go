package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The lines of which the tables in our scripts are made: one that begins a table, a column, the rest of one or a
// constraint of the whole table, and the end.
var (
	tableLine      = regexp.MustCompile(`^CREATE TABLE \w+ \($`)
	columnLine     = regexp.MustCompile(`^  (?:[a-z_]+) +(?:INTEGER|TEXT|BLOB|REAL|ANY)\b`)
	restLine       = regexp.MustCompile(`^(?:    |  (?:PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK) )`)
	endLine        = regexp.MustCompile(`^\) STRICT(?:, (WITHOUT ROWID))?;$`)
	newColumnLine  = regexp.MustCompile(`^ALTER TABLE \w+ ADD COLUMN [a-z_]+ +(?:INTEGER|TEXT|BLOB|REAL|ANY)\b`)
	otherTableLine = regexp.MustCompile(`(?i)^\s*(?:CREATE TABLE|ALTER TABLE)\b|\bSTRICT\b`)
)

// plainSteps are steps of the schema for an application's database.
func plainSteps(steps []migration) ([]migration, error) {
	plain := slices.Clone(steps)
	for i := range plain {
		var err error
		if plain[i].script, err = plainScript(plain[i].script); err != nil {
			return nil, fmt.Errorf("plain schema %d: %w", plain[i].number, err)
		}
	}
	return plain, nil
}

// plainScript writes a step with tables that are not STRICT, because SQLite before 3.37 reads no file that has one. Each
// column checks its type by itself instead. A line that it does not understand is an error.
func plainScript(script string) (string, error) {
	lines := strings.Split(script, "\n")
	inside := false
	for i, line := range lines {
		end := endLine.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "--"):
		case !inside && tableLine.MatchString(line):
			inside = true
		case inside && end != nil:
			lines[i] = strings.TrimSpace(") "+end[1]) + ";"
			inside = false
		case inside && columnLine.MatchString(line), !inside && newColumnLine.MatchString(line):
			lines[i] = plainColumn(line)
		case inside && !restLine.MatchString(line), !inside && otherTableLine.MatchString(line):
			return "", fmt.Errorf("line %d is no part of a table that can be made plain: %s", i+1, line)
		}
	}
	if inside {
		return "", fmt.Errorf("the last table has no end")
	}
	return strings.Join(lines, "\n"), nil
}

var column = regexp.MustCompile(`^(.*?)([a-z_]+)( +)(INTEGER|TEXT|BLOB|REAL|ANY)\b(.*)$`)

// plainColumn has a column refuse what it refused in a STRICT table, beginning with what its affinity does not convert.
func plainColumn(line string) string {
	m := column.FindStringSubmatch(line)
	before, name, gap, kind, rest := m[1], m[2], m[3], m[4], m[5]
	required := strings.Contains(rest, "NOT NULL")
	if strings.Contains(rest, "PRIMARY KEY") {
		if kind == "INTEGER" {
			return line // a number of the row: it takes nothing else in any table
		}
		if !required {
			rest, required = " NOT NULL"+rest, true // in a STRICT table it is by itself
		}
	}
	if kind == "ANY" {
		return before + name + rest // a type of that name would have numbers made of texts
	}
	allowed := fmt.Sprintf("= '%s'", strings.ToLower(kind))
	if !required {
		allowed = fmt.Sprintf("IN ('%s', 'null')", strings.ToLower(kind))
	}
	return fmt.Sprintf("%s%s%s%s CHECK (typeof(%s) %s)%s", before, name, gap, kind, name, allowed, rest)
}
