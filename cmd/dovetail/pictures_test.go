package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPicturesAreWhatTheScreensDraw: those of the README are never older than the screens.
func TestPicturesAreWhatTheScreensDraw(t *testing.T) {
	t.Setenv("COLUMNS", "50") // none of which may count
	t.Setenv("NO_COLOR", "1")
	t.Setenv("DOVETAIL_USER", "somebody")
	t.Setenv("COLORFGBG", "0;15")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("..", "..", ".pictures")
	for _, s := range shots {
		got, err := s.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile(filepath.Join(dir, s.file())); err != nil || string(want) != got {
			t.Errorf("%s is not what is drawn now (%v): `go run ./cmd/dovetail play pictures .pictures` in the project's directory, "+
				"and look at it", s.file(), err)
		}
		if !strings.Contains(string(readme), ".pictures/"+s.file()) {
			t.Errorf("the README does not show %s", s.file())
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != len(shots) {
		t.Errorf("there are %d files in %s, want %d (%v)", len(files), dir, len(shots), err)
	}
}
