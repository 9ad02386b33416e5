package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

const state = `
	SELECT (SELECT count(*) FROM dovetail_record), (SELECT count(*) FROM dovetail_version), (SELECT count(*) FROM dovetail_change),
		(SELECT count(*) FROM dovetail_conflict), (SELECT count(*) FROM dovetail_document), (SELECT count(*) FROM dovetail_resolution)`

// stream hides that its input could be read twice.
type stream struct{ io.Reader }

func TestAnImportOfTheStandardLoad(t *testing.T) {
	alone(t)
	const records = 400 // more than two chunks of lines
	lines := loadLines(t, records)
	for name, reader := range map[string]func() io.Reader{
		"from a file":   func() io.Reader { return bytes.NewReader(lines) },
		"from a stream": func() io.Reader { return stream{bytes.NewReader(lines)} },
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			s := newStore(t)
			want := store.Tally{Records: 2 * records, Merged: records - records/10, Conflicts: records / 10}
			var first []string
			var done int64
			tally, err := s.Import(t.Context(), reader(), store.ImportOptions{Progress: func(n, total int64) {
				if n <= done || n > total || total != int64(len(lines)) {
					t.Errorf("progress goes from %d to %d of %d", done, n, total)
				}
				done = n
			}}, func(a store.Answer) error {
				first = append(first, fmt.Sprintf("%+v", a))
				return nil
			})
			if err != nil || tally != want || done != int64(len(lines)) {
				t.Fatalf("the tally is %+v, %v, want %+v; %d of %d bytes", tally, err, want, done, len(lines))
			}
			checkLoad(t, s, records)
			before := ask(t, s, state)
			s = reopen(t, s)
			var again []string
			tally, err = s.Import(t.Context(), reader(), store.ImportOptions{}, func(a store.Answer) error {
				again = append(again, fmt.Sprintf("%+v", a))
				return nil
			})
			if err != nil || tally != want || !slices.Equal(first, again) {
				t.Errorf("again the tally is %+v, %v; answers are the same: %v", tally, err, slices.Equal(first, again))
			}
			if after := ask(t, s, state); !slices.Equal(after, before) {
				t.Errorf("again rows are %q, before %q", after, before)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind are %v, %v", left, err)
			}
			wantSum(t, s)
		})
	}
}

// checkLoad compares every record with a merge made here.
func checkLoad(t *testing.T, s *store.Store, records int) {
	t.Helper()
	load := fixtures.Standard(records)
	number := 0
	for k, sides := range load.Triples() {
		want := sides.Server
		if !load.Conflicts(number) {
			want = merge.Record(sides, nil).Document
		}
		r, err := s.Get(t.Context(), k)
		if err != nil || string(r.Fields) != string(want) {
			t.Fatalf("%s is %s, %v, want %s", k, r.Fields, err, want)
		}
		number++
	}
	wantSum(t, s)
	wantChain(t, s)
}

