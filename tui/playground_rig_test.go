package tui

import (
	"context"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
)

// world stands for what the playground's screen is shown: views by the number of steps, and what was asked.
type world struct {
	views   []PlayView
	at      int
	went    []int
	acts    []PlayAct
	shown   []merge.Strategy
	taken   int
	refuses error
}

func (w *world) Go(_ context.Context, steps int) (PlayView, error) {
	w.went = append(w.went, steps)
	if steps >= 0 {
		w.at = steps
	}
	return w.views[w.at], nil
}

func (w *world) Act(_ context.Context, act PlayAct) (PlayView, error) {
	w.acts = append(w.acts, act)
	if w.refuses != nil {
		return PlayView{}, w.refuses
	}
	v := w.views[w.at]
	v.Steps = slices.Insert(slices.Clone(v.Steps), v.At, PlayStep{At: noon, Device: act.Device, Person: "ana", Words: "acts", Own: true})
	v.At++
	return v, nil
}

func (w *world) TakeOut(context.Context) (PlayView, error) {
	w.taken++
	return w.views[w.at], nil
}

func (w *world) Show(_ context.Context, s merge.Strategy) error {
	w.shown = append(w.shown, s)
	return nil
}

// apart is the smallest story: ana and diaz change one deal, and ana syncs in the last step. names are who and what it is
// about, and a value of ana's.
func apart(t testing.TB, device, who, record, note string) *world {
	t.Helper()
	key := merge.Key{Collection: "deal", ID: record}
	base := document(t, `{"status":"negotiating","amount":40000,"region":"north"}`)
	local := document(t, `{"status":`+note+`,"amount":50000,"region":"north"}`)
	server := document(t, `{"status":"open","amount":40000,"notes":"added","region":"north"}`)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes-180) * time.Minute) }
	steps := []PlayStep{
		{At: at(0), Device: "web", Person: "diaz", Words: "writes deal/" + record, Record: key},
		{At: at(10), Device: device, Person: who, Words: "syncs", Sync: true},
		{At: at(14), Device: device, Person: who, Words: "sets status=" + note + " of deal/" + record, Record: key},
		{At: at(40), Device: "web", Person: "diaz", Words: "sets status=open", Record: key},
		{At: at(60), Device: device, Person: who, Words: "syncs", Sync: true},
	}
	due := PlayMeet{Record: key, Device: device, Base: 3, Server: 4, LocalBy: who, ServerBy: "diaz", LocalAt: at(14), ServerAt: at(40), Fates: sidesOf(who, note)}
	versions := []PlayVersion{{Number: 1, By: "diaz"}, {Number: 2, By: "diaz"}, {Number: 3, By: "diaz"}, {Number: 4, By: "diaz"}}
	w := &world{at: 1}
	for n := range len(steps) + 1 {
		v := PlayView{Name: "deal", Title: "One deal, two people", Lesson: "Both sides changed the status, so a person decides that.",
			Begin: 1, At: n, Steps: steps}
		for s := range v.Worlds {
			one := &v.Worlds[s]
			hub, there := PlayCopy{Record: key, Version: 3, Fields: base}, PlayCopy{Record: key}
			if n >= 2 {
				there = hub
			}
			device := PlayDevice{Name: device, Person: who, Place: "tablet on the road", Up: n < 2 || n > 4}
			rec := PlayRecord{Record: key, Versions: versions[:3]}
			if n >= 3 {
				there = PlayCopy{Record: key, Version: 3, Fields: local, Pending: true, Changed: []string{"/amount", "/status"}}
				device.Unsent = 1
			}
			if n >= 4 {
				hub = PlayCopy{Record: key, Version: 4, Fields: server}
				rec.Versions = versions
				one.Due = []PlayMeet{due}
			}
			one.Said = "it waits until that syncs"
			if n == 5 {
				one.Due, device.Unsent = nil, 0
				met := metBy(merge.Strategy(s), due, sidesOf(who, note))
				if met.Waits {
					rec.Conflict, hub.Conflict, there.Conflict = 1, true, true
				} else {
					there = hub
				}
				one.Meets, one.Said = []PlayMeet{met}, "1 change: 1 needs you"
			}
			device.Copies = []PlayCopy{there}
			one.Hub, one.Records = []PlayCopy{hub}, []PlayRecord{rec}
			one.Devices = []PlayDevice{device, {Name: "web", Person: "diaz", Place: "office", Up: true, Live: true, Copies: []PlayCopy{hub}}}
		}
		w.views = append(w.views, v)
	}
	return w
}

// sidesOf are the fields of the story before anything became of them.
func sidesOf(who, note string) []PlayFate {
	return []PlayFate{
		{Path: "/amount", Base: "40000", Local: "50000", Server: "40000", LocalBy: who},
		{Path: "/notes", Server: `"added"`, ServerBy: "diaz"},
		{Path: "/status", Base: `"negotiating"`, Local: merge.Value(note), Server: `"open"`, LocalBy: who, ServerBy: "diaz"},
	}
}

// metBy is what a strategy makes of the two changes.
func metBy(s merge.Strategy, met PlayMeet, fates []PlayFate) PlayMeet {
	met.Step, met.Fates = 5, fates
	amount, notes, status := &fates[0], &fates[1], &fates[2]
	notes.Kept, notes.KeptBy = `"added"`, "diaz"
	status.Kept = `"open"`
	if s == merge.LastWriteWins {
		met.Outcome = "superseded"
		amount.Kept, amount.Lost = "40000", []PlayLost{{Value: "50000", By: met.LocalBy}}
		status.KeptBy, status.Lost = "diaz", []PlayLost{{Value: status.Local, By: met.LocalBy}}
		return met
	}
	met.Outcome, met.Waits, met.Conflict = "conflict", true, 1
	amount.Kept, amount.KeptBy = "50000", met.LocalBy
	status.Asked = true
	return met
}

func smallStory(t testing.TB) *world { return apart(t, "ana-7", "ana", "D-1042", `"closed"`) }

// playing shows a world, with questions.
func playing(t testing.TB, w *world, change ...func(*Config)) *rig {
	return newRig(t, newDesk(deal(t, 1)), append([]func(*Config){func(c *Config) { c.Play, c.Ask, c.Title = w, true, "PLAYGROUND deal" }}, change...)...)
}

func (w *world) wantWent(t *testing.T, want ...int) {
	t.Helper()
	if !slices.Equal(w.went, want) {
		t.Errorf("the playground was sent to %v, want %v", w.went, want)
	}
	w.went = nil
}
