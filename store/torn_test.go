package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/faultfs"
)

// TestAFileThatWasLeftInTheMiddleOfACheckpointOpens, wherever the process ended: some pages of the file are new then, its
// head tells of others that are not there yet, and the log has them all.
func TestAFileThatWasLeftInTheMiddleOfACheckpointOpens(t *testing.T) {
	alone(t)
	const records = 30
	text := strings.Repeat("x", 10_000)
	for n := 1; ; n++ {
		dir := t.TempDir()
		disk, err := faultfs.Watch(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "test.db")
		s, err := store.Create(t.Context(), path, options())
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if _, err := s.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "deal", ID: fmt.Sprint(i)},
				Fields: doc(fmt.Sprintf(`{"n":%d,"x":%q}`, i, text)), By: "ana"}); err != nil {
				t.Fatal(err)
			}
		}
		disk.Arm(faultfs.Fault{On: faultfs.Changes, At: n, Effect: faultfs.Kill})
		_ = s.Close()
		hit := disk.Hits() > 0
		if err := disk.Restart(); err != nil {
			t.Fatal(err)
		}
		again, err := store.Open(t.Context(), path, options())
		if err != nil {
			t.Fatalf("ended before operation %d of the checkpoint: %v", n, err)
		}
		for i := range records {
			wantRecord(t, again, fmt.Sprintf("deal/%d", i), 1, fmt.Sprintf(`{"n":%d,"x":%q}`, i, text))
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if err := disk.Release(); err != nil {
			t.Fatal(err)
		}
		if !hit {
			if n < 10 {
				t.Errorf("the checkpoint has %d operations", n-1)
			}
			return
		}
	}
}

// TestAHalfWrittenFileIsReadWithItsLog: what the file alone says of itself may be nothing at all, while the log has it.
func TestAHalfWrittenFileIsReadWithItsLog(t *testing.T) {
	s := newStore(t)
	if err := s.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil { // the page that names the schema is in the log
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "half.db")
	for _, end := range []string{"", "-wal"} {
		content, err := os.ReadFile(s.Info().Path + end)
		if err != nil {
			t.Fatal(err)
		}
		if end == "-wal" && len(content) == 0 {
			t.Fatal("there is no log")
		}
		if err := os.WriteFile(path+end, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if end == "" {
			db := writable(t, path)
			_, err := db.ExecContext(t.Context(), `DELETE FROM dovetail_meta`)
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	half, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	if half.Info().Generation != s.Info().Generation {
		t.Errorf("it is %+v", half.Info())
	}
}