func TestAnImportThatWasBrokenOffGoesOn(t *testing.T) {
	const records = 400
	lines := loadLines(t, records)
	s := newStore(t)
	broken := errors.New("the reader of the answers went away")
	n := 0
	_, err := s.Import(t.Context(), bytes.NewReader(lines), store.ImportOptions{}, func(store.Answer) error {
		if n++; n > 300 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) {
		t.Fatalf("it says %v", err)
	}
	wantSum(t, s) // what was taken in so far is whole
	s = reopen(t, s)
	answers := 0
	tally, err := s.Import(t.Context(), bytes.NewReader(lines), store.ImportOptions{}, func(store.Answer) error { answers++; return nil })
	if want := (store.Tally{Records: 2 * records, Merged: records - records/10, Conflicts: records / 10}); err != nil || tally != want || answers != records {
		t.Errorf("the tally is %+v, %v, with %d answers, want %+v", tally, err, answers, want)
	}
	checkLoad(t, s, records)
}

func TestAnImportThatIsCancelledLeavesWholeChunks(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Import(ctx, bytes.NewReader(loadLines(t, 700)), store.ImportOptions{}, func(store.Answer) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	wantRows(t, s, `SELECT lines % 1000 FROM dovetail_exchange`, "0")
	wantSum(t, s)
	wantChain(t, s)
}

func TestAnImportOfASilentPipeEndsWithItsContext(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	s := newStore(t)
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		io.WriteString(w, dealV3+"\n") // returns once it was read
		cancel()
	}()
	if _, err := s.Import(ctx, r, store.ImportOptions{}, func(store.Answer) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind are %v, %v", left, err)
	}
	wantRows(t, s, `SELECT count(*) FROM dovetail_record`, "0")
}

// Lines without a number are told apart from news only by the input that they stand in.
func TestRecordsWithoutNumbersAreTakenOnceFromTheSameInput(t *testing.T) {
	s := newStore(t)
	lines := []string{
		`{"type":"record","record":"a/1","fields":{"x":1},"by":"ana","at":"2026-01-01T00:00:00+01:00"}`,
		`{"type":"record","record":"a/1","fields":{"x":2}}`,
		`{"type":"record","record":"a/1","fields":{"x":1}}`,
		`{"type":"record","record":"a/2","fields":null}`,
	}
	for range 3 {
		load(t, s, lines...)
		wantRecord(t, s, "a/1", 3, `{"x":1}`)
	}
	load(t, s, append(lines, `{"type":"record","record":"a/1","fields":{"x":7}}`)...)
	if r := get(t, s, "a/1"); string(r.Fields) != `{"x":7}` {
		t.Errorf("a longer input ends with %s", r.Fields)
	}
	wantRows(t, s, `SELECT who, edited_at, cause FROM dovetail_version WHERE number = 1`, "ana 1767222000000000 import")
}

func TestTheSameInputTwiceAtOnceIsTakenOnce(t *testing.T) {
	s := newStore(t)
	var in strings.Builder
	in.WriteString(`{"key":"k","record":"a/1","local":{"x":1}}` + "\n")
	for i := range 999 {
		fmt.Fprintf(&in, `{"type":"record","record":"b/%d","fields":{}}`+"\n", i)
	}
	in.WriteString(`{"type":"record","record":"c/1","fields":{"x":1}}` + "\n" + `{"type":"record","record":"c/1","fields":{"x":2}}`)
	again := false
	run := func(answer func(store.Answer) error) error {
		_, err := s.Import(t.Context(), strings.NewReader(in.String()), store.ImportOptions{}, answer)
		return err
	}
	if err := run(func(store.Answer) error { // after the first chunk, the whole of it by somebody else
		again = true
		return run(func(store.Answer) error { return nil })
	}); err != nil || !again {
		t.Fatal(again, err)
	}
	wantRecord(t, s, "c/1", 2, `{"x":2}`)
	wantSum(t, s)
}

func TestRecordsThatContradictWhatIsKnownAreRefused(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	answers := load(t, s,
		`{"type":"record","record":"deal/D-1042","version":2,"fields":{"status":"old"}}`,
		dealV3,
		`{"type":"record","record":"deal/D-1042","version":9,"fields":{"status":"jump"}}`,
		`{"type":"record","record":"deal/D-1042","version":4,"fields":{"status":"other"}}`)
	if len(answers) != 2 || answers[0].Error != "version 2 comes too late: version 4 is here" || answers[1].Error != "version 4 is known with other fields" ||
		answers[1].Outcome != store.Refused || answers[1].Record != key("deal/D-1042") {
		t.Errorf("the answers are %+v", answers)
	}
	wantRecord(t, s, "deal/D-1042", 9, `{"status":"jump"}`)
	st, err := s.Status(t.Context(), "")
	if err != nil || st.Last == nil || st.Last.Tally != (store.Tally{Records: 2, Refused: 2}) || st.Last.Kind != "import" {
		t.Errorf("the status is %+v, %v", st.Last, err)
	}
	wantSum(t, s)
	wantChain(t, s)
}

// Two histories that went apart are not spliced: the later versions of the one do not go on top of the other.
func TestWhatFollowsARefusedRecordIsRefusedToo(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3)
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 3, Fields: doc(`{"status":"ours"}`), By: "kim"}); err != nil {
		t.Fatal(err)
	}
	theirs := []string{dealV3, dealV4, `{"type":"record","record":"deal/D-1042","version":5,"fields":{"status":"theirs"}}`,
		`{"type":"record","record":"deal/D-1042","fields":{"status":"last"}}`, `{"type":"record","record":"deal/1","version":5,"fields":{}}`}
	for range 2 {
		answers := load(t, s, theirs...)
		if len(answers) != 3 || answers[0].Error != "version 4 is known with other fields" || answers[1].Error != "it follows a version that is known with other fields" {
			t.Errorf("the answers are %+v", answers)
		}
		wantRecord(t, s, "deal/D-1042", 4, `{"status":"ours"}`)
		wantRecord(t, s, "deal/1", 5, `{}`)
	}
	wantSum(t, s)
}

func TestAnImportedRecordMovesItsConflicts(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	load(t, s, `{"type":"record","record":"deal/D-1042","version":5,"fields":{"status":"won","amount":1}}`)
	wantKind(t, s, 1, merge.EditEdit, "/amount", "/status")
	wantRows(t, s, `SELECT server_version, revision FROM dovetail_conflict`, "5 2")
}

