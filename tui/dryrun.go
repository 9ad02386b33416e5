package tui

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// dryRun is what a writing would come to, as `dovetail resolve --dry-run --json` prints it.
type dryRun struct {
	Conflict int64          `json:"conflict"`
	Record   merge.Key      `json:"record"`
	Version  int64          `json:"version,omitzero"`
	Result   merge.Document `json:"result"`
	Pending  bool           `json:"pending,omitempty"`
	KeptAs   string         `json:"kept_as,omitempty"`
}

// switchDry shows the writing as a command and as JSON, or the changes again.
func (m *reviewModel) switchDry() {
	if m.err != nil {
		m.status = cannotWrite
		return
	}
	m.dry = !m.dry
	m.lay()
	m.top = 0
}

func (m *reviewModel) layDry() {
	m.lines = nil
	c := m.s.Conflict
	out := dryRun{Conflict: c.Number, Record: c.Record, Result: m.result, Pending: m.env.replica}
	if !m.env.replica {
		out.Version = m.draft.ServerVersion + 1
	}
	if as := m.draft.Decisions.Both(); as != "" {
		out.KeptAs = merge.Key{Collection: c.Record.Collection, ID: as}.String()
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		m.status = failed("no JSON: ", err)
		return
	}
	m.say(theme.Heading, "   The same from a command line:")
	m.wrapped(commandOf(m.env.call, m.asked()))
	m.lines = append(m.lines, reviewLine{})
	m.say(theme.Heading, "   It would write (not written yet):")
	for line := range strings.SplitSeq(string(text), "\n") {
		m.wrapped(line)
	}
}

// wrapped says a text that may be long, on as many lines as it takes, as far in as it is itself.
func (m *reviewModel) wrapped(text string) {
	inner := strings.TrimLeft(text, " ")
	indent := safe.Cell(strings.Repeat(" ", 5+len(text)-len(inner)))
	for _, part := range wrapSpans([]span{{theme.Plain, safe.Text(inner)}}, max(m.width-len(indent)-3, 10), 1000) {
		m.lines = append(m.lines, reviewLine{text: append([]span{{theme.Plain, indent}}, part...)})
	}
}

// commandOf is the command that writes the same, for a POSIX shell; call is how the program is called.
func commandOf(call []string, w merge.Writing) string {
	if len(call) == 0 {
		call = []string{"dovetail"}
	}
	words := append(slices.Clone(call), "resolve", strconv.FormatInt(w.Conflict, 10))
	if as := w.Decisions.Both(); as != "" {
		words = append(words, "--keep-both="+as)
	} else {
		for _, path := range slices.Sorted(maps.Keys(w.Decisions)) {
			words = append(words, flagOf(path, w.Decisions[path])...)
		}
	}
	words = append(words, "--expect-version", strconv.FormatInt(w.ServerVersion, 10))
	if w.Note != "" {
		words = append(words, "--note", w.Note)
	}
	for i := range words {
		words[i] = shellWord(words[i])
	}
	return strings.Join(words, " ")
}

// flagOf decides one field. The record as a whole is what is left when all else is decided.
func flagOf(path string, d merge.Decision) []string {
	side := d.Choice == merge.TakeLocal || d.Choice == merge.TakeServer || d.Choice == merge.TakeBase
	switch {
	case side && path == "":
		return []string{"--take", d.Choice.String()}
	case side:
		return []string{"--take", path + "=" + d.Choice.String()}
	case d.Value == merge.Absent:
		return []string{"--unset", path}
	}
	return []string{"--set", fmt.Sprintf("%s:=%s", path, d.Value)}
}

// shellWord quotes a word where a shell would read something else.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_./:=,+@%", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
