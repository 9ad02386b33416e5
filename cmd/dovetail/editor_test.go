package main

import (
	"slices"
	"testing"
)

func TestEditorsMayStandInAFolderWithBlanks(t *testing.T) {
	const there = `C:\Program Files\Vim\gvim.exe`
	isFile := func(path string) bool { return path == there }
	for text, want := range map[string][]string{
		"vi": {"vi"}, " code  --wait ": {"code", "--wait"}, there: {there}, `"` + there + `" -f --nofork`: {there, "-f", "--nofork"},
		`"unclosed program`: {`"unclosed`, "program"}, `""`: {""}, "": {},
	} {
		if got := programWords(text, isFile); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
