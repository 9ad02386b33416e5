package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// forever is a trigger that never ends, and takes no room.
const forever = `CREATE TRIGGER forever AFTER UPDATE ON task WHEN NEW.text = 'long' BEGIN
	UPDATE task SET size = (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n) WHERE name = 'old';
END`

// all is a trigger that takes everything back.
const all = `CREATE TRIGGER al1 BEFORE UPDATE ON task WHEN NEW.text = 'all' BEGIN SELECT RAISE(ROLLBACK, 'not this'); END`

// TestWhoeverTakesAllBackIsAlone: only the change waits whose row a trigger takes all back for, with the reason, and the
// others go on, each once, with the times and devices that they came with.
func TestWhoeverTakesAllBackIsAlone(t *testing.T) {
	for text, says := range map[string]string{"all": "as SQLite says", "long": "it was not done after"} {
		t.Run(text, func(t *testing.T) {
			s, _, db := adoptedIn(t, 200*time.Millisecond, forever+";"+all)
			client(t, db, `INSERT INTO task VALUES ('b', 'b', 1), ('c', 'c', 1)`) // gathered again for each try
			lines := [][]byte{
				[]byte(`{"key":"1","record":"task/b","base_version":1,"local":{"name":"b","text":"x","size":1},"device":"d","sequence":1,` +
					`"local_at":"2026-11-22T09:00:00Z","sent_at":"2026-11-22T09:30:00Z"}`),
				[]byte(fmt.Sprintf(`{"key":"2","record":"task/old","base_version":1,"local":{"name":"old","text":%q,"size":1.5}}`, text)),
				[]byte(`{"key":"3","record":"task/b","base_version":2,"local":{"name":"b","text":"y","size":1},"device":"d","sequence":2}`),
				[]byte(fmt.Sprintf(`{"key":"4","record":"task/c","base_version":1,"local":{"name":"c","text":%q,"size":1}}`, text)),
				[]byte(`{"key":"5","record":"deal/1","local":{"x":1},"device":"d","sequence":1}`), // a copy of the device
			}
			answers, err := s.Deliver(t.Context(), lines)
			if err != nil {
				t.Fatal(err)
			}
			var outcomes []store.Outcome
			for _, a := range answers {
				outcomes = append(outcomes, a.Outcome)
			}
			if got := fmt.Sprint(outcomes); got != "[applied conflict applied conflict applied]" {
				t.Errorf("they come to %s", got)
			}
			for _, i := range []int{1, 3} {
				if e := answers[i].Error; !strings.Contains(e, says) || !strings.Contains(e, answers[i].Record.String()) {
					t.Errorf("it says %q", e)
				}
			}
			k, err := s.Case(t.Context(), answers[1].Conflict)
			if err != nil || k.Conflict.Kind != merge.RuleKind {
				t.Errorf("the conflict is %+v, %v", k, err)
			}
			wantRows(t, s, `SELECT * FROM task ORDER BY name`, "b y 1", "c c 1", "old there 1.5")
			wantRows(t, s, causes,
				`old 1 adopt - {"name":"old","size":1.5,"text":"there"}`,
				`b 1 write - {"name":"b","size":1.0,"text":"b"}`,
				`c 1 write - {"name":"c","size":1.0,"text":"c"}`,
				`b 2 write - {"name":"b","size":1.0,"text":"x"}`,
				`b 3 write - {"name":"b","size":1.0,"text":"y"}`,
				`1 1 write - {"x":1}`)
			wantRows(t, s, `SELECT local_at - received_at FROM dovetail_change WHERE key = '1'`, fmt.Sprint(-int64(30*time.Minute/time.Microsecond)))
			wantRows(t, s, `SELECT count(*) FROM dovetail_copied_device`, "1")
			wantSum(t, s)
			again, err := s.Deliver(t.Context(), lines)
			if err != nil || fmt.Sprint(again) != fmt.Sprint(answers) {
				t.Errorf("once more they come to %+v, %v, and came to %+v", again, err, answers)
			}

			// Once the trigger is gone, a person has it written.
			client(t, db, `DROP TRIGGER forever`, `DROP TRIGGER al1`)
			resolve(t, s, answers[1].Conflict, merge.TakeLocal, "bo")
			wantRows(t, s, `SELECT text FROM task WHERE name = 'old'`, text)
		})
	}
}

// TestAPersonIsToldWhatTakesAllBack, and nothing is written; the next one is not hurt.
func TestAPersonIsToldWhatTakesAllBack(t *testing.T) {
	s, _, db := adoptedIn(t, 200*time.Millisecond, forever+";"+all)
	for text, says := range map[string]string{"all": "as SQLite says", "long": "it was not done after 200ms"} {
		_, err := s.Write(t.Context(), store.Edit{Record: key("task/old"), Version: 1, By: "ana",
			Fields: doc(fmt.Sprintf(`{"name":"old","text":%q,"size":1.5}`, text))})
		var back *store.TakenBackError
		if !errors.As(err, &back) || back.Refused.Record != key("task/old") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: it says %v", text, err)
		}
	}
	push(t, s, `{"key":"l","record":"task/old","base_version":1,"local":{"name":"old","text":"yes","size":1.5}}`)
	client(t, db, `DROP TRIGGER forever`)
	wantRows(t, s, `SELECT * FROM task`, "old yes 1.5")
}

// TestWhoeverAskedMayEndIt: what has no end is cut short by whoever asked for it, and nothing of it is done.
func TestWhoeverAskedMayEndIt(t *testing.T) {
	s, _, _ := adoptedIn(t, time.Hour, forever)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := s.Push(ctx, []byte(`{"key":"1","record":"task/old","base_version":1,"local":{"name":"old","text":"long","size":1.5}}`))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
	wantRows(t, s, `SELECT * FROM task`, "old there 1.5")
	wantRows(t, s, `SELECT count(*) FROM dovetail_change`, "0")
	push(t, s, `{"key":"1","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`)
	wantRows(t, s, `SELECT * FROM task`, "old x 1.5")
}
