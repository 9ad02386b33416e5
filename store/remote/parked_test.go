package remote_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
)

// TestParkedIsThatOfTheFile: the same list, however long its lines are and however much is asked for at once, and the same
// answers.
func TestParkedIsThatOfTheFile(t *testing.T) {
	r := newRig(t)
	for i := range 7 {
		line := fmt.Sprintf(`{"type":"wish","key":"w%d <&>","record":"deal/%d","what":%q}`, i, i, strings.Repeat("x", (i%3)*(3<<20)))
		if a, err := r.file.Push(t.Context(), []byte(line)); err != nil || a.Outcome != store.Parked {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	hub := r.as("ana")
	for _, after := range []int64{0, 3} {
		for _, limit := range []int{0, 1, 2, 5, 100} {
			want, err := r.file.Parked(t.Context(), after, limit)
			got, err2 := hub.Parked(t.Context(), after, limit)
			if err := errors.Join(err, err2); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("after %d, %d of them: %d, want %d, %v", after, limit, len(got), len(want), err)
			}
		}
	}
	if _, err := r.as("reader").Parked(t.Context(), 0, 1); err != nil {
		t.Errorf("a reader: %v", err)
	}
	if _, err := r.as("reader").Retry(t.Context(), "w1 <&>"); !errors.Is(err, remote.ErrForbidden) {
		t.Errorf("a reader takes one in again: %v", err)
	}
	got, err := hub.Retry(t.Context(), "w1 <&>")
	want, err2 := r.file.Retry(t.Context(), "w1 <&>")
	if err := errors.Join(err, err2); err != nil || !reflect.DeepEqual(got, want) || got.Outcome != store.Parked {
		t.Errorf("%+v, want %+v, %v", got, want, err)
	}
	if _, err := hub.Retry(t.Context(), "nobody's"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("one that is not parked: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := hub.Parked(ended, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
