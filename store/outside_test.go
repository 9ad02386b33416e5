package store_test

import (
	"fmt"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// orderLine is a change that an application dropped as stale, with what the application holds now.
func orderLine(key, local, server, version string) string {
	return `{"type":"change","key":"` + key + `","record":"order/7","base_version":3,"base":{"status":"new","note":""},` +
		`"local":` + local + `,"local_by":"ana","local_at":"2026-11-22T08:00:00Z","local_ref":{"row":12},` +
		`"server":` + server + `,"server_version":` + version + `,"server_by":"app","server_at":"2026-11-22T08:30:00Z","server_ref":"7"}`
}

func resolutions(t *testing.T, s *store.Store, after int64) []string {
	t.Helper()
	var out []string
	if err := s.EachResolution(t.Context(), after, func(r store.Resolution) error {
		out = append(out, asJSON(t, r))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatAnOutsideSystemHoldsBecomesTheHead(t *testing.T) {
	s := newStore(t)
	a := push(t, s, orderLine("k1", `{"status":"paid","note":""}`, `{"status":"new","note":"call"}`, "4"))
	wantAnswer(t, a, store.Merged, 5, 0)
	wantRecord(t, s, "order/7", 5, `{"note":"call","status":"paid"}`)
	wantRows(t, s, `SELECT number, cause, who, outside FROM dovetail_version ORDER BY number`, "4 import app 4", "5 merge ana NULL")
	want := `{"type":"resolution","resolution":1,"key":"k1","record":"order/7","version":5,"server_version":4,` +
		`"result":{"note":"call","status":"paid"},"by":"ana","at":"2026-11-22T09:00:03Z","server_ref":"7","local_ref":{"row":12}}`
	if got := resolutions(t, s, 0); len(got) != 1 || stripTimes(got[0]) != stripTimes(want) {
		t.Errorf("the lines are %s\nwant %s", got, want)
	}
	wantSum(t, s)
}

func TestAChangeThatAppliesToAnOutsideSystemIsALineToo(t *testing.T) {
	s := newStore(t)
	wantAnswer(t, push(t, s, orderLine("k1", `{"status":"paid","note":""}`, `{"status":"new","note":""}`, "4")), store.Applied, 5, 0)
	if got := resolutions(t, s, 0); len(got) != 1 {
		t.Errorf("the lines are %s", got)
	}
}

func TestTheSameOutsideLineAgainDoesNotTakeAResolutionBack(t *testing.T) {
	s := newStore(t)
	line := orderLine("k1", `{"status":"paid","note":""}`, `{"status":"sent","note":""}`, "4")
	wantAnswer(t, push(t, s, line), store.Conflicted, 4, 1)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	wantRecord(t, s, "order/7", 5, `{"note":"","status":"paid"}`)
	s = reopen(t, s)
	wantAnswer(t, push(t, s, line), store.Conflicted, 4, 1)
	// Another change of the same system, exported at the same time, knows no more either.
	wantAnswer(t, push(t, s, orderLine("k2", `{"status":"new","note":"x"}`, `{"status":"sent","note":""}`, "4")), store.Merged, 6, 0)
	wantRecord(t, s, "order/7", 6, `{"note":"x","status":"paid"}`)
	wantSum(t, s)
	wantChain(t, s)
}

func TestAnOlderOutsideNumberNeverGoesBack(t *testing.T) {
	s := newStore(t)
	push(t, s, orderLine("k1", `{"status":"new","note":"x"}`, `{"status":"sent","note":""}`, "6"))
	wantRecord(t, s, "order/7", 7, `{"note":"x","status":"sent"}`)
	wantAnswer(t, push(t, s, orderLine("k2", `{"status":"new","note":"x"}`, `{"status":"old","note":""}`, "5")), store.Converged, 7, 0)
	wantRecord(t, s, "order/7", 7, `{"note":"x","status":"sent"}`)
	wantRows(t, s, `SELECT outside_version, outside_seen FROM dovetail_record`, "6 6")
}

func TestAnOutsideNumberThatIsNotLargerIsKeptBesideOurs(t *testing.T) {
	s := newStore(t)
	line := orderLine("k1", `{"status":"paid","note":""}`, `{"status":"sent","note":""}`, "4")
	push(t, s, line)
	resolve(t, s, 1, merge.TakeLocal, "bo") // version 5 here
	// The guarded update found no row: somebody had edited there, and it is version 5 there as well.
	a := push(t, s, orderLine("k1", `{"status":"paid","note":""}`, `{"status":"lost","note":""}`, "5"))
	wantAnswer(t, a, store.Conflicted, 6, 1)
	wantRows(t, s, `SELECT number, cause, outside FROM dovetail_version ORDER BY number`, "4 import 4", "5 resolution NULL", "6 import 5")
	c, err := s.Case(t.Context(), 1)
	if err != nil || c.Conflict.State != merge.Open || string(c.Sides.Server) != `{"note":"","status":"lost"}` {
		t.Errorf("the conflict is %+v, %v", c, err)
	}
	w := resolve(t, s, 1, merge.TakeLocal, "bo")
	if w.Version != 7 {
		t.Errorf("written is %+v", w)
	}
	got := resolutions(t, s, 1)
	want := `{"type":"resolution","resolution":2,"conflict":1,"key":"k1","record":"order/7","version":7,"server_version":5,` +
		`"result":{"note":"","status":"paid"},"decisions":{"/status":"local"},"by":"bo","at":"2026-11-22T09:00:10Z","server_ref":"7","local_ref":{"row":12}}`
	if len(got) != 1 || stripTimes(got[0]) != stripTimes(want) {
		t.Errorf("the lines are %s\nwant %s", got, want)
	}
	wantSum(t, s)
	wantChain(t, s)
}

func TestStandingDecisionsAreKeptWhenAnOutsideChangeIsMergedAgain(t *testing.T) {
	s := newStore(t)
	const local = `{"status":"paid","note":"mine"}`
	push(t, s, orderLine("k1", local, `{"status":"sent","note":"theirs"}`, "4"))
	resolve(t, s, 1, merge.TakeLocal, "bo")
	// One of the two fields is another now: its decision falls, the other stands.
	push(t, s, orderLine("k1", local, `{"status":"lost","note":"theirs"}`, "5"))
	wantKind(t, s, 1, merge.EditEdit, "/note", "/status")
	d, err := s.Draft(t.Context(), 1, "bo")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Decisions) != 1 || d.Decisions["/note"].Choice != merge.TakeLocal || len(d.Moved) != 1 || d.Moved[0] != "/status" {
		t.Errorf("the draft is %+v", d)
	}
	wantSum(t, s)
}

func TestAMergeThatTheOutsideSystemNeverTookIsDoneAgain(t *testing.T) {
	s := newStore(t)
	const local = `{"status":"paid","note":""}`
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"new","note":"a"}`, "4")), store.Merged, 5, 0)
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"new","note":"b"}`, "5")), store.Merged, 7, 0)
	wantRecord(t, s, "order/7", 7, `{"note":"b","status":"paid"}`)
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"lost","note":"b"}`, "6")), store.Conflicted, 8, 1)
	wantSum(t, s)
	wantChain(t, s)
}

func TestAChangeThatTheOutsideSystemTookIsNotDoneAgain(t *testing.T) {
	s := newStore(t)
	const local = `{"status":"paid","note":""}`
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"new","note":"a"}`, "4")), store.Merged, 5, 0)
	// The system wrote the result, as its version 5, and later somebody edited it there. Its list of dropped writes
	// still holds the change.
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"paid","note":"a"}`, "5")), store.Merged, 5, 0)
	wantAnswer(t, push(t, s, orderLine("k1", local, `{"status":"refunded","note":"a"}`, "6")), store.Merged, 5, 0)
	wantRecord(t, s, "order/7", 6, `{"note":"a","status":"refunded"}`)
	wantSum(t, s)
}

func TestAResolutionThatTheOutsideSystemTookIsNotAskedForAgain(t *testing.T) {
	s := newStore(t)
	const local = `{"status":"paid","note":""}`
	first := push(t, s, orderLine("k1", local, `{"status":"sent","note":""}`, "4"))
	resolve(t, s, 1, merge.TakeLocal, "bo")
	for _, later := range [][2]string{{"5", `{"status":"paid","note":""}`}, {"6", `{"status":"refunded","note":""}`}} {
		a := push(t, s, orderLine("k1", local, later[1], later[0]))
		wantAnswer(t, a, first.Outcome, first.Version, first.Conflict)
		wantRows(t, s, `SELECT state FROM dovetail_conflict`, "resolved")
	}
	wantRecord(t, s, "order/7", 6, `{"note":"","status":"refunded"}`)
	wantSum(t, s)
}

func TestEachOutsideChangeIsItsOwnConflict(t *testing.T) {
	s := newStore(t)
	const server = `{"status":"sent","note":""}`
	wantAnswer(t, push(t, s, orderLine("k1", `{"status":"paid","note":""}`, server, "4")), store.Conflicted, 4, 1)
	wantAnswer(t, push(t, s, orderLine("k2", `{"status":"lost","note":""}`, server, "4")), store.Conflicted, 4, 2)
	wantSum(t, s)
}

func TestASystemWithoutNumbers(t *testing.T) {
	s := newStore(t)
	line := func(key, local, server string) string {
		return `{"key":"` + key + `","record":"a/1","base":{"x":1,"y":1},"local":` + local + `,"server":` + server + `}`
	}
	wantAnswer(t, push(t, s, line("k1", `{"x":2,"y":1}`, `{"x":3,"y":1}`)), store.Conflicted, 1, 1)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	wantAnswer(t, push(t, s, line("k2", `{"x":1,"y":5}`, `{"x":3,"y":1}`)), store.Merged, 3, 0)
	wantRecord(t, s, "a/1", 3, `{"x":2,"y":5}`)
	wantAnswer(t, push(t, s, line("k3", `{"x":1,"y":1}`, `{"x":4,"y":1}`)), store.Converged, 4, 0)
	wantSum(t, s)
}

func TestARecordThatIsDeletedOutside(t *testing.T) {
	s := newStore(t)
	a := push(t, s, orderLine("k1", `{"status":"paid","note":""}`, `null`, "4"))
	wantAnswer(t, a, store.Conflicted, 4, 1)
	wantKind(t, s, 1, merge.EditDelete, "")
	resolve(t, s, 1, merge.TakeLocal, "bo")
	wantRecord(t, s, "order/7", 5, `{"note":"","status":"paid"}`)
}

// Records that were imported with their numbers are what the system held at each number.
func TestVersionsThatWereImportedAreTheSystemsOwn(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	a := push(t, s, `{"key":"k9","record":"deal/D-1042","base_version":3,"local":{"status":"negotiating","amount":1},
		"server":{"status":"open","amount":40000,"notes":"added"},"server_version":4}`)
	wantAnswer(t, a, store.Conflicted, 5, 2)
	wantKind(t, s, 2, merge.EditEdit, "/amount")
	wantRecord(t, s, "deal/D-1042", 5, `{"amount":50000,"notes":"added","status":"closed"}`)
}

func TestTheGuardIsTheNumberThatTheSystemGaveOurResult(t *testing.T) {
	s := newStore(t)
	push(t, s, orderLine("k1", `{"status":"paid","note":""}`, `{"status":"sent","note":""}`, "4"))
	resolve(t, s, 1, merge.TakeLocal, "bo")
	// The system wrote it, and counts by tens.
	wantAnswer(t, push(t, s, orderLine("k2", `{"status":"lost","note":""}`, `{"status":"paid","note":""}`, "14")), store.Conflicted, 5, 2)
	resolve(t, s, 2, merge.TakeLocal, "bo")
	var last store.Resolution
	if err := s.EachResolution(t.Context(), 1, func(r store.Resolution) error { last = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if last.Version != 6 || last.ServerVersion != 14 {
		t.Errorf("version %d is guarded by %d, want 6 by 14", last.Version, last.ServerVersion)
	}
}

func TestAVersionThatABaseToldOfIsTheSystemsOwn(t *testing.T) {
	s := newStore(t)
	const base = `"record":"a/1","base_version":9,"base":{"x":1,"y":1}`
	wantAnswer(t, push(t, s, `{"key":"k1",`+base+`,"local":{"x":2,"y":1}}`), store.Applied, 10, 0)
	wantAnswer(t, push(t, s, `{"key":"k2",`+base+`,"local":{"x":1,"y":2},"server":{"x":1,"y":1},"server_version":9}`), store.Merged, 11, 0)
	wantRecord(t, s, "a/1", 11, `{"x":2,"y":2}`)
}

func TestABaseByAnOutsideNumberTellsOfADeletionSince(t *testing.T) {
	s := newStore(t)
	const base = `"base":{"n":0,"s":"base"},"base_version":100`
	const line = `{"key":%q,"record":"d/1",%s,"local":{"n":0,"s":%q},"server":{"n":0,"s":%q},"server_version":%d}`
	load(t, s, `{"type":"record","record":"d/1","version":1,"fields":{"n":0,"s":"base"}}`)
	wantAnswer(t, push(t, s, fmt.Sprintf(line, "k0", base, "base", "base", 100)), store.Converged, 1, 0)
	for version, fields := range []merge.Document{nil, doc(`{"n":5,"s":"base"}`)} {
		if _, err := s.Write(t.Context(), store.Edit{Record: key("d/1"), Version: int64(version) + 1, Fields: fields}); err != nil {
			t.Fatal(err)
		}
	}
	wantAnswer(t, push(t, s, fmt.Sprintf(line, "k1", base, "mine", "base", 100)), store.Conflicted, 3, 1)
	wantRows(t, s, `SELECT base_version, recreated FROM dovetail_conflict`, "1 1")
	// Also when the system has a newer number.
	push(t, s, fmt.Sprintf(line, "k2", base, "mine", "other", 101))
	push(t, s, fmt.Sprintf(line, "k3", base, "again", "other", 101))
	wantRows(t, s, `SELECT base_version FROM dovetail_conflict`, "1", "1", "1")
}
