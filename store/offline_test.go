package store_test

import (
	"fmt"
	"testing"
	"time"
)

// TestAConflictTellsHowLongItsEditWasOnItsWay: by the hub's clock, whatever that of the device says.
func TestAConflictTellsHowLongItsEditWasOnItsWay(t *testing.T) {
	for i, tt := range []struct {
		name, times string
		want        time.Duration
	}{
		{"made at six, and it is nine", `"local_at":"2026-11-22T06:00:00Z"`, 3 * time.Hour},
		{"a device that is five hours ahead", `"local_at":"2026-11-22T11:00:00Z","sent_at":"2026-11-22T14:00:00Z"`, 3 * time.Hour},
		{"a device that is ahead and says nothing of it", `"local_at":"2026-11-22T11:00:00Z"`, 0},
		{"made a minute ago", `"local_at":"2026-11-22T08:59:00Z"`, 0},
		{"a device that began anew in 1970", `"local_at":"1970-01-01T00:05:00Z"`, 0},
		{"nobody knows", `"local_by":"ana"`, 0},
		{"it was brought by another system", `"local_at":"2026-11-22T06:00:00Z","server":{"x":2},"server_by":"bo"`, 0},
	} {
		s := newStore(t)
		a := push(t, s, fmt.Sprintf(`{"key":"k%d","record":"deal/1","base":{"x":1},"local":{"x":3},%s}`, i, tt.times))
		if a.Conflict == 0 { // there is nothing yet that it could be in conflict with
			push(t, s, `{"key":"s","record":"deal/2","local":{"x":1}}`)
			push(t, s, `{"key":"t","record":"deal/2","base_version":1,"local":{"x":2}}`)
			a = push(t, s, `{"key":"u","record":"deal/2","base_version":1,"local":{"x":3},`+tt.times+`}`)
		}
		c, err := s.Case(t.Context(), a.Conflict)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := c.Local.Offline().Truncate(time.Minute); got != tt.want {
			t.Errorf("%s: %v, want %v (%+v)", tt.name, got, tt.want, c.Local)
		}
		if c.Server.Offline() != 0 || c.Base.Offline() != 0 {
			t.Errorf("%s: another side is said to have been offline: %+v", tt.name, c)
		}
	}
}
