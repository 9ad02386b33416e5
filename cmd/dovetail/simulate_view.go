package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

const (
	// tableFrom is the least width that the table of `simulate` takes; below it stands each strategy by itself.
	tableFrom = 72
	leastWide = 20
	usualWide = 80
)

// width is how many columns there are to print in: those of the terminal, else what COLUMNS says, else 80.
func (a *app) width() int {
	wide := a.columns
	if wide > 0 {
	} else if isTerminal(a.out) {
		wide, _, _ = term.GetSize(int(a.out.(*os.File).Fd()))
	} else if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
		wide = n
	}
	if wide <= 0 {
		wide = usualWide
	}
	return max(wide, leastWide)
}

// column is one number of the table.
type column struct {
	name string
	of   func(simulated) int64
}

var simulateColumns = []column{
	{"lost silently", func(s simulated) int64 { return s.Lost }},
	{"losers kept", func(s simulated) int64 { return s.Kept }},
	{"conflicts asked", func(s simulated) int64 { return s.Conflicts }},
	{"merged", func(s simulated) int64 { return s.Merged }},
}

// printSimulated prints the numbers as a table, where it has room, and what became of the edits as bars.
func (a *app) printSimulated(all []simulated) {
	wide := a.width()
	if wide >= tableFrom {
		a.printSimulatedTable(all)
	} else {
		a.printSimulatedList(all)
	}
	a.print("")
	marks := a.barMarks()
	name := strategyWidth(all)
	for _, one := range all {
		a.print("%-*s  %s", name, one.Strategy, marks.bar(one, wide-name-2))
	}
	a.print("")
	a.printLegend(marks, wide)
	for _, one := range all {
		if one.Twice > 0 {
			a.print("%s: %d additions are in the record more than once", one.Strategy, one.Twice)
		}
	}
}

func strategyWidth(all []simulated) int {
	wide := len("STRATEGY")
	for _, one := range all {
		wide = max(wide, len(one.Strategy))
	}
	return wide
}

func (a *app) printSimulatedTable(all []simulated) {
	name := strategyWidth(all)
	line := fmt.Sprintf("%-*s", name, "STRATEGY")
	for _, c := range simulateColumns {
		line += "  " + fmt.Sprintf("%*s", numberWidth, strings.ToUpper(c.name))
	}
	a.print("%s", line)
	for _, one := range all {
		line := fmt.Sprintf("%-*s", name, one.Strategy)
		for _, c := range simulateColumns {
			line += fmt.Sprintf("  %*d", max(numberWidth, len(c.name)), c.of(one))
		}
		a.print("%s", line)
	}
}

// numberWidth holds the numbers of the greatest simulation.
const numberWidth = len("10000000")

func (a *app) printSimulatedList(all []simulated) {
	for i, one := range all {
		if i > 0 {
			a.print("")
		}
		a.print("%s", one.Strategy)
		for _, c := range simulateColumns {
			a.print("  %-*s  %*d", len("conflicts asked"), c.name, numberWidth, c.of(one))
		}
	}
}

// part is one of the parts of a bar: which edits it stands for, and how it is drawn.
type part struct {
	mark, on, off string
	words         string
	of            func(simulated) int64
}

// parts are those of all bars. Each has a mark of its own, so that they are told apart without colours.
type parts []part

func (a *app) barMarks() parts {
	all := parts{
		{mark: "█", on: "\x1b[1;31m", words: "lost silently", of: func(s simulated) int64 { return s.Lost }},
		{mark: "▓", on: "\x1b[33m", words: "lost, and kept beside the record", of: func(s simulated) int64 { return s.Kept }},
		{mark: "▒", on: "\x1b[36m", words: "a person decided, seeing both", of: func(s simulated) int64 { return s.Decided + s.Waiting }},
		{mark: "░", words: "in the record, or changed by one who had seen it", of: func(s simulated) int64 { return s.Record + s.Changed }},
	}
	ascii := []string{"#", "=", "?", "."}
	for i := range all {
		if a.ascii {
			all[i].mark = ascii[i]
		}
		if !a.colored(a.out) {
			all[i].on = ""
		}
		if all[i].on != "" {
			all[i].off = "\x1b[0m"
		}
	}
	return all
}

// bar draws all edits in so many columns. A part that is there at all has a column at least.
func (p parts) bar(s simulated, wide int) string {
	columns := make([]int64, len(p))
	var largest int
	left := int64(wide)
	for i, one := range p {
		n := one.of(s)
		if n > 0 {
			columns[i] = max(n*int64(wide)/max(s.Edits, 1), 1)
		}
		left -= columns[i]
		if n > p[largest].of(s) {
			largest = i
		}
	}
	columns[largest] = max(columns[largest]+left, 0)
	var out strings.Builder
	for i, one := range p {
		if columns[i] > 0 {
			out.WriteString(one.on + strings.Repeat(one.mark, int(columns[i])) + one.off)
		}
	}
	return out.String()
}

// printLegend says what the marks of the bars mean, and what the numbers count, in lines that fit.
func (a *app) printLegend(marks parts, wide int) {
	for _, one := range marks {
		a.printWrapped(one.on+one.mark+one.off+" ", "  ", one.words, wide)
	}
	a.printWrapped("", "", "The bars, lost and kept count edits; asked and merged count changes, of one device to one record.", wide)
}

// printWrapped prints words in lines of at most so many columns. The first begins with one thing, the others with another
// of the same width, which is two columns or none.
func (a *app) printWrapped(first, others, words string, wide int) {
	line, used := first, len(others)
	for i, word := range strings.Fields(words) {
		if i > 0 && used+1+len(word) > wide {
			a.print("%s", line)
			line, used = others, len(others)
		} else if i > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+len(word)
	}
	a.print("%s", line)
}
