package main

import (
	"cmp"
	"runtime"
	"strings"
)

// editor is the program that a person edits texts with, and its arguments: as they say, else as the system has it.
func editor(getenv func(string) string) []string {
	usual := "vi"
	if runtime.GOOS == "windows" {
		usual = "notepad"
	}
	return strings.Fields(cmp.Or(getenv("VISUAL"), getenv("EDITOR"), usual))
}
