package main

import (
	"runtime"
	"strings"

	"dovetail/tui/safe"
)

// shellWord is a word as it is typed into a shell of this system.
func shellWord(word string) string { return shellWordOn(runtime.GOOS, word) }

// shellWordOn quotes for the shells of a system. On Windows those are cmd and PowerShell, which both know quotation marks
// but not the same escapes, and a backslash is what paths are made of.
func shellWordOn(system, word string) string {
	signs := "_-./:@%+,="
	if system == "windows" {
		signs = `_-./:\+=`
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(signs, r) || r > 0x7f
	}
	switch {
	case word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0:
		return word
	case system == "windows":
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// pathText is text of our own with a path in it, safe to print.
func pathText(text string) safe.Cell { return pathTextOn(runtime.GOOS, text) }

// pathTextOn leaves a backslash single where paths are made of it, so that a path can be copied.
func pathTextOn(system, text string) safe.Cell {
	if system != "windows" {
		return safe.Text(text)
	}
	var parts []string
	for part := range strings.SplitSeq(text, `\`) {
		parts = append(parts, string(safe.Text(part)))
	}
	return safe.Cell(strings.Join(parts, `\`))
}
