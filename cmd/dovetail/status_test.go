package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// unwilling is a hub that takes nothing, and says why.
type unwilling struct{ *store.Store }

// Deliver implements [replicate.Hub].
func (unwilling) Deliver(_ context.Context, lines [][]byte) ([]store.Answer, error) {
	answers := make([]store.Answer, len(lines))
	for i := range answers {
		answers[i] = store.Answer{Outcome: store.Refused, Error: "not \x1b[2Jtoday"}
	}
	return answers, nil
}

// TestStatusTellsWhatTheHubWouldNotTake, with the first reasons, and in words that act on no terminal.
func TestStatusTellsWhatTheHubWouldNotTake(t *testing.T) {
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	path := filepath.Join(t.TempDir(), "laptop.db")
	laptop, err := store.CreateReplica(t.Context(), path, hub.Info().Path, "ana", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range heldShown + 2 {
		if _, err := laptop.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "deal", ID: fmt.Sprintf("%02d", i)},
			Fields: merge.Document(`{"x":1}`), By: "ana"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = replicate.Sync(t.Context(), laptop, unwilling{hub}, nil)
	if err = errors.Join(err, laptop.Close()); err != nil {
		t.Fatal(err)
	}

	var out, talk bytes.Buffer
	if err := run(t.Context(), []string{"--db", path, "--as", "ana", "status"}, strings.NewReader(""), &out, &talk); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	want := []string{"0 changes to send, 12 that the hub would not take, kept here"}
	for i := range heldShown {
		want = append(want, fmt.Sprintf(`  deal/%02d  refused  not \e[2Jtoday`, i))
	}
	want = append(want, "  and 2 more", "0 open conflicts, 0 snoozed, 0 resolved", "last sync: 12 changes: 12 refused, 0 lost; 0 versions came in", "")
	if got := strings.Join(lines[2:], "\n"); got != strings.Join(want, "\n") || talk.String() != "what is held goes along when its record is changed again\n" {
		t.Errorf("it says\n%s\n%s\nwant\n%s", got, talk.String(), strings.Join(want, "\n"))
	}

	talk.Reset()
	if err := run(t.Context(), []string{"--db", path, "--as", "ana", "sync"}, strings.NewReader(""), &out, &talk); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(talk.String(), "the hub would not take 12 changes: deal/00, deal/01, deal/02, deal/03, deal/04 and 7 more; `") {
		t.Errorf("sync says %s", talk.String())
	}

	out.Reset()
	if err := run(t.Context(), []string{"--db", path, "--as", "ana", "--json", "status"}, strings.NewReader(""), &out, &talk); err != nil {
		t.Fatal(err)
	}
	var object struct {
		Origin struct{ Held int }
		Held   []store.Answer
	}
	if err := json.Unmarshal(out.Bytes(), &object); err != nil {
		t.Fatal(err)
	}
	if object.Origin.Held != 12 || len(object.Held) != heldShown || object.Held[0].Error != "not \x1b[2Jtoday" ||
		object.Held[0].Outcome != store.Refused || object.Held[0].Record.String() != "deal/00" {
		t.Errorf("it says %s", out.String())
	}
}
