package main

import (
	"cmp"
	"os"
	"runtime"
	"strings"
)

// editor is the program that a person edits texts with, and its arguments: as they say, else as the system has it.
func editor(getenv func(string) string) []string {
	usual := "vi"
	if runtime.GOOS == "windows" {
		usual = "notepad"
	}
	return programWords(cmp.Or(getenv("VISUAL"), getenv("EDITOR"), usual), isFile)
}

// programWords takes a program apart from its arguments. It may hold blanks, as in C:\Program Files\…, if it stands in
// quotation marks, or if there is such a file.
func programWords(text string, isFile func(string) bool) []string {
	text = strings.TrimSpace(text)
	if isFile(text) {
		return []string{text}
	}
	if rest, quoted := strings.CutPrefix(text, `"`); quoted {
		if program, rest, closed := strings.Cut(rest, `"`); closed {
			return append([]string{program}, strings.Fields(rest)...)
		}
	}
	return strings.Fields(text)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