func TestALineThatIsTooLongIsRefusedWithoutBeingHeld(t *testing.T) {
	s := newStore(t)
	endless := io.MultiReader(strings.NewReader(`{"key":"`), io.LimitReader(zeros{}, 64<<20))
	_, err := s.Import(t.Context(), stream{endless}, store.ImportOptions{}, func(store.Answer) error { return nil })
	var bad *store.LineError
	if !errors.As(err, &bad) || bad.Line != 1 || !strings.Contains(err.Error(), "at most") {
		t.Errorf("it says %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// An input that is still written is taken in as far as it was checked.
func TestAnImportStopsWhereTheInputEndedAtFirst(t *testing.T) {
	alone(t)
	first := string(loadLines(t, 400))
	cut := strings.LastIndexByte(first[:len(first)/2], '\n') + 1
	for name, c := range map[string]struct {
		second string
		want   error
	}{
		"it grew":       {second: first + `{"type":"rec`},
		"it shrank":     {second: first[:cut], want: store.ErrChanged},
		"it is another": {second: strings.Replace(first, `"version":2`, `"version":3`, 1), want: store.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lines")
			if err := os.WriteFile(path, []byte(first), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			in := &rewritten{File: f, size: int64(len(first)), rewrite: func() error { return os.WriteFile(path, []byte(c.second), 0o600) }}
			s := newStore(t)
			if _, err = s.Import(t.Context(), in, store.ImportOptions{}, func(store.Answer) error { return nil }); !errors.Is(err, c.want) {
				t.Errorf("it says %v, want %v", err, c.want)
			}
			wantSum(t, s)
		})
	}
}

// rewritten is a file that becomes another one as soon as it has been read to its end.
type rewritten struct {
	*os.File
	size    int64
	rewrite func() error
}

func (r *rewritten) ReadAt(p []byte, from int64) (int, error) {
	n, err := r.File.ReadAt(p, from)
	if r.rewrite == nil || from+int64(n) < r.size {
		return n, err
	}
	if failed := r.rewrite(); failed != nil {
		return n, failed
	}
	r.rewrite = nil
	return n, err
}

func TestAnImportReadsFromWhereTheFileStands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(path, []byte("skip me\n"+dealV3+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(8, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	s := newStore(t)
	tally, err := s.Import(t.Context(), f, store.ImportOptions{}, func(store.Answer) error { return nil })
	if err != nil || tally.Records != 1 {
		t.Errorf("the tally is %+v, %v", tally, err)
	}
}

func TestWhatIsExportedCanBeImported(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	push(t, s, `{"key":"d","record":"deal/D-1042","base_version":5,"local":null,"device":"z","sequence":1}`)
	push(t, s, `{"key":"e","record":"account/<&>é","local":{"<&>":"\u2028"},"device":"z","sequence":2}`)
	export := func(s *store.Store) string {
		var out strings.Builder
		if err := s.EachRecord(t.Context(), func(r store.RecordLine) error {
			out.WriteString(asJSON(t, r) + "\n")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	lines := export(s)
	if n := strings.Count(lines, "\n"); n != 5 || !strings.HasPrefix(lines, `{"type":"record","record":"account/`) {
		t.Errorf("%d lines were exported: %s", n, lines)
	}
	other := newStore(t)
	load(t, other, lines)
	if got := export(other); got != lines {
		t.Errorf("exported again it is\n%s\nfirst\n%s", got, lines)
	}
}

func TestExportsGoOverManyPages(t *testing.T) {
	const records = 300
	s := newStore(t)
	load(t, s, string(loadLines(t, records)))
	seen, last := 0, ""
	if err := s.EachRecord(t.Context(), func(r store.RecordLine) error {
		at := fmt.Sprintf("%s %08d", r.Record, r.Version)
		if at <= last {
			t.Errorf("%s comes after %s", at, last)
		}
		seen, last = seen+1, at
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := 2*records + records - records/10; seen != want {
		t.Errorf("%d versions were exported, want %d", seen, want)
	}
	all := 0
	if err := s.EachResolution(t.Context(), 0, func(r store.Resolution) error {
		if all++; r.Resolution != int64(all) || r.Conflict != 0 || r.ServerVersion != 2 || r.Version != 3 {
			t.Errorf("resolution %d is %+v", all, r)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if all != records-records/10 {
		t.Errorf("%d resolutions were exported", all)
	}
	stop := errors.New("enough")
	if err := s.EachResolution(t.Context(), 100, func(r store.Resolution) error {
		if r.Resolution != 101 {
			t.Errorf("after 100 comes %d", r.Resolution)
		}
		return stop
	}); !errors.Is(err, stop) {
		t.Errorf("it says %v", err)
	}
}
