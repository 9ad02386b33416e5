package world

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// beginning is what every history of so many devices begins with: a hub with its rules and first records, and devices
// that have them. Making them takes a quarter of the time of a history, so that it is done once, and each history has
// copies of the files.
type beginning struct {
	files  [][]byte    // of the hub, and then of each device
	clocks []time.Time // theirs, likewise
	ids    int64       // how many were given out
}

// beginnings are those that were made, by the number of devices.
var beginnings = struct {
	sync.Mutex
	made map[int]*beginning
}{made: map[int]*beginning{}}

// beginningOf returns what a history of so many devices begins with.
func beginningOf(t testing.TB, devices int) *beginning {
	t.Helper()
	beginnings.Lock()
	defer beginnings.Unlock()
	if beginnings.made[devices] == nil {
		beginnings.made[devices] = begin(t, devices)
	}
	return beginnings.made[devices]
}

// begin makes a beginning.
func begin(t testing.TB, devices int) *beginning {
	t.Helper()
	dir, err := os.MkdirTemp(MemoryDir(), "dovetail-beginning-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w := &World{t: t, dir: dir, added: map[string]int64{}, told: map[string]string{},
		clock: &Clock{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}}
	w.makeHub()
	for i := range devices {
		w.makeDevice(i)
	}
	b := &beginning{clocks: []time.Time{w.clock.At}, ids: w.ids}
	for _, d := range w.Devices {
		b.clocks = append(b.clocks, d.clock.At)
	}
	w.Close()
	for i := range 1 + devices {
		file, err := os.ReadFile(w.file(i))
		w.must(err)
		b.files = append(b.files, file)
	}
	return b
}

// makeHub makes the hub of a world, with one record in each collection.
func (w *World) makeHub() {
	ctx := w.t.Context()
	var err error
	w.Hub, err = store.Create(ctx, w.file(0), w.options(w.clock))
	w.must(err)
	for collection, strategy := range map[string]merge.Strategy{"latest": merge.LastWriteWins, "replay": merge.OpReplay, opSum: merge.OpReplay} {
		w.must(w.Hub.SetStrategy(ctx, collection, strategy))
	}
	_, err = w.Hub.SetSchema(ctx, counterSum, merge.Document(`{"properties":{"n":{"default":0,"type":"number","x-merge":"counter"}}}`), "")
	w.must(err)
	_, err = w.Hub.SetSchema(ctx, "fields", merge.Document(`{"properties":{"f2":{"x-merge":"server"},"f3":{"x-merge":"latest"}}}`), "")
	w.must(err)
	for _, collection := range collections {
		for i := range recordsEach {
			w.write(w.Hub, store.Edit{Record: record(collection, i), Fields: merge.Document(`{"n":0}`), By: "office"})
		}
	}
}

// makeDevice makes the next device of a world, which gets all that the hub has over a good line. The name of the hub in it
// says nothing: a world's network knows where its hub is.
func (w *World) makeDevice(i int) {
	d := &Device{path: w.file(1 + i), clock: &Clock{At: w.clock.At.Add(time.Duration(i*i*37) * time.Minute)}}
	var err error
	d.s, err = store.CreateReplica(w.t.Context(), d.path, "hub.db", "", w.options(d.clock))
	w.must(err)
	w.Devices = append(w.Devices, d)
	_, err = replicate.Sync(w.t.Context(), d.s, w.Hub, nil)
	w.must(err)
}

// file is where a world has a file of its beginning.
func (w *World) file(i int) string {
	if i == 0 {
		return filepath.Join(w.dir, "hub.db")
	}
	return filepath.Join(w.dir, fmt.Sprintf("d%d.db", i-1))
}

// lay puts the files of a beginning into a world's directory, and opens them. No time goes by meanwhile.
func (w *World) lay(b *beginning) {
	w.ids = b.ids
	for i, file := range b.files {
		w.must(os.WriteFile(w.file(i), file, 0o600))
		clock := &Clock{At: b.clocks[i]}
		s, err := store.Open(w.t.Context(), w.file(i), w.options(clock))
		w.must(err)
		clock.At = b.clocks[i]
		if i == 0 {
			w.Hub, w.clock = s, clock
			continue
		}
		w.Devices = append(w.Devices, &Device{s: s, path: w.file(i), clock: clock})
	}
}
