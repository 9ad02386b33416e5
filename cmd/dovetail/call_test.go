package main

import (
	"slices"
	"testing"
)

// The command that the review shows is for the database that is open, not for the one that lies here.
func TestTheScreensKnowHowTheyWereCalled(t *testing.T) {
	a := app{db: "my deals.db", as: "mia"}
	if got, want := a.screens().Call, []string{"dovetail", "--db", "my deals.db", "--as", "mia"}; !slices.Equal(got, want) {
		t.Errorf("called as %q, want %q", got, want)
	}
	if got, want := new(app).screens().Call, []string{"dovetail"}; !slices.Equal(got, want) {
		t.Errorf("called as %q, want %q", got, want)
	}
}
